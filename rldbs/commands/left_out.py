"""What of installed packages does not count, told once at the end of a command that has looked for it."""

import os
import sys

from rldbs.process.terminal import complain

LOOKED = "rldbs.config.settings_files"
"""The module that looks for options of packages; a command that needs none has not loaded it."""
COMPLETING = "_RLDBS_COMPLETE"
"""The variable with which a shell asks what may follow: nothing else may be said then."""


def tell_left_out() -> None:
    """Tell of every plug-in that was left out, and why."""
    if LOOKED not in sys.modules or COMPLETING in os.environ:
        return
    from rldbs.config.settings_files import refused_roots
    from rldbs.core.plugins import refused

    for line in (*refused(), *refused_roots()):
        complain(line)
