"""Closed-loop deep brain stimulation on synthetic neuronal populations.

The public names are loaded when they are first used, so that the command line answers at once.
"""

import sys

if sys.argv[:1] == ["-m"] and not sys.flags.safe_path and "rldbs" in {word.split(".")[0] for word in sys.orig_argv}:
    del sys.path[0]  # python -m rldbs.… would import from the current folder, before all others

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rldbs.envs import register

if TYPE_CHECKING:
    from rldbs.core.ensemble import Ensemble as Ensemble
    from rldbs.envs.sb3 import PopulationSB3VecEnv
    from rldbs.envs.single import PopulationEnv
    from rldbs.envs.vector import PopulationVectorEnv

__all__ = ["Ensemble", "make", "make_sb3", "make_vec"]
__version__ = "0.1.0"


def make(model: str = "bvdp", seed: int | None = None, **overrides: Any) -> "PopulationEnv":
    """One population under control, a Gymnasium environment; arguments: see :class:`.envs.single.PopulationEnv`."""
    from rldbs.envs.single import PopulationEnv

    return PopulationEnv(model, seed, **overrides)


def make_vec(
    model: str = "bvdp", num_envs: int = 1, seed: int | None = None, **overrides: Any
) -> "PopulationVectorEnv":
    """Populations that step together. Arguments: see :class:`rldbs.envs.vector.PopulationVectorEnv`."""
    from rldbs.envs.vector import PopulationVectorEnv

    return PopulationVectorEnv(model, num_envs, seed, **overrides)


def make_sb3(
    model: str = "bvdp", num_envs: int = 1, seed: int | Sequence[int] | None = None, threads: int = 1, **overrides: Any
) -> "PopulationSB3VecEnv":
    """The same as Stable-Baselines3 takes them, for a learner of one's own."""
    from rldbs.config import make_loop_settings
    from rldbs.control.loop import ClosedLoop
    from rldbs.envs.sb3 import PopulationSB3VecEnv

    first = secrets.randbits(62) if seed is None else seed
    return PopulationSB3VecEnv(ClosedLoop(make_loop_settings(model, overrides), num_envs, first, threads))


def __getattr__(name: str) -> Any:
    if name == "Ensemble":
        from rldbs.core.ensemble import Ensemble

        return Ensemble
    raise AttributeError(f"module 'rldbs' has no attribute {name!r}")


register()
