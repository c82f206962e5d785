"""Closed-loop deep brain stimulation on synthetic neuronal populations.

The public names are loaded when they are first used, so that the command line answers at once.
"""

import sys

if sys.argv[:1] == ["-m"] and not sys.flags.safe_path and "rldbs" in {word.split(".")[0] for word in sys.orig_argv}:
    del sys.path[0]  # python -m rldbs.… would import from the current folder, before all others

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rldbs.environments import make, make_sb3, make_vec, register

if TYPE_CHECKING:
    from rldbs.core.cell_network import CellNetwork as CellNetwork
    from rldbs.core.ensemble import Ensemble as Ensemble
    from rldbs.core.errors import DivergedError as DivergedError
    from rldbs.core.errors import RldbsError as RldbsError
    from rldbs.core.errors import RunError as RunError
    from rldbs.core.errors import SettingError as SettingError
    from rldbs.core.phase_network import PhaseNetwork as PhaseNetwork
    from rldbs.core.plastic_network import PlasticNetwork as PlasticNetwork
    from rldbs.runs.listed_runs import listed_runs as runs
    from rldbs.scripting.evaluation import Evaluation as Evaluation
    from rldbs.scripting.load import load as load
    from rldbs.scripting.loaded_run import Run as Run
    from rldbs.scripting.loaded_search import Search as Search
    from rldbs.scripting.loaded_tables import Results as Results
    from rldbs.scripting.option_checks import check as check
    from rldbs.scripting.train_and_evaluate import evaluate as evaluate
    from rldbs.scripting.train_and_evaluate import resume as resume
    from rldbs.scripting.train_and_evaluate import train as train

LATER = {
    "CellNetwork": "core.cell_network",
    "DivergedError": "core.errors",
    "Ensemble": "core.ensemble",
    "Evaluation": "scripting.evaluation",
    "PhaseNetwork": "core.phase_network",
    "PlasticNetwork": "core.plastic_network",
    "RldbsError": "core.errors",
    "Results": "scripting.loaded_tables",
    "Run": "scripting.loaded_run",
    "RunError": "core.errors",
    "Search": "scripting.loaded_search",
    "SettingError": "core.errors",
    "check": "scripting.option_checks",
    "evaluate": "scripting.train_and_evaluate",
    "load": "scripting.load",
    "resume": "scripting.train_and_evaluate",
    "train": "scripting.train_and_evaluate",
}
"""Public names that are loaded when they are first used, and their modules."""

__all__ = [
    "CellNetwork",
    "DivergedError",
    "Ensemble",
    "Evaluation",
    "PhaseNetwork",
    "PlasticNetwork",
    "Results",
    "RldbsError",
    "Run",
    "RunError",
    "Search",
    "SettingError",
    "check",
    "evaluate",
    "load",
    "make",
    "make_sb3",
    "make_vec",
    "resume",
    "runs",
    "train",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name == "runs":
        return import_module("rldbs.runs")  # a package that can be called
    if name in LATER:
        return getattr(import_module(f"rldbs.{LATER[name]}"), name)
    raise AttributeError(f"module 'rldbs' has no attribute {name!r}", name=name, obj=sys.modules[__name__])


def __dir__() -> list[str]:
    return sorted([*__all__, "__doc__", "__file__", "__name__", "__path__", "__spec__", "__version__"])


register()
