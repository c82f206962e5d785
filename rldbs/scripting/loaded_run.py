"""A run as an object: what it was told, what it has learned, what was measured."""

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rldbs.analysis.three_digits import three_digits
from rldbs.config.recorded_sections import recorded_sections
from rldbs.core.errors import RunError, SettingError, shown, visible
from rldbs.environments import make, make_vec
from rldbs.files.folder import Folder
from rldbs.runs.checkpoint import numbered
from rldbs.runs.find import find_run, read_meta, read_metrics, read_run
from rldbs.runs.json_fields import FINAL
from rldbs.runs.places import EVALUATION, ROOT
from rldbs.runs.zoo import PREFIX, shipped
from rldbs.scripting.columns import Columns, read_columns
from rldbs.scripting.evaluation import Evaluation
from rldbs.scripting.recorded_trajectory import RecordedTrajectory

if TYPE_CHECKING:
    from rldbs.envs.single import PopulationEnv
    from rldbs.envs.vector import PopulationVectorEnv
    from rldbs.scripting.run_policy import Policy


def found(run: object, directory: object = ROOT) -> Path:
    """The folder of a training run, absolute.

    Raises:
        RunError, SettingError: there is no such run, or an argument is no name.
    """
    return Path(os.path.abspath(find_run(named("run", run), Path(named("directory", directory)), key=None)))


def named(name: str, value: object) -> str:
    """A name or a path as text.

    Raises:
        SettingError: it is neither.
    """
    if not isinstance(value, str | os.PathLike):
        raise SettingError(f"{name}={shown(value)}: must be a name or a path")
    return str(os.fspath(value))


class Run:
    """A training run: what stands in its folder, as objects.

    What can change while it is at work, as its progress, is read anew whenever it is asked for. Wherever a run is named
    by its path, a ``Run`` can stand.

    Args:
        path: the run folder.

    Attributes:
        path: the run folder, absolute.
        config: all that decided the run, as plain containers; a copy, and what the run goes by stays as it is.

    Raises:
        RunError: its configuration cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._folder = Folder(path)
        self.config = recorded_sections(path)

    def __fspath__(self) -> str:
        return str(self.path)

    @property
    def name(self) -> str:
        """``<model>-<agent>/<name>``, as runs are called, or ``zoo:NAME``."""
        return f"{PREFIX}{self.path.name}" if shipped(self.path) else f"{self.path.parent.name}/{self.path.name}"

    @property
    def meta(self) -> dict[str, Any]:
        """What meta.json says, as ``steps``, ``steps_done``, ``started``, ``versions``, ``training_time`` (seconds);
        nothing of a policy that comes with the package."""
        return read_meta(self.path)

    @property
    def status(self) -> str:
        """``running``, ``done``, ``failed``, ``interrupted``, or ``unknown`` without a meta.json."""
        return read_run(self.path).status

    @property
    def checkpoints(self) -> tuple[int, ...]:
        """Environment steps after which there are checkpoints by number, beside ``best``."""
        return tuple(int(folder.name) for folder in numbered(self._folder / "checkpoints"))

    @property
    def evaluations(self) -> dict[str, Evaluation]:
        """What was measured, by name; that at the end of the run is ``final``."""
        names = [name for name in (self._folder / EVALUATION).names() if not name.startswith(".")]
        return {name: Evaluation(self.path, name) for name in names if read_metrics(self._folder, name)}

    @property
    def metrics(self) -> dict[str, Any]:
        """Those of the evaluation at its end: see :attr:`.Evaluation.metrics`.

        Raises:
            RunError: it was not measured.
        """
        return self._final().metrics

    @property
    def trajectory(self) -> RecordedTrajectory:
        """The recording of the evaluation at its end, as arrays: see :attr:`.Evaluation.trajectory`.

        Raises:
            RunError: it was not measured, or the recording cannot be read.
        """
        return self._final().trajectory

    @property
    def progress(self) -> Columns:
        """The columns of progress.csv by name, each float64 (rows,): a row for each rollout, NaN where it has no value.

        ``steps`` counts environment steps, ``time`` seconds; ``rldbs guide training`` tells of the others.

        Raises:
            RunError: there is none, or it cannot be read.
        """
        file = self._folder.file("progress.csv")
        if not file.there:
            raise RunError(f"{self.name}: has no progress.csv")
        return read_columns(file)

    @cached_property
    def policy(self) -> "Policy":
        """The deterministic policy of the best checkpoint; torch is not needed for it.

        Raises:
            RunError: there is no checkpoint, or it is damaged.
        """
        return self.load_policy()

    def load_policy(
        self, checkpoint: str | int = "best", stochastic: bool = False, seed: int | None = None
    ) -> "Policy":
        """The policy of a checkpoint.

        Args:
            checkpoint: ``best``, ``last``, or one of :attr:`checkpoints`.
            stochastic: whether its actions are drawn, as they are in training.
            seed: draws them; the run's own where it is None.

        Raises:
            RunError: there is no such checkpoint, or it is damaged.
            SettingError: the learner has no stochastic policy.
        """
        from rldbs.agents.settings import LearnerSettings
        from rldbs.commands.evaluate import evaluation
        from rldbs.experiment.trained_policies import policy_weights
        from rldbs.scripting.run_policy import Policy

        settings, _, _ = evaluation([f"run={self.path}", f"checkpoint={checkpoint}"], None)
        agent = settings.agent
        assert isinstance(agent, LearnerSettings)
        if stochastic and not agent.stochastic:
            raise SettingError(f"stochastic=True: {settings.agent_name} learns a deterministic policy")
        weights, steps = policy_weights(agent, settings.loop, self.path, settings.checkpoint)
        generator = np.random.default_rng(settings.seed if seed is None else seed) if stochastic else None
        return Policy(agent, settings.loop, weights, steps, generator)

    def make_env(
        self, seed: int | None = None, render_mode: str | None = None, threads: int = 1, **overrides: Any
    ) -> "PopulationEnv":
        """The environment in which it was trained: :func:`rldbs.make` with ``run=``.

        Args:
            seed: as for :func:`rldbs.make`; so are all others.

        Raises:
            SettingError: as for :func:`rldbs.make`.
        """
        return make(seed=seed, render_mode=render_mode, threads=threads, run=self, **overrides)

    def make_vec(
        self, num_envs: int = 1, seed: int | Sequence[int] | None = None, threads: int = 1, **overrides: Any
    ) -> "PopulationVectorEnv":
        """A batch of them: :func:`rldbs.make_vec` with ``run=``.

        Args:
            num_envs: as for :func:`rldbs.make_vec`; so are all others.

        Raises:
            SettingError: as for :func:`rldbs.make_vec`.
        """
        return make_vec(num_envs=num_envs, seed=seed, threads=threads, run=self, **overrides)

    def __repr__(self) -> str:
        config, meta = self.config, self.meta
        parts = [f"{config['agent'].get('name')} on {config['model'].get('name')}", f"seed {config['seed']}"]
        parts += [] if shipped(self.path) else [self.status]
        if isinstance(meta.get("steps_done"), int) and isinstance(meta.get("steps"), int):
            parts.append(f"{meta['steps_done']:,} of {meta['steps']:,} steps")
        suppression = read_run(self.path).suppression
        if suppression is not None:
            parts.append(f"S {three_digits(suppression)}")
        return visible(f"<Run {self.name}: {', '.join(parts)}>")

    def _final(self) -> Evaluation:
        if not read_metrics(self._folder, FINAL):
            raise RunError(f"{self.name}: has no measurement of its own; rldbs.evaluate(run) makes one")
        return Evaluation(self.path, FINAL)
