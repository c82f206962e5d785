"""A command of rldbs that another one has started, and that ends with it: ``python -m rldbs.child PARENT WORD…``."""

import sys

from rldbs.children import end_with

if __name__ == "__main__":
    parent, *words = sys.argv[1:]
    end_with(int(parent))
    from rldbs.cli import main

    main(words)
