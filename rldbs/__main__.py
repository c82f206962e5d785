"""``python -m rldbs``: the command line, where its program is not on the path."""

from rldbs.cli import main

if __name__ == "__main__":
    main()
