"""Puts the extension that RLDBS_EXTENSION names in the place of the installed one.

Import it before rldbs, or give it to pytest with ``-p tests.core.sanitized``.
"""

import os
import sys
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader

NAME = "rldbs.core._native"

_loader = ExtensionFileLoader(NAME, os.environ["RLDBS_EXTENSION"])
_spec = spec_from_loader(NAME, _loader)
assert _spec is not None
sys.modules[NAME] = module_from_spec(_spec)
_loader.exec_module(sys.modules[NAME])
