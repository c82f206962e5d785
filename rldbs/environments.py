"""Environments by Python arguments, also those of an experiment or a run, and the ids under which Gymnasium knows them.

Gymnasium and the configuration are loaded when the first environment is made, so that the command line answers at once.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from rldbs.envs.rendering import METADATA

if TYPE_CHECKING:
    from gymnasium.vector import AutoresetMode

    from rldbs.control.loop_settings import LoopSettings
    from rldbs.envs.sb3 import PopulationSB3VecEnv
    from rldbs.envs.single import PopulationEnv
    from rldbs.envs.vector import PopulationVectorEnv

IDS = {"rldbs/BvdP-v1": "bvdp", "rldbs/BvdPChaotic-v1": "bvdp_chaotic", "rldbs/HindmarshRose-v1": "hr"}
"""Gymnasium id → neuron model. The version rises with that of the physics, which is one more."""


Named = str | os.PathLike[str]
"""A run: a path, the beginning of a name, ``last``, or ``zoo:NAME``."""


def make(
    model: str | None = None,
    seed: int | None = None,
    render_mode: str | None = None,
    threads: int = 1,
    *,
    experiment: str | None = None,
    run: Named | None = None,
    **overrides: Any,
) -> "PopulationEnv":
    """One population under control, a Gymnasium environment.

    Observations are float32 (size,), as the recording says; actions float32 (action_size,) in [−1, 1], scaled by
    ``stimulus.amplitude``, or a whole number where the stimulus has levels. ``info`` has physical units.

    Args:
        model: name of a neuron model; ``bvdp`` where nothing else says which.
        seed: as for :class:`rldbs.envs.single.PopulationEnv`; so are ``render_mode`` and ``threads``.
        experiment: the environment of these complete, named settings.
        run: the environment of this run, on the populations on which it was trained; a path, the beginning of a name,
            ``last``, ``zoo:NAME``, or what :func:`rldbs.load` gives.
        **overrides: settings by dotted key, by unique last part of it, or a group's option by the group's name;
            ``config_dir``, a directory with groups and options of one's own, such as a model. A
            ``reward``, ``stimulus``, ``recording`` or ``coupling`` may also be an object of one's own, without state.

    Raises:
        SettingError: an argument is not allowed, or an override names no setting or has a value that is not allowed.
        RunError: there is no such run, or it is damaged.

    Example:
        >>> import rldbs
        >>> env = rldbs.make("bvdp", seed=0, neurons=100)
        >>> observation, info = env.reset()
        >>> observation, reward, terminated, truncated, info = env.step(env.action_space.sample())
    """
    from rldbs.envs.single import PopulationEnv

    return PopulationEnv(_settings(model, experiment, run, overrides), seed, render_mode, threads)


def make_vec(
    model: str | None = None,
    num_envs: int = 1,
    seed: int | Sequence[int] | None = None,
    autoreset_mode: "AutoresetMode | str" = "NextStep",
    render_mode: str | None = None,
    threads: int = 1,
    max_episode_steps: int | None = None,
    *,
    experiment: str | None = None,
    run: Named | None = None,
    **overrides: Any,
) -> "PopulationVectorEnv":
    """Populations that step together, in one call of the C core for each step; a Gymnasium vector environment.

    Observations are float32 (num_envs, size), actions float32 (num_envs, action_size) or whole numbers (num_envs,).

    Args:
        model: as for :func:`make`; so are ``experiment``, ``run`` and ``overrides``.
        num_envs: as for :class:`rldbs.envs.vector.PopulationVectorEnv`; so are all up to ``max_episode_steps``.

    Raises:
        SettingError, RunError: as for :func:`make`.

    Example:
        >>> venv = rldbs.make_vec("bvdp", num_envs=4, seed=0, neurons=100)
        >>> venv.reset()[0].shape
        (4, 80)
    """
    from rldbs.envs.vector import PopulationVectorEnv

    settings = _settings(model, experiment, run, overrides)
    return PopulationVectorEnv(settings, num_envs, seed, autoreset_mode, render_mode, threads, max_episode_steps)


def make_sb3(
    model: str | None = None,
    num_envs: int = 1,
    seed: int | Sequence[int] | None = None,
    threads: int = 1,
    *,
    experiment: str | None = None,
    run: Named | None = None,
    **overrides: Any,
) -> "PopulationSB3VecEnv":
    """The same as Stable-Baselines3 takes them, a ``VecEnv`` for a learner of one's own.

    Args:
        model: as for :func:`make`; so are ``experiment``, ``run`` and ``overrides``.
        num_envs: environments in the batch.
        seed: an integer, or one for each environment; drawn where it is None.
        threads: threads for the populations; no result depends on it.

    Raises:
        SettingError, RunError: as for :func:`make`.
    """
    import secrets

    from rldbs.control.loop import ClosedLoop
    from rldbs.envs.sb3 import PopulationSB3VecEnv

    first = secrets.randbits(62) if seed is None else seed
    return PopulationSB3VecEnv(ClosedLoop(_settings(model, experiment, run, overrides), num_envs, first, threads))


def _settings(
    model: str | None, experiment: str | None, run: Named | None, overrides: Mapping[str, Any]
) -> "LoopSettings":
    from rldbs.config.python_arguments import make_loop_settings

    return make_loop_settings(model, {"experiment": experiment, "run": run, **overrides})


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
