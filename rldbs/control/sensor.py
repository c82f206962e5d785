"""The sensor between the mean field and the recording: artefact, measurement noise, blanking and dropouts."""

from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from rldbs.control.artefact import Artefact
from rldbs.control.random_streams import Stream
from rldbs.control.recording import Recording
from rldbs.core.ensemble_kinds import ensemble_of
from rldbs.core.model_settings import ModelSettings
from rldbs.core.native import Floats
from rldbs.core.saved_arrays import Arrays, part, prefixed, put

FREE_POPULATIONS = 8
FREE_PERIODS = 20
"""What the standard deviation of a free mean field is taken over."""


class Sensor:
    """Measures the recorded variables of a batch of environments, each with randomness of its own.

    Args:
        recording: what is recorded, and how badly.
        model: the populations; they say what ``relative_noise`` is relative to.
        environments: how many.

    Attributes:
        channels: which variables of the mean field are measured; a slice where they are neighbours, for speed.
    """

    def __init__(self, recording: Recording, model: ModelSettings, environments: int) -> None:
        self._recording, self._model = recording, model
        self._indices = recording.indices(model.model)
        low, high = self._indices[0], self._indices[-1] + 1
        self.channels: slice | list[int] = slice(low, high) if self._indices == [*range(low, high)] else self._indices
        self._end = 1.0 / recording.dropout_length
        self._begin = self._end * recording.dropout / (1.0 - recording.dropout)
        noisy = recording.noise or recording.relative_noise
        self._normal = Stream("standard_normal", environments, recording.channels) if noisy else None
        self._uniform = Stream("random", environments) if recording.dropout else None
        told = recording.artefact or recording.blanking
        self._artefact = Artefact(recording, model, environments) if told else None
        self._lost = np.zeros(environments, np.bool_)
        self._held: Floats = np.zeros((environments, recording.channels))

    @property
    def is_perfect(self) -> bool:
        """Whether it gives the mean field as it is."""
        return self._normal is None and self._uniform is None and self._artefact is None

    def seed(self, environment: int, noise: np.random.Generator, dropout: np.random.Generator) -> None:
        """Give one environment a new source of randomness."""
        if self._normal is not None:
            self._normal.seed(environment, noise)
        if self._uniform is not None:
            self._uniform.seed(environment, dropout)

    def measure(self, mean_field: Floats, kicks: Floats | None = None, louder: Floats | None = None) -> Floats:
        """What the sensor gives for the next steps of all environments.

        Args:
            mean_field: float64 (environments, steps, variables).
            kicks: float64 (environments, steps), or (environments, steps, contacts); None for none.
            louder: float64 (environments,), times what the noise of each is; None for once.

        Returns:
            float64 (environments, steps, channels).
        """
        signals = mean_field[:, :, self.channels]
        if self._artefact is not None:
            stimulated = np.zeros((*signals.shape[:2], 1)) if kicks is None else kicks.reshape(*signals.shape[:2], -1)
            signals = self._artefact.added(signals, stimulated)
        if self._normal is not None:
            noise = self._noise if louder is None else self._noise * louder[:, None, None]
            signals = signals + noise * self._normal.next(signals.shape[1])
        if self._artefact is not None:
            signals = self._artefact.blanked(signals, stimulated)
        if self._uniform is not None:
            signals = self._drop(signals, self._uniform.next(signals.shape[1])[:, :, 0], slice(None))
        return signals

    def forget(self, rows: NDArray[np.bool_] | None, steps: int) -> None:
        """Let the environments of ``rows``, bool (environments,), get the randomness of their last ``steps`` steps once
        more: they begin an episode, and those steps are of none. None for nobody."""
        for stream in (self._normal, self._uniform):
            if stream is not None and rows is not None:
                stream.put_back(rows, steps)

    def measure_past(self, rows: NDArray[np.int64], past: Floats, generators: list[np.random.Generator]) -> Floats:
        """What the sensor would have given for the past of the environments ``rows``, where episodes begin.

        Args:
            rows: the environments.
            past: float64 (rows, steps, variables).
            generators: one for each row; they draw that past's noise and gaps.

        Returns:
            float64 (rows, steps, channels).
        """
        signals = past[:, :, self.channels]
        if self._normal is not None:
            signals = signals + self._noise * np.stack([g.standard_normal(signals.shape[1:]) for g in generators])
        if self._artefact is not None:
            self._artefact.restart(rows, signals[:, -1])
        self._lost[rows], self._held[rows] = False, signals[:, 0]
        if self._uniform is not None:
            signals = self._drop(signals, np.stack([g.random(signals.shape[1]) for g in generators]), rows)
        return signals

    def saved(self) -> Arrays:
        """All that the next samples depend on."""
        arrays = {"lost": self._lost.copy(), "held": self._held.copy()}
        for name, piece in self._pieces():
            arrays |= prefixed(name, piece.saved())
        return arrays

    def restore(self, arrays: Arrays) -> None:
        """Go on where :meth:`saved` was called.

        Raises:
            RunError: the arrays are not those of such a sensor.
        """
        put(self._lost, arrays, "lost")
        put(self._held, arrays, "held")
        for name, piece in self._pieces():
            piece.restore(part(name, arrays))

    def _pieces(self) -> list[tuple[str, Stream | Artefact]]:
        named = ("noise", self._normal), ("dropout", self._uniform), ("artefact", self._artefact)
        return [(name, piece) for name, piece in named if piece is not None]

    @cached_property
    def _noise(self) -> Floats:
        """Standard deviation of the noise of each channel, float64 (channels,)."""
        recording = self._recording
        if recording.relative_noise:
            return recording.relative_noise * free_std(self._model)[self._indices]
        return np.full(recording.channels, recording.noise)

    def _drop(self, signals: Floats, uniform: Floats, rows: NDArray[np.int64] | slice) -> Floats:
        """The signals with gaps, in which the last sample before is held: a two-state Markov chain."""
        kept, lost, held = signals.copy(), self._lost[rows], self._held[rows]
        for step in range(signals.shape[1]):
            lost = uniform[:, step] < np.where(lost, 1.0 - self._end, self._begin)
            held = np.where(lost[:, None], held, signals[:, step])
            kept[:, step] = held
        self._lost[rows], self._held[rows] = lost, held
        return kept


@lru_cache(maxsize=32)
def free_std(model: ModelSettings) -> Floats:
    """Standard deviation of the free mean field of every variable, float64 (variables,), measured."""
    ensemble = ensemble_of(model, FREE_POPULATIONS, 0)
    field = ensemble.advance(ensemble.quiet(FREE_PERIODS * model.period))
    std: Floats = field.std(axis=1).mean(axis=0)
    return std
