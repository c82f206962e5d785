"""Features of what was recorded: mean, spread, Hjorth parameters, regularity and bands, as adaptive stimulators see."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, Len
from numpy.typing import NDArray

from rldbs.control.recording import Window
from rldbs.core.errors import SettingError
from rldbs.core.models import NeuronModel
from rldbs.core.native import Floats, curve

Name = Literal["mean", "deviation", "mobility", "complexity", "regularity", "bands"]
Hertz = Annotated[float, Ge(0), Le(10_000)]
_ELSEWHERE = {"elsewhere": True}
HALF = 0.02
"""A deviation, or the amplitude of a band, of this part of a variable's range is half of the way from 0 to 1."""
HIGHEST = {"mobility": 2.0, "complexity": 10.0}
"""Where features end that may be more than 1."""
LONGEST = 2000
"""Samples; regularity compares each with each."""
PATTERN, TOLERANCE = 2, 0.2
"""Samples of a pattern, and how far apart, in standard deviations, are two alike."""


@dataclass(frozen=True)
class Features(Window):
    """Features of the last ``length`` samples of the mean of one or several variables, ``stride`` steps apart.

    All of the first variable, then all of the second: ``mean``, from 0 to 1 within the variable's bounds;
    ``deviation``, the standard deviation s as s / (s + 2 % of the range); Hjorth's ``mobility``, √(var x' / var x) of
    differences of neighbours, and ``complexity``, the mobility of x' over that of x; ``regularity``, exp(−SampEn), the
    part of pairs of patterns of two samples, alike within 0.2 s, that stay alike for a third; and for each of
    ``bands`` the root a of the power in it, under a Hann window, as a / (a + 2 % of the range).
    What the sensor does to samples comes before, as for ``window``.

    (Hjorth, Electroencephalogr. Clin. Neurophysiol. 29, 306, 1970; Richman, Moorman, Am. J. Physiol. 278, H2039, 2000;
    as observations Cho et al., IEEE Trans. Neural Syst. Rehabil. Eng., 2024.)
    """

    features: Annotated[list[Name], Len(1, 6)] = field(default_factory=lambda: ["mean", "deviation", "bands"])
    bands: Annotated[list[Annotated[list[Hertz], Len(2, 2)]], Len(1, 32)] = field(
        default_factory=lambda: [[12.0, 30.0]]
    )
    """Lowest and highest frequency of each, in Hz."""
    dt: Annotated[float, Gt(0), Le(100)] = 0.1
    """Integration step, in ms."""
    centered: bool = field(default=False, init=False, metadata=_ELSEWHERE)
    sigmoid: float | None = field(default=None, init=False, metadata=_ELSEWHERE)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 4 <= self.length <= LONGEST:
            raise SettingError(
                f"recording.length={self.length}: must be from 4 to {LONGEST} samples, of which features are"
            )
        if len(set(self.features)) < len(self.features):
            raise SettingError(f"recording.features={self.features}: each feature once")
        if "bands" in self.features:
            for band, inside in zip(self.bands, self._inside, strict=True):
                if not inside.any():
                    raise SettingError(
                        f"recording.bands={band}: has none of the frequencies that {self.length} samples tell apart, "
                        f"multiples of {self._resolution:.3g} Hz up to {self._resolution * (self.length // 2):.4g} Hz"
                    )

    @property
    def names(self) -> list[str]:
        """What an observation holds of each variable."""
        own = [f"{low:g}–{high:g} Hz" for low, high in self.bands]
        return [name for feature in self.features for name in (own if feature == "bands" else [feature])]

    @property
    def size(self) -> int:
        return self.channels * len(self.names)

    def indices(self, model: NeuronModel) -> list[int]:
        if "bands" in self.features and model.time_unit != "ms":
            raise SettingError(
                f"recording.features: bands are in Hz, but the time of model={model.name} has no unit; leave them out: "
                "recording.features=[mean,deviation]"
            )
        return super().indices(model)

    def bounds(self, model: NeuronModel) -> tuple[Floats, Floats]:
        high = [HIGHEST.get(name, 1.0) for name in self.names] * self.channels
        return np.zeros(self.size), np.array(high)

    def observe(self, signals: Floats, model: NeuronModel) -> NDArray[np.float32]:
        taken = signals[:, :, : signals.shape[2] - self.delay : self.stride]
        found = []
        for index, samples in zip(self.indices(model), taken, strict=True):
            low, high = model.variables[index].low, model.variables[index].high
            scaled = np.ascontiguousarray((samples - low) / (high - low))
            columns = [column for name in self.features for column in self._columns(name, scaled)]
            found.append(np.stack(columns, axis=1))
        return np.clip(np.concatenate(found, axis=1), *self.bounds(model)).astype(np.float32)

    def _columns(self, name: Name, x: Floats) -> list[Floats]:
        """A feature of rows of samples (rows, length), (rows,); of bands one for each."""
        return list(half_way(np.sqrt(self._powers(x)).T)) if name == "bands" else [FEATURES[name](x)]

    def _powers(self, x: Floats) -> Floats:
        """Mean square of what is in each band, (rows, bands)."""
        away = x - x.mean(axis=1, keepdims=True)
        real, imaginary = ((away[:, None] * wave).sum(axis=2) for wave in self._waves)
        power = real * real + imaginary * imaginary
        return np.stack([power[:, inside].sum(axis=1) for inside in self._inside], axis=1)

    @property
    def _resolution(self) -> float:
        """In Hz."""
        return 1000.0 / (self.length * self.stride * self.dt)

    @cached_property
    def _inside(self) -> list[NDArray[np.bool_]]:
        """Which multiples of the resolution, from the first to the last below half the sampling rate, a band has."""
        frequencies = self._resolution * np.arange(1, (self.length + 1) // 2)
        return [(frequencies >= low) & (frequencies <= high) for low, high in self.bands]

    @cached_property
    def _waves(self) -> tuple[Floats, Floats]:
        """Cosines and sines of these frequencies under a Hann window: products with samples are amplitudes, whose
        squares are mean squares; (frequencies, length) each."""
        n = self.length
        turns = np.outer(np.arange(1, (n + 1) // 2), np.arange(n)) % n / n
        hann = 0.5 - 0.5 * curve("cosine", 2.0 * np.pi * np.arange(n) / n)
        hann *= np.sqrt(2.0 / (n * (hann * hann).sum()))
        return hann * curve("cosine", 2.0 * np.pi * turns), hann * curve("cosine", 2.0 * np.pi * (turns - 0.25))


def half_way(x: Floats) -> Floats:
    """From 0 to 1, with 1/2 at ``HALF``."""
    return x / (x + HALF)


def _ratio(above: Floats, below: Floats) -> Floats:
    """above / below, 0 where there is nothing below."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0.0)


def deviation(x: Floats) -> Floats:
    """Standard deviation, half way at ``HALF``."""
    return half_way(x.std(axis=1))


def mobility(x: Floats) -> Floats:
    """Hjorth's mobility, per sample: √(var x' / var x)."""
    return np.sqrt(_ratio(np.diff(x, axis=1).var(axis=1), x.var(axis=1)))


def complexity(x: Floats) -> Floats:
    """Hjorth's complexity: mobility of x' over that of x; 1 for a sine."""
    return _ratio(mobility(np.diff(x, axis=1)), mobility(x))


def regularity(x: Floats) -> Floats:
    """exp(−SampEn): of pairs of patterns that are alike, the part that are so for a sample more; 0 where none are."""
    count = x.shape[1] - PATTERN
    near = np.abs(x[:, :, None] - x[:, None, :]) <= TOLERANCE * x.std(axis=1)[:, None, None]
    alike = near[:, :count, :count].copy()
    for k in range(1, PATTERN):
        alike &= near[:, k : k + count, k : k + count]
    stays = alike & near[:, PATTERN:, PATTERN:]
    pairs, kept = (each.sum(axis=(1, 2)) - count for each in (alike, stays))  # none with itself
    return _ratio(kept.astype(np.float64), pairs.astype(np.float64))


FEATURES: Mapping[str, Callable[[Floats], Floats]] = {
    "mean": lambda x: x.mean(axis=1),
    "deviation": deviation,
    "mobility": mobility,
    "complexity": complexity,
    "regularity": regularity,
}
"""Features of rows of samples, (rows, length) to (rows,), by name; of bands :class:`Features` itself."""
