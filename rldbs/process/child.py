"""``python -m rldbs.process.child PARENT MODULE WORD…``: a module run for another process, which ends with that."""

import runpy
import sys

from rldbs.process.children import end_with

if __name__ == "__main__":
    parent, module, *words = sys.argv[1:]
    end_with(int(parent))
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
