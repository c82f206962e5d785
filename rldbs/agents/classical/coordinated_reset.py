"""Coordinated reset: contacts take turns within each cycle, so that parts of a population are reset apart."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le

from rldbs.agents.classical.base import ActingClock, Kicker, Periods, contacts_apart
from rldbs.agents.classical.feedback_signal import Observations
from rldbs.agents.classical.open_loop import PulseTrainSettings
from rldbs.agents.classical.resonator import RhythmSettings
from rldbs.agents.classical.thresholds import Amplitude
from rldbs.control.loop_settings import LoopSettings
from rldbs.control.random_streams import Stream
from rldbs.core.errors import SettingError
from rldbs.core.native import Floats

Cycles = Annotated[int, Ge(0), Le(100_000)]


@dataclass(frozen=True)
class CoordinatedResetSettings(RhythmSettings, PulseTrainSettings):
    """Coordinated reset (Tass 2003): kick of contact k = pulses in its turn, (k − 1) / contacts of a cycle later.

    Tass, Biol. Cybern. 89, 81 (2003); cycles with and without stimulation, and contacts on a line, as in Lysyansky,
    Popovych, Tass, J. Neural Eng. 8, 036019 (2011); turns of bursts, and on demand, as in Weerasinghe et al., PLOS
    Comput. Biol. 17(8), e1009281 (2021).
    """

    cycle: Periods
    """In which each contact has one turn."""
    turn: Annotated[float, Gt(0), Le(1)] | None
    """Part of a cycle that a turn lasts; None for equal parts. What is longer overlaps, and ends with the cycle."""
    on_cycles: Annotated[int, Ge(1), Le(100_000)]
    """Cycles with turns, one after the other …"""
    off_cycles: Cycles
    """… and then without."""
    shuffled: bool
    """Whether the order of turns is drawn anew for every cycle."""
    demand: Amplitude | None
    """Amplitude of the rhythm above which pulses are given; None for always."""

    def make(self, loop: LoopSettings, seed: int) -> "CoordinatedReset":
        return CoordinatedReset(self, loop, seed)


class CoordinatedReset(Kicker):
    """kick of contact k = pulses in its turn.

    Environment i of a batch seeded s has the orders of the single environment seeded s + i.

    Raises:
        SettingError: there is one contact, or all do the same.
    """

    def __init__(self, settings: CoordinatedResetSettings, loop: LoopSettings, seed: int) -> None:
        super().__init__(loop)
        contacts = contacts_apart(loop, "agent=coordinated_reset")
        if contacts == 1:
            raise SettingError(
                "agent=coordinated_reset: contacts take turns, but there is one; use electrode=four, or another "
                "electrode with several, and a model of oscillators"
            )
        self._clock, self._pulses, self._seed = ActingClock(loop), settings.train(loop), seed
        self._cycle = settings.cycle * loop.model.period
        self._shift = self._cycle / contacts
        self._turn = self._shift if settings.turn is None else settings.turn * self._cycle
        self._on, self._all = settings.on_cycles, settings.on_cycles + settings.off_cycles
        self._shuffled, self._demand = settings.shuffled, settings.demand
        self._rhythm = None if settings.demand is None else settings.rhythm(loop)
        self._orders: Stream | None = None
        self._drawn = -1
        self._places: Floats = np.arange(contacts, dtype=np.float64)[None]

    def kick(self, observations: Observations) -> Floats:
        time = self._clock.next()
        cycle = int(time // self._cycle)
        if self._shuffled and cycle > self._drawn:
            self._shuffle(len(observations), cycle)
        since = time - cycle * self._cycle - self._places * self._shift
        turn = (since >= 0) & (since < self._turn) & (cycle % self._all < self._on)
        kicks: Floats = np.where(turn, self._pulses.at(since), 0.0) + np.zeros((len(observations), 1))
        if self._rhythm is not None and self._demand is not None:
            amplitude = self._rhythm.follow(observations).amplitude.reshape(len(observations), -1)
            kicks = np.where(amplitude > self._demand, kicks, 0.0)
        return kicks

    def _shuffle(self, environments: int, cycle: int) -> None:
        """Draw the orders up to a cycle: whose turn is when, float64 (environments, contacts)."""
        if self._orders is None:
            self._orders = Stream("random", environments, self._places.shape[1])
            for environment in range(environments):
                self._orders.seed(environment, np.random.default_rng(self._seed + environment))
        drawn = self._orders.next(cycle - self._drawn)[:, -1]
        self._places = np.argsort(drawn, axis=1, kind="stable").astype(np.float64)
        self._drawn = cycle
