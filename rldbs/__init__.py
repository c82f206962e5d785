"""Closed-loop deep brain stimulation on synthetic neuronal populations.

The public names are loaded when they are first used, so that the command line answers at once.
"""

import sys

if sys.argv[:1] == ["-m"] and not sys.flags.safe_path and "rldbs" in {word.split(".")[0] for word in sys.orig_argv}:
    del sys.path[0]  # python -m rldbs.… would import from the current folder, before all others

from typing import TYPE_CHECKING, Any

from rldbs.environments import make, make_sb3, make_vec, register

if TYPE_CHECKING:
    from rldbs.core.cell_network import CellNetwork as CellNetwork
    from rldbs.core.ensemble import Ensemble as Ensemble
    from rldbs.core.phase_network import PhaseNetwork as PhaseNetwork

__all__ = ["CellNetwork", "Ensemble", "PhaseNetwork", "make", "make_sb3", "make_vec"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name == "Ensemble":
        from rldbs.core.ensemble import Ensemble

        return Ensemble
    if name == "CellNetwork":
        from rldbs.core.cell_network import CellNetwork

        return CellNetwork
    if name == "PhaseNetwork":
        from rldbs.core.phase_network import PhaseNetwork

        return PhaseNetwork
    raise AttributeError(f"module 'rldbs' has no attribute {name!r}")


register()
