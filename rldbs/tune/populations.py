"""The populations on which classical controllers are tried: rested once, then under many controllers at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from rldbs.agents.controller import Controller
from rldbs.analysis.episode_statistics import iqm
from rldbs.analysis.metrics import onset_metrics
from rldbs.control.episode_start import FreeStart, Prepared
from rldbs.control.loop import ClosedLoop
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.native import Floats
from rldbs.core.window_sums import over_contacts
from rldbs.experiment.command_settings import Protocol as Lengths
from rldbs.experiment.measures import measured_of, measures_of
from rldbs.experiment.protocol import measure_controllers
from rldbs.experiment.protocol_record import Spread
from rldbs.experiment.suppressed_start import SuppressedStart, act
from rldbs.tune.trials import Score

SAMPLES = 40
"""Samples in a period from which the activity of the neurons is taken: all of them would take a fifth of the time."""


class Tried(Protocol):
    """Populations under controllers."""

    settings: LoopSettings

    def scores(self, controllers: Sequence[Controller]) -> list[Score]:
        """What each controller does to these populations: interquartile means of :meth:`values`.

        Raises:
            DivergedError: as there.
        """

    def values(self, controllers: Sequence[Controller]) -> list[dict[str, Floats]]:
        """What each controller does to each population, all in one batch; none depends on the others.

        Returns:
            Metrics, float64 (episodes,), of each controller.

        Raises:
            DivergedError: under one of them a population went out of bounds.
        """


class Networks:
    """Networks and rates, whose spikes, weights or bursts tell what a controller does: measured as in an evaluation.

    Args:
        settings: the environment.
        protocol: number and seed of the populations, lengths of the phases.
        threads: threads for the populations; no result depends on it.
    """

    def __init__(self, settings: LoopSettings, protocol: Lengths, threads: int) -> None:
        self.settings, self._protocol, self._threads = settings, protocol, threads

    def scores(self, controllers: Sequence[Controller]) -> list[Score]:
        return [_scores(kind) for kind in self.values(controllers)]

    def values(self, controllers: Sequence[Controller]) -> list[dict[str, Floats]]:
        named = {str(k): controller for k, controller in enumerate(controllers)}
        seen = measure_controllers(self.settings, self._protocol, named, self._threads)
        return [measures_of(trajectory, self.settings.model) for trajectory in seen.values()]


def populations_of(settings: LoopSettings, protocol: Lengths, threads: int) -> Tried:
    """The populations of an environment; arguments are those of :class:`Populations`."""
    kind = Networks if measured_of(settings.model).by_events else Populations
    return kind(settings, protocol, threads)


class Populations:
    """Populations after their free phase and, where episodes start so, after a first agent.

    Args:
        settings: the environment.
        protocol: number and seed of the populations, lengths of the phases; there is no relaxed one.
        threads: threads for the populations; no result depends on it.
    """

    def __init__(self, settings: LoopSettings, protocol: Lengths, threads: int) -> None:
        self.settings, self._protocol, self._threads = settings, protocol, threads
        self._seeds = range(protocol.seed, protocol.seed + protocol.episodes)
        start, first = FreeStart(protocol.episodes, 1, protocol.seed), settings.start
        if isinstance(first, SuppressedStart):
            model, coupling, memory = settings.model, settings.coupling, settings.memory
            loop, leader = first.lead(model, coupling, start, self._seeds, memory, threads)
        else:
            loop, leader = ClosedLoop(replace(settings, start=start), protocol.episodes, [*self._seeds], threads), None
        loop.reset(entries=np.arange(protocol.episodes))
        spread, interval, x = Spread(loop.ensemble.x), loop.settings.stimulus.interval, []
        for step in range(-(-protocol.free // interval)):
            loop.rest()
            x.append(loop.mean_field[:, :, 0])
            if step % self._stride(interval) == 0:
                spread.add(loop.ensemble.x)
        self._free_std, self._free_spread = _std(np.concatenate(x, axis=1)), spread.std().mean(axis=1)
        if isinstance(first, SuppressedStart) and leader is not None:
            act(loop, leader, first.settings.steps)
        self._begin = Prepared(loop.bank(settings.memory), protocol.seed)

    def scores(self, controllers: Sequence[Controller]) -> list[Score]:
        return [_scores(kind) for kind in self.values(controllers)]

    def values(self, controllers: Sequence[Controller]) -> list[dict[str, Floats]]:
        """What each controller does to each population, all in one batch; none depends on the others.

        Returns:
            ``suppression``, ``mean_abs_kick``, ``activity``, the metrics of onset, and of oscillators ``order``,
            float64 (episodes,), of each controller.

        Raises:
            DivergedError: under one of them a population went out of bounds.
        """
        episodes, interval = self._protocol.episodes, self.settings.stimulus.interval
        rows = episodes * len(controllers)
        settings = replace(self.settings, start=self._begin)
        loop = ClosedLoop(settings, rows, [*self._seeds] * len(controllers), self._threads)
        loop.reset(entries=np.arange(rows) % episodes)
        onset = -(-self._protocol.onset // interval)
        steps = onset + -(-(self._protocol.stimulated - self._protocol.onset) // interval)
        batches = [slice(k, k + episodes) for k in range(0, rows, episodes)]
        x, kicks, order = np.empty((rows, steps * interval)), np.zeros(rows), np.zeros(rows)
        given = np.empty((rows, steps * interval, *loop.kicks.shape[2:]))
        oscillates = self.settings.model.oscillates  # then the first two variables are the means of cos θ and sin θ
        spread, stride = Spread(loop.ensemble.x), self._stride(interval)
        for step in range(steps):
            seen = loop.observe()
            loop.step(np.concatenate([c.act(seen[batch]) for c, batch in zip(controllers, batches, strict=True)]))
            now = slice(step * interval, (step + 1) * interval)
            x[:, now], given[:, now] = loop.mean_field[:, :, 0], loop.kicks
            if step >= onset:
                kicks += over_contacts(np.abs(loop.kicks)).sum(axis=1)
                if oscillates:
                    order += np.hypot(loop.mean_field[:, :, 0], loop.mean_field[:, :, 1]).sum(axis=1)
                if step % stride == 0:
                    spread.add(loop.ensemble.x)
        free_std, free_spread = np.tile(self._free_std, len(controllers)), np.tile(self._free_spread, len(controllers))
        after_onset = x[:, onset * interval :]
        with np.errstate(divide="ignore", invalid="ignore"):
            suppression, activity = free_std / _std(after_onset), spread.std().mean(axis=1) / free_spread
        whole = {"suppression": suppression, "mean_abs_kick": kicks / after_onset.shape[1], "activity": activity}
        if oscillates:
            whole["order"] = order / after_onset.shape[1]
        whole |= onset_metrics(x, given, free_std, float(self.settings.model.period))
        return [{key: each[batch] for key, each in whole.items()} for batch in batches]

    def _stride(self, interval: int) -> int:
        """Environment steps from one sample of all neurons to the next."""
        return max(1, self.settings.model.period // (SAMPLES * interval))


def _scores(values: Mapping[str, Floats]) -> Score:
    """Interquartile means."""
    return {key: float(iqm(each)) for key, each in values.items()}


def _std(x: Floats) -> Floats:
    """Standard deviation along time, exactly 0 for a constant."""
    std: Floats = (x - x[:, :1]).std(axis=1)
    return std
