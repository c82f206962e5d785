"""Adaptive coordinated desynchronisation: each contact stimulates when that lowers the order parameter of all."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le

from rldbs.agents.classical.base import ClassicalSettings, Kick, Kicker, contacts_apart
from rldbs.agents.classical.clusters import Clusters, clusters_of, order_rates
from rldbs.agents.classical.feedback_signal import Observations
from rldbs.agents.classical.phase_locked import Pause, RateLimit
from rldbs.agents.classical.resonator import FilterSettings, Phasor
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.errors import SettingError
from rldbs.core.model_settings import PhaseSettings
from rldbs.core.native import Floats
from rldbs.core.phase_ensemble import response_of


@dataclass(frozen=True)
class ACDSettings(FilterSettings):
    """Adaptive coordinated desynchronisation (Weerasinghe et al. 2021): kick of contact k = size where dR / du_k < 0.

    PLOS Comput. Biol. 17(8), e1009281. R is the order parameter of all; how a contact changes it follows from the phase
    response, from what reaches whom, and from the order parameters of the populations. Those are estimated: the
    recorded signals are mixtures of them, which a regularised inverse takes apart.
    """

    rests = True

    size: Kick
    regularisation: Annotated[float, Ge(0), Le(1000)]
    """Of the inverse, in units of the mean square of the mixture's rows: the larger, the less noise counts in the
    estimates, and the smaller they are."""
    pause: Pause

    def make(self, loop: LoopSettings, seed: int) -> "ACD":
        return EstimatedACD(self, loop)


@dataclass(frozen=True)
class ACDOracleSettings(ClassicalSettings):
    """ACD that knows the populations' phases (Weerasinghe et al. 2021): kick of contact k = size where dR / du_k < 0.

    PLOS Comput. Biol. 17(8), e1009281. No implant records the order parameter of each population, as this one does:
    recording.variable must hold the x and y of every cluster. It is what acd could reach.
    """

    rests = True

    size: Kick
    pause: Pause

    def make(self, loop: LoopSettings, seed: int) -> "ACD":
        return OracleACD(self, loop)


class ACD(Kicker):
    """kick of contact k = size where dR / du_k < 0, not too soon after its last one.

    Args:
        agent: its name.
        size: of a kick.
        pause: from a pulse to the next of a contact, in periods of the rhythm.
        loop: the environment.

    Raises:
        SettingError: all contacts do the same, or the model has no phase response.
    """

    def __init__(self, agent: str, size: float, pause: float, loop: LoopSettings) -> None:
        super().__init__(loop)
        contacts_apart(loop, f"agent={agent}")
        model = loop.model
        if not isinstance(model, PhaseSettings):
            raise SettingError(
                f"agent={agent}: needs a phase response curve, and model={model.name} has none; use a model of "
                "oscillators, as model=kuramoto_populations"
            )
        self.clusters: Clusters = clusters_of(model)
        self._response, self._size = response_of(model), size
        self._limit = RateLimit(pause, loop)

    @abstractmethod
    def orders(self, observations: Observations) -> Phasor:
        """The order parameters of the populations, x and y float64 (populations, environments) each."""

    def kick(self, observations: Observations) -> Floats:
        rates = order_rates(self.orders(observations), self.clusters, self._response)
        return np.where(self._limit.allowed((rates * self._size < 0).T), self._size, 0.0)


class EstimatedACD(ACD):
    """ACD from the recorded signals: each one's rhythm, from a driven oscillator, and the mixture taken apart."""

    def __init__(self, settings: ACDSettings, loop: LoopSettings) -> None:
        super().__init__("acd", settings.size, settings.pause, loop)
        names = loop.recording.variables
        self._apart = self.clusters.apart(names, settings.regularisation)
        self._rhythm = settings.rhythm_of(settings.signal_of(range(len(names)), loop), loop)

    def orders(self, observations: Observations) -> Phasor:
        rhythm = self._rhythm.follow(observations)
        x, y = (mixed(self._apart, each.reshape(len(observations), -1).T) for each in rhythm)
        longest = np.maximum(np.sqrt(x * x + y * y), 1.0)
        return Phasor(x / longest, y / longest)


class OracleACD(ACD):
    """ACD from the order parameters of the clusters themselves."""

    def __init__(self, settings: ACDOracleSettings, loop: LoopSettings) -> None:
        super().__init__("acd_oracle", settings.size, settings.pause, loop)
        recording = loop.recording
        names, count = list(recording.variables), len(loop.model.space.tissue.clusters(loop.model.neurons))
        wanted = [f"cluster{k + 1}_{axis}" for axis in ("x", "y") for k in range(count)]
        if not count:
            raise SettingError("agent=acd_oracle: there are no clusters to be recorded; use tissue=populations")
        if not set(wanted) <= set(names):
            raise SettingError(
                f"agent=acd_oracle: must be told the populations' phases, which no implant is: "
                f"recording.variable=[{','.join(wanted)}]"
            )
        if recording.centered or recording.sigmoid is not None:
            raise SettingError("agent=acd_oracle: needs recording.centered=false and recording.sigmoid=null")
        length = recording.size // recording.channels
        self._newest = np.array([names.index(name) * length + length - 1 for name in wanted]).reshape(2, count)

    def orders(self, observations: Observations) -> Phasor:
        x, y = (observations[:, newest].T.astype(np.float64) for newest in self._newest)
        return Phasor(x, y)


def mixed(weights: Floats, rows: Floats) -> Floats:
    """Sums of rows, float64 (sums, environments), added in their order whatever the batch."""
    found = np.zeros((len(weights), rows.shape[1]))
    for column, row in zip(weights.T, rows, strict=True):
        found += column[:, None] * row
    return found
