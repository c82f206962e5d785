"""The recording of free populations, on disk: every array by its name, with the axis of time."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from rldbs.analysis.archive import read_arrays
from rldbs.analysis.raster import checked_watched, neurons_of
from rldbs.files.file import File
from rldbs.files.user_file import Target, writable

SCHEMA = 1
_AXES = {"field": "ETV", "time": "T", "variables": "V", "raster": "SM"}
_NUMBERS = ("schema", "dt", "raster_stride", "threshold", "time_unit")


@dataclass(frozen=True, eq=False, kw_only=True)
class FreeRecording:
    """What E free populations did for T integration steps, after their transient.

    Raises:
        ValueError: a shape does not fit the others.
    """

    field: NDArray[np.float32]
    """The mean field after each step, (E, T, V); variable 0 is x."""
    time: NDArray[np.float64]
    """When each of these steps began, (T,), counted from the end of the transient."""
    dt: float
    """How long each took."""
    time_unit: str
    """Of that; empty where the model is dimensionless."""
    variables: tuple[str, ...]
    """Names of the V variables."""
    raster: NDArray[np.float32]
    """x of M neurons of population 0, after every ``raster_stride`` steps, (S, M)."""
    raster_stride: int
    threshold: float
    """A neuron spikes when its x crosses this value from below."""
    raster_neurons: NDArray[np.int64] | None = None
    """Which neurons the raster has, (M,); None for the first M."""

    def __post_init__(self) -> None:
        if self.field.shape[1:] != (len(self.time), len(self.variables)) or self.raster_stride < 1:
            raise ValueError(f"field has shape {self.field.shape}, with {len(self.time)} times")
        if not self.dt > 0:
            raise ValueError(f"dt must be positive, is {self.dt}")
        numbers = checked_watched(self.raster_neurons, self.raster.shape[1])
        object.__setattr__(self, "raster_neurons", numbers)

    @property
    def watched(self) -> NDArray[np.int64]:
        """Which neurons the raster has, (M,)."""
        return neurons_of(self.raster_neurons, self.raster.shape[1])

    def save(self, path: Target) -> None:
        """Write everything to one compressed npz file, which appears whole or not at all."""
        content = {each.name: value for each in fields(self) if (value := getattr(self, each.name)) is not None}
        with writable(path).whole() as file:
            np.savez_compressed(file, schema=SCHEMA, **content)

    @classmethod
    def load(cls, path: str | Path | File) -> Self:
        """Read a file that ``save`` wrote. It can hold no code: pickled content is refused.

        Raises:
            OSError: there is no such file, or it cannot be read.
            ValueError: the file is no such recording, or is damaged.
        """
        try:
            axes = {**_AXES, **dict.fromkeys(_NUMBERS, "")}
            content = read_arrays(path, axes, {**axes, "raster_neurons": "M"})
            if int(content["schema"]) != SCHEMA:
                raise ValueError(f"it has schema {int(content['schema'])}, this version reads {SCHEMA}")
            return cls(
                field=np.asarray(content["field"], np.float32),
                time=np.asarray(content["time"], np.float64),
                dt=float(content["dt"]),
                time_unit=str(content["time_unit"]),
                variables=tuple(str(name) for name in content["variables"]),
                raster=np.asarray(content["raster"], np.float32),
                raster_stride=int(content["raster_stride"]),
                threshold=float(content["threshold"]),
                raster_neurons=content.get("raster_neurons"),
            )
        except (TypeError, ValueError, ArithmeticError) as error:
            raise ValueError(f"{path} is no readable recording: {ascii(str(error))[1:-1]:.200}") from error
