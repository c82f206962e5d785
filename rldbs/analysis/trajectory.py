"""The recording of one evaluation: free, stimulated and relaxed phase of several populations."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from rldbs.analysis.archive import read_arrays
from rldbs.analysis.raster import checked_watched, neurons_of
from rldbs.core.window_sums import largest
from rldbs.files.file import File
from rldbs.files.user_file import Target, writable

SCHEMA = 1

_AXES = {
    "field": "ETV",
    "kicks": "EK",
    "neuron_std_free": "EN",
    "neuron_std_stimulated": "EN",
    "reward": "E",
    "raster": "SM",
}


def _axes(kicks: int) -> Mapping[str, str]:
    """The axes of every array, where the kicks have so many."""
    return {**_AXES, "kicks": "EKC" if kicks == 3 else "EK"}


_EVENTS = {"spikes": 3, "pulses": 2}
"""Numbers that each event has."""
_OPTIONAL = (*_EVENTS, "raster_neurons")
"""What is not in every file."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Trajectory:
    """What one evaluation of E independent populations recorded, free → stimulated → relaxed.

    Time is counted in integration steps; T is the length of all three phases together, V the number of
    state variables of a neuron, N the number of neurons, M the number of neurons in the raster.

    Raises:
        ValueError: a shape does not fit the others, or a number is out of its range.
    """

    field: NDArray[np.float64]
    """Mean field of every variable after each step, (E, T, V); variable 0 is x."""
    kicks: NDArray[np.float64]
    """What was added to every x before each step, physical units, (E, T), and with several contacts what each gave,
    (E, T, C); 0 outside the stimulated phase. Of models that take k kicks in a step, (E, k·T)."""
    free: int
    """Steps of the free phase, at least 1."""
    stimulated: int
    """Steps of the stimulated phase, at least 1."""
    relaxed: int
    """Steps of the relaxed phase, 0 or more."""
    onset: int
    """Steps after stimulation starts that the metrics of the suppressed state leave out."""
    neuron_std_free: NDArray[np.float64]
    """Standard deviation over time of each x_i in the free phase, (E, N)."""
    neuron_std_stimulated: NDArray[np.float64]
    """Standard deviation over time of each x_i in the stimulated phase after onset, (E, N)."""
    reward: NDArray[np.float64]
    """Mean reward of an environment step of the stimulated phase, (E,)."""
    raster: NDArray[np.float32]
    """x of M neurons of episode 0, one row every `raster_stride` steps through all phases, (S, M)."""
    raster_stride: int
    """Steps from one row of the raster to the next."""
    raster_neurons: NDArray[np.int64] | None = None
    """Which neurons these are, (M,), rising; None for the first M."""
    dt: float
    """Model time of one integration step."""
    period: float
    """Period of the free rhythm in steps; NaN when there is none."""
    threshold: float
    """A neuron spikes when its x crosses this value from below (for the raster)."""
    variables: tuple[str, ...]
    """Names of the V state variables."""
    spikes: NDArray[np.int64] | None = None
    """Where cells are heard one by one: episode, kick at whose end it came, and cell, of every spike, in that order."""
    pulses: NDArray[np.int64] | None = None
    """And episode and kick with which a pulse of the background began, of every one."""

    def __post_init__(self) -> None:
        for name in _AXES:
            dtype = np.float32 if name == "raster" else np.float64
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype))
        object.__setattr__(self, "variables", tuple(self.variables))
        for name, numbers in _EVENTS.items():
            events = getattr(self, name)
            if events is not None and (np.ndim(events) != 2 or np.shape(events)[1] != numbers):
                raise ValueError(f"{name} has shape {np.shape(events)}, expected (…, {numbers})")
        self._check_shapes()
        self._check_numbers()
        watched = checked_watched(self.raster_neurons, self.raster.shape[1], self.neuron_std_free.shape[1])
        object.__setattr__(self, "raster_neurons", watched)

    def _check_shapes(self) -> None:
        sizes = {"T": self.free + self.stimulated + self.relaxed, "V": len(self.variables)}
        for name, axes in _axes(np.ndim(self.kicks)).items():
            shape = getattr(self, name).shape
            expected = ", ".join(f"{axis}={sizes[axis]}" if axis in sizes else axis for axis in axes)
            if len(shape) != len(axes) or any(
                sizes.setdefault(axis, n) != n for axis, n in zip(axes, shape, strict=True)
            ):
                raise ValueError(f"{name} has shape {shape}, expected ({expected})")
        if sizes["K"] % self.steps or not sizes["K"]:
            raise ValueError(f"kicks are {sizes['K']}, expected a multiple of {self.steps} steps")
        if sizes["E"] < 1 or sizes["N"] < 1 or sizes["V"] < 1:
            raise ValueError("a trajectory needs at least one episode, one neuron and one variable")

    def _check_numbers(self) -> None:
        if self.free < 1 or self.stimulated < 1 or self.relaxed < 0:
            raise ValueError(
                "free and stimulated must be at least 1 step and relaxed at least 0, "
                f"got {self.free}, {self.stimulated}, {self.relaxed}"
            )
        if not 0 <= self.onset < self.stimulated:
            raise ValueError(f"onset must be in 0 … {self.stimulated - 1} (stimulated - 1), got {self.onset}")
        if self.raster_stride < 1:
            raise ValueError(f"raster_stride must be at least 1, got {self.raster_stride}")
        fewest, most = self.steps // self.raster_stride, -(-self.steps // self.raster_stride)
        if not fewest <= len(self.raster) <= most:
            raise ValueError(
                f"raster has {len(self.raster)} rows, but {self.steps} steps at raster_stride "
                f"{self.raster_stride} give {fewest}" + (f" or {most}" if most > fewest else "")
            )
        if not self.dt > 0:
            raise ValueError(f"dt must be positive, got {self.dt}")
        if self.period <= 0:
            raise ValueError(f"period must be positive, or NaN for no rhythm, got {self.period}")
        if self.kicks_in(self.free_phase).any() or self.kicks_in(self.relaxed_phase).any():
            raise ValueError("kicks must be 0 outside the stimulated phase")

    @property
    def watched(self) -> NDArray[np.int64]:
        """Which neurons the raster has, (M,)."""
        return neurons_of(self.raster_neurons, self.raster.shape[1])

    @property
    def episodes(self) -> int:
        """E, the number of populations."""
        return len(self.field)

    @property
    def steps(self) -> int:
        """T, the integration steps of all three phases together."""
        return self.free + self.stimulated + self.relaxed

    @property
    def x(self) -> NDArray[np.float64]:
        """X, the mean field of variable 0, (E, T)."""
        return self.field[:, :, 0]

    @property
    def kicks_per_step(self) -> int:
        """Kicks in each step."""
        each: int = self.kicks.shape[1] // self.steps
        return each

    @property
    def largest_kicks(self) -> NDArray[np.float64]:
        """One kick of each step, (E, T) or (E, T, C): of several, that of the largest size."""
        return largest(self.kicks, self.steps)

    def kicks_in(self, steps: slice) -> NDArray[np.float64]:
        """The kicks of some steps."""
        each = self.kicks_per_step
        return self.kicks[:, steps.start * each : steps.stop * each]

    @property
    def free_phase(self) -> slice:
        """The steps of the free phase."""
        return slice(0, self.free)

    @property
    def stimulated_phase(self) -> slice:
        """The steps of the stimulated phase, onset included."""
        return slice(self.free, self.free + self.stimulated)

    @property
    def after_onset(self) -> slice:
        """The steps of the stimulated phase without its onset."""
        return slice(self.free + self.onset, self.free + self.stimulated)

    @property
    def relaxed_phase(self) -> slice:
        """The steps of the relaxed phase."""
        return slice(self.free + self.stimulated, self.steps)

    def save(self, path: Target) -> None:
        """Write everything to `path` as one compressed npz file, which appears whole or not at all.

        The field is stored as float32 (7 digits), which halves the file; the kicks keep all their bits, so
        that balanced charge stays balanced.
        """
        content = {each.name: value for each in fields(self) if (value := getattr(self, each.name)) is not None}
        content["field"] = self.field.astype(np.float32)
        with writable(path).whole() as file:
            np.savez_compressed(file, schema=SCHEMA, **content)

    @classmethod
    def load(cls, path: str | Path | File) -> Self:
        """Read a file that `save` wrote. It can hold no code: pickled content is refused.

        What it declares is looked at before there is memory for it.

        Raises:
            OSError: there is no such file, or it cannot be read.
            ValueError: the file is not a trajectory, or is damaged.
        """
        try:
            scalars = {"schema": "", **{each.name: "" for each in fields(cls) if each.name not in _OPTIONAL}}
            kinds = [{**scalars, **_axes(dimensions), "variables": "V"} for dimensions in (2, 3)]
            kinds += [{**kind, "spikes": "AB", "pulses": "DF"} for kind in kinds]
            kinds += [{**kind, "raster_neurons": "M"} for kind in kinds]
            content = dict[str, Any](read_arrays(path, *kinds))
            schema = int(content.pop("schema"))
            if schema != SCHEMA:
                raise ValueError(f"it has schema {schema}, this version reads {SCHEMA}")
            for name in ("free", "stimulated", "relaxed", "onset", "raster_stride"):
                content[name] = int(content[name])
            for name in ("dt", "period", "threshold"):
                content[name] = float(content[name])
            content["variables"] = tuple(str(name) for name in content["variables"])
            return cls(**content)
        except (TypeError, ValueError, ArithmeticError) as error:
            raise ValueError(f"{path} is not a readable trajectory: {ascii(str(error))[1:-1]:.200}") from error
