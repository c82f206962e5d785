"""Environments by the name of a model and Python arguments, and the ids under which Gymnasium knows them.

Gymnasium and the configuration are loaded when the first environment is made, so that the command line answers at once.
"""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from rldbs.envs.rendering import METADATA

if TYPE_CHECKING:
    from gymnasium.vector import AutoresetMode

    from rldbs.envs.sb3 import PopulationSB3VecEnv
    from rldbs.envs.single import PopulationEnv
    from rldbs.envs.vector import PopulationVectorEnv

IDS = {"rldbs/BvdP-v1": "bvdp", "rldbs/BvdPChaotic-v1": "bvdp_chaotic", "rldbs/HindmarshRose-v1": "hr"}
"""Gymnasium id → neuron model. The version rises with that of the physics, which is one more."""


def make(
    model: str = "bvdp", seed: int | None = None, render_mode: str | None = None, threads: int = 1, **overrides: Any
) -> "PopulationEnv":
    """One population under control, a Gymnasium environment.

    Args:
        model: name of a neuron model.
        seed: as for :class:`rldbs.envs.single.PopulationEnv`; so are ``render_mode`` and ``threads``.
        **overrides: settings by dotted key, by unique last part of it, or a group's option by the group's name.

    Raises:
        SettingError: an argument is not allowed, or an override names no setting or has a value that is not allowed.

    Example:
        >>> import rldbs
        >>> env = rldbs.make("bvdp", seed=0, neurons=100)
        >>> observation, info = env.reset()
        >>> observation, reward, terminated, truncated, info = env.step(env.action_space.sample())
    """
    from rldbs.config.python_arguments import make_loop_settings
    from rldbs.envs.single import PopulationEnv

    return PopulationEnv(make_loop_settings(model, overrides), seed, render_mode, threads)


def make_vec(
    model: str = "bvdp",
    num_envs: int = 1,
    seed: int | Sequence[int] | None = None,
    autoreset_mode: "AutoresetMode | str" = "NextStep",
    render_mode: str | None = None,
    threads: int = 1,
    max_episode_steps: int | None = None,
    **overrides: Any,
) -> "PopulationVectorEnv":
    """Populations that step together, in one call of the C core for each step.

    Args:
        model: name of a neuron model.
        num_envs: as for :class:`rldbs.envs.vector.PopulationVectorEnv`; so are all that follow.
        **overrides: as for :func:`make`.

    Raises:
        SettingError: as for :func:`make`.
    """
    from rldbs.config.python_arguments import make_loop_settings
    from rldbs.envs.vector import PopulationVectorEnv

    settings = make_loop_settings(model, overrides)
    return PopulationVectorEnv(settings, num_envs, seed, autoreset_mode, render_mode, threads, max_episode_steps)


def make_sb3(
    model: str = "bvdp", num_envs: int = 1, seed: int | Sequence[int] | None = None, threads: int = 1, **overrides: Any
) -> "PopulationSB3VecEnv":
    """The same as Stable-Baselines3 takes them, for a learner of one's own."""
    import secrets

    from rldbs.config.python_arguments import make_loop_settings
    from rldbs.control.loop import ClosedLoop
    from rldbs.envs.sb3 import PopulationSB3VecEnv

    first = secrets.randbits(62) if seed is None else seed
    return PopulationSB3VecEnv(ClosedLoop(make_loop_settings(model, overrides), num_envs, first, threads))


vars(make)["metadata"] = vars(make_vec)["metadata"] = METADATA  # where Gymnasium looks for it before it makes anything


def register() -> None:
    """Tell Gymnasium the ids of :data:`IDS`, now if it is loaded, else as soon as it is.

    Gymnasium has no entry points for packages like this one, and loading it here would double the time in which the
    command line answers.
    """
    if "gymnasium" in sys.modules:
        _register()
    else:
        sys.meta_path.insert(0, _AfterGymnasium())


def _register() -> None:
    import gymnasium

    for env_id, model in IDS.items():
        gymnasium.register(
            env_id,
            entry_point="rldbs.environments:make",
            vector_entry_point="rldbs.environments:make_vec",
            kwargs={"model": model},
        )


class _AfterGymnasium:
    """A finder that waits for the first import of Gymnasium, and registers when it is done."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "gymnasium":
            return None
        sys.meta_path.remove(self)
        spec = find_spec(fullname)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_register(module: ModuleType) -> None:
                execute(module)
                _register()

            spec.loader.exec_module = execute_and_register  # type: ignore[method-assign]
        return spec
