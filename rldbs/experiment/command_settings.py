"""What decides an experiment: one typed record per command."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from rldbs.agents.settings import AgentSettings, LearnerSettings
from rldbs.agents.settings.teacher import Teacher
from rldbs.analysis.tradeoff import Tradeoff, tradeoff
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.model_settings import ModelSettings
from rldbs.runs.json_fields import FINAL
from rldbs.trackers.tracker import Tracker


@dataclass(frozen=True)
class Protocol:
    """Free → stimulated → relaxed, on populations that training has not seen. Lengths in integration steps."""

    episodes: Annotated[int, Ge(1), Le(10_000)] = 8
    """Populations, all measured at once."""
    free: Annotated[int, Ge(100), Le(10**8)] = 10_000
    stimulated: Annotated[int, Ge(100), Le(10**8)] = 15_000
    onset: Annotated[int, Ge(0), Le(10**8)] = 5_000
    """Integration steps after stimulation starts that are left out of ``suppression``."""
    relaxed: Annotated[int, Ge(0), Le(10**8)] = 5_000
    seed: Annotated[int, Ge(0)] = 1_000_000
    """Draws the populations."""


@dataclass(frozen=True)
class Checkpoints:
    """How often a training run is measured and written."""

    every: Annotated[int, Ge(1), Le(10**12)]
    """Environment steps between two measurements on unseen populations, each followed by a checkpoint."""
    episodes: Annotated[int, Ge(1), Le(1000)]
    """Populations of such a measurement."""
    stimulated: Annotated[int, Ge(100), Le(10**8)]
    """Integration steps under control, of which the first third is onset."""
    relaxed: Annotated[int, Ge(0), Le(10**8)]
    """Integration steps after that without stimulation."""
    most_kick: Annotated[float, Gt(0)]
    """A policy whose mean abs kick is above this is the best one only where none keeps the limits."""
    least_activity: Annotated[float, Ge(0), Le(1)]
    """So is one that leaves the neurons less activity than this."""
    objective: Literal["suppression", "onset", "error_index", "lasting", "bursts"]
    """What the best policy has: the largest S, of oscillators the least R; or the least product of latency and
    energy to suppress; of networks of cells the least RMS current of those with an error index up to 0.02, or
    the least error index where none has; likewise of rate models, with a time in bursts up to 0.01; of networks
    with plastic synapses the least charge to last."""
    policy: Literal["deterministic", "stochastic"]
    """How it acts in these measurements."""
    kept: Annotated[int, Ge(1), Le(10**6)]
    """Newest checkpoints that are kept, beside the best one."""
    oscillators: bool = field(default=False, metadata={"elsewhere": True})
    """Whether the model is one of phase oscillators."""

    @property
    def tradeoff(self) -> Tradeoff:
        """What the best policy is chosen by, and what that costs."""
        return tradeoff(self.objective, self.oscillators)


@dataclass(frozen=True)
class TrainSettings:
    """All that decides a training run."""

    seed: Annotated[int, Ge(0), Le(2**32 - 1)]
    steps: Annotated[int, Ge(1), Le(10**12)]
    """Environment steps, all environments together."""
    envs: Annotated[int, Ge(1), Le(100_000)]
    threads: Annotated[int, Ge(1), Le(256)]
    loop: LoopSettings
    agent: LearnerSettings
    checkpoints: Checkpoints
    protocol: Protocol
    tracker: Tracker | None
    teacher: Teacher | None
    """Whom the learner imitates first; None for nobody."""
    config: Mapping[str, object]
    """The configuration as it was composed, for the run folder."""

    @property
    def final(self) -> "EvaluateSettings":
        """What is measured at the end of the run: its best checkpoint, on its protocol's populations."""
        return EvaluateSettings(
            seed=self.seed,
            threads=self.threads,
            name=FINAL,
            checkpoint="best",
            loop=self.loop,
            agent=self.agent,
            protocol=self.protocol,
            config=self.config,
        )


@dataclass(frozen=True)
class EvaluateSettings:
    """All that decides a measurement."""

    seed: Annotated[int, Ge(0), Le(2**32 - 1)]
    """Draws the actions of the stochastic policy."""
    threads: Annotated[int, Ge(1), Le(256)]
    name: str
    """Folder under ``evaluation/`` of the run."""
    checkpoint: str
    """``best``, ``last`` or a number of environment steps."""
    loop: LoopSettings
    agent: AgentSettings
    protocol: Protocol
    config: Mapping[str, object]
    animation: bool = False
    """Whether a film is written too."""
    folder: Path | None = None
    """A run folder of its own that the user has named for it; None where that is not asked for."""
    made_for: LoopSettings | None = None
    """The environment for which a controller that learns nothing is made; None for that in which it is measured."""

    @property
    def agent_name(self) -> str:
        """Name of the agent in the configuration."""
        agent = self.config["agent"]
        assert isinstance(agent, Mapping)
        return str(agent["name"])


@dataclass(frozen=True)
class Point:
    """One measurement of a response curve."""

    line: str
    """What the curve it belongs to is called."""
    value: int | float | str
    """Of the key that is varied."""
    overrides: Mapping[str, str]
    """The values of this point, by every key that is varied."""
    folder: str
    """Name of its folder, and of its settings in config.yaml."""
    run: Path | None
    settings: EvaluateSettings


@dataclass(frozen=True)
class CurveSettings:
    """All that decides a set of response curves."""

    key: str
    """The key whose values are the x axis."""
    points: tuple[Point, ...]
    """Curve by curve, each in the order of the values."""
    floor: bool
    """Whether uncoupled populations are measured too: the model is what is varied."""


@dataclass(frozen=True)
class StressPanel:
    """Response curves of all controllers under one stress."""

    name: str
    key: str
    """The setting that the stress varies."""
    axis: str
    """What the axis is called."""
    values: tuple[int | float | str, ...]
    points: tuple[Point, ...]
    """Those that can be measured: curve by curve, each in the order of the values."""

    @property
    def floor(self) -> bool:
        """Whether the model is what is varied."""
        return self.key.partition(".")[0] == "model"


@dataclass(frozen=True)
class StressSettings:
    """All that decides a stress test."""

    panels: tuple[StressPanel, ...]
    left_out: tuple[str, ...]
    """What cannot be measured, and why, one line each."""
    nominal: Mapping[str, Mapping[str, object]]
    """The configuration of every controller without a stress, by what its curves are called."""

    @property
    def points(self) -> tuple[Point, ...]:
        """Those of all panels, in their order."""
        return tuple(point for panel in self.panels for point in panel.points)


@dataclass(frozen=True)
class SimulateSettings:
    """All that decides a look at a free population."""

    seed: Annotated[int, Ge(0), Le(2**32 - 1)]
    steps: Annotated[int, Ge(100), Le(10**9)]
    """Integration steps to show, after the transient."""
    populations: Annotated[int, Ge(1), Le(10_000)]
    threads: Annotated[int, Ge(1), Le(256)]
    model: ModelSettings
    config: Mapping[str, object]
    calibrate: bool = False
    """Whether what a model's file says of its rhythm is measured too."""
    animation: bool = False
    """Whether to write a film of oscillators in tissue, too."""
