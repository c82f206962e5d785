"""What decides a search: its limits, its ranges, the populations that it measures on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from rldbs.analysis.tradeoff import OBJECTIVES, Tradeoff, tradeoff
from rldbs.config.decimals import on_grid
from rldbs.experiment.command_settings import EvaluateSettings, Protocol, TrainSettings
from rldbs.process.shell import to_type

Number = int | float
Value = int | float | bool | str
Values = Mapping[str, Value]
"""A value for every key that is searched."""

BATCH = 8
"""Trials of a controller that is not trained are suggested, and as far as possible measured, so many at a time."""
DIGITS = 4
"""Significant digits of a suggested number, so that what is written is what was measured."""


@dataclass(frozen=True)
class Tune:
    """The section ``tune``."""

    objective: Literal["suppression", "front", "onset", "lasting", "bursts"]
    """The best of one tradeoff, or all best compromises of the one of that name."""
    trials: Annotated[int, Ge(1), Le(100_000)]
    most_kick: Annotated[float, Gt(0)]
    """A trial whose mean abs kick is above this is no candidate."""
    least_activity: Annotated[float, Ge(0), Le(1)]
    """Nor is one that leaves the neurons less activity than this."""
    episodes: Annotated[int, Ge(1), Le(1000)]
    free: Annotated[int, Ge(100), Le(10**8)] | None
    stimulated: Annotated[int, Ge(100), Le(10**8)] | None
    """Integration steps under control, of which the first half is onset."""
    relaxed: Annotated[int, Ge(0), Le(10**8)]
    """Integration steps after that without stimulation."""
    seed: Annotated[int, Ge(0)] | None
    """Draws the populations."""
    oscillators: bool = field(default=False, metadata={"elsewhere": True})
    """Whether the model is one of phase oscillators, whose suppression is that of R."""
    cells: bool = field(default=False, metadata={"elsewhere": True})
    """Whether it is a network of cells, whose front is that of the error index."""

    @property
    def whole_front(self) -> bool:
        """Whether all best compromises are sought."""
        return self.objective in OBJECTIVES

    @property
    def tradeoff(self) -> Tradeoff:
        """What is sought, and what it costs."""
        return tradeoff(self.objective, self.oscillators, self.cells)

    def protocol(self, period: int, seed: int) -> Protocol:
        """How a trial is measured on populations of a seed, for a rhythm with a period of so many integration steps."""
        free = max(4000, 5 * period) if self.free is None else self.free
        stimulated = max(6000, 7 * period) if self.stimulated is None else self.stimulated
        return Protocol(self.episodes, free, stimulated, stimulated // 2, self.relaxed, seed)


@dataclass(frozen=True)
class Axis:
    """A key, and the values among which to look."""

    key: str
    text: str
    """As it is written: ``tag(log,interval(1e-4,1))``."""
    choices: tuple[Value, ...] = ()
    """The values themselves, where they are written out; else they are numbers between ``low`` and ``high``."""
    low: Number = 0
    high: Number = 0
    step: Number | None = None
    """Distance of the numbers, where there is one."""
    log: bool = False

    @property
    def whole(self) -> bool:
        """Whether it holds whole numbers only."""
        return not self.choices and isinstance(self.low, int) and isinstance(self.high, int)

    def holds(self, value: object) -> bool:
        """Whether a value is one of them."""
        if self.choices:
            return any(
                value == choice and isinstance(value, bool) is isinstance(choice, bool) for choice in self.choices
            )
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        if not self.low <= value <= self.high or (self.whole and not float(value).is_integer()):
            return False
        return self.step is None or abs((value - self.low) / self.step % 1 - 0.5) > 0.5 - 1e-9

    def rounded(self, value: Value) -> Value:
        """The value, to so many digits as are written, and still one of them."""
        if self.choices or self.whole or isinstance(value, str):
            return value
        if self.step is not None:
            return on_grid(value, self.low, self.step)
        return min(max(float(f"{value:.{DIGITS}g}"), self.low), self.high)


@dataclass(frozen=True)
class TuneSettings:
    """All that decides a search."""

    seed: int
    """Draws the suggestions, and all that a training run draws."""
    threads: int
    tune: Tune
    trial_protocol: Protocol
    """How a trial is measured."""
    axes: tuple[Axis, ...]
    candidate: Callable[[Values], EvaluateSettings | TrainSettings]
    """The experiment with these values in it.

    Raises:
        SettingError: they do not go together.
    """
    fixed: Mapping[str, object]
    """The settings that the command line gave a value, as far as they belong to what was found."""
    comments: Mapping[str, str]
    """What each setting is, by its key."""
    config: Mapping[str, object]
    """The configuration as it was composed, for the run folder."""
    equations: str | None
    """The fingerprint of equations of the user's; None where the model is one of the core's."""

    @property
    def command(self) -> str:
        """The command that began the search."""
        return to_type("tune", *self.config["overrides"])  # type: ignore[misc]

    @property
    def agent(self) -> str:
        """Its name in the configuration."""
        return str(self.config["agent"]["name"])  # type: ignore[index]

    @property
    def model(self) -> str:
        """Its name in the configuration."""
        return str(self.config["model"]["name"])  # type: ignore[index]

    @property
    def own(self) -> Values | None:
        """The values of the configuration as it stands; None where one lies outside the ranges."""
        found = {axis.key: value_at(self.config, axis.key) for axis in self.axes}
        inside = all(axis.holds(found[axis.key]) for axis in self.axes)
        return {key: value for key, value in found.items() if isinstance(value, Value)} if inside else None


def written(value: object) -> str:
    """A value for a table, or as it stands after the ``=`` of an override."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def line_of(values: Values) -> str:
    """All values on a line, as overrides."""
    return " ".join(f"{key}={written(value)}" for key, value in values.items())


def value_at(config: Mapping[str, object], key: str) -> object:
    """The value of a dotted key of nested mappings.

    Raises:
        KeyError: there is no such key.
    """
    found: object = config
    for name in key.split("."):
        if not isinstance(found, Mapping):
            raise KeyError(key)
        found = found[name]
    return found
