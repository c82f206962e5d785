"""The protocol of a measurement: free → stimulated → relaxed, with every controller at once."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import lcm

import numpy as np

from rldbs.agents.controller import Controller
from rldbs.analysis.trajectory import Trajectory
from rldbs.control.loop import ClosedLoop, LoopSettings
from rldbs.control.start import FreeStart, Prepared
from rldbs.core.bank import prepare_bank
from rldbs.core.ensemble import Ensemble
from rldbs.core.models import ModelSettings
from rldbs.core.native import Floats
from rldbs.experiment.settings import Protocol
from rldbs.experiment.suppressed import SuppressedStart, act

RASTER_NEURONS = 100
RASTER_SAMPLES = 4000
"""Most samples in time that a raster keeps."""

Progress = Callable[[float], None]


def measure_controllers(
    settings: LoopSettings,
    protocol: Protocol,
    controllers: Mapping[str, Controller],
    threads: int = 1,
    progress: Progress = lambda done: None,
) -> dict[str, Trajectory]:
    """Run the protocol with every controller on the same unseen populations, all in one batch.

    Args:
        settings: the environment that the controllers were made for; its start is replaced by fresh populations. Where
            it is one after a first agent, that agent acts first, and its steps count as onset.
        protocol: lengths of the phases, number and seed of the populations.
        controllers: by name.
        threads: threads for the populations.
        progress: told the fraction that is done.

    Returns:
        What each controller did, by name.
    """
    episodes, rows, interval = protocol.episodes, protocol.episodes * len(controllers), settings.stimulus.interval
    start = FreeStart(episodes, 1, protocol.seed)
    seeds = range(protocol.seed, protocol.seed + episodes)  # all controllers see the same noise and the same drift
    lead, ahead, unit = None, 0, interval
    if isinstance(settings.start, SuppressedStart):
        lead, first = settings.start.lead(settings.model, settings.coupling, start, seeds, settings.memory, threads)
        ahead, unit = settings.start.settings.steps, lcm(interval, lead.settings.stimulus.interval)
    before = lead or ClosedLoop(replace(settings, start=start), rows, [*seeds] * len(controllers), threads)
    before.reset(entries=np.arange(before.environments) % episodes)
    free, ahead, onset, controlled, relaxed = (
        -(-steps // unit) * unit
        for steps in (protocol.free, ahead, protocol.onset, protocol.stimulated - protocol.onset, protocol.relaxed)
    )
    record = _Record(before, rows, episodes, free + ahead + onset + controlled + relaxed, unit, progress)

    free_spread = _Spread(before.ensemble.state[:, 0])
    for _ in range(free // before.settings.stimulus.interval):
        before.rest()
        record.add(before)
        free_spread.add(before.ensemble.state[:, 0])
    loop = before
    if lead:
        act(lead, first, ahead, lambda: record.add(lead))
        handed = Prepared(lead.bank(settings.memory), protocol.seed)
        loop = ClosedLoop(replace(settings, start=handed), rows, [*seeds] * len(controllers), threads)
        loop.reset(entries=np.arange(rows) % episodes)
    rewards = np.zeros(rows)
    controlled_spread = _Spread(loop.ensemble.state[:, 0])
    batches = [slice(k * episodes, (k + 1) * episodes) for k in range(len(controllers))]
    for step in range((onset + controlled) // interval):
        observations = loop.observe()
        actions = [c.act(observations[batch]) for c, batch in zip(controllers.values(), batches, strict=True)]
        rewards += loop.step(np.concatenate(actions))[0]
        record.add(loop)
        if step >= onset // interval:
            controlled_spread.add(loop.ensemble.state[:, 0])
    for _ in range(relaxed // interval):
        loop.rest()
        record.add(loop)

    neuron_std_free = np.resize(free_spread.std(), (rows, loop.ensemble.neurons))
    return {
        name: Trajectory(
            field=record.field[batch],
            kicks=record.kicks[batch],
            free=free,
            stimulated=ahead + onset + controlled,
            relaxed=relaxed,
            onset=ahead + onset,
            neuron_std_free=neuron_std_free[batch],
            neuron_std_stimulated=controlled_spread.std()[batch],
            reward=rewards[batch] * interval / (onset + controlled),
            raster=record.raster[:, k],
            raster_stride=record.raster_stride,
            dt=settings.model.dt,
            period=float(settings.model.period),
            threshold=loop.model.threshold,
            variables=loop.model.variable_names,
        )
        for k, (name, batch) in enumerate(zip(controllers, batches, strict=True))
    }


def free_field(settings: ModelSettings, protocol: Protocol, threads: int = 1) -> Floats:
    """X of the protocol's populations, free, over the length of its free phase: (episodes, steps)."""
    bank = prepare_bank(settings, protocol.episodes, 1, protocol.seed, 1, threads)
    ensemble = Ensemble.of(settings, protocol.episodes, 0, transient=0, threads=threads)
    ensemble.state[:], ensemble.current[:] = bank.state, bank.current
    x: Floats = ensemble.advance(np.zeros((protocol.episodes, protocol.free)))[:, :, 0]
    return x


class _Record:
    """What the loop did, step by step."""

    def __init__(self, loop: ClosedLoop, rows: int, episodes: int, steps: int, unit: int, progress: Progress) -> None:
        self._progress, self._now = progress, 0
        self.field = np.empty((rows, steps, len(loop.model.variables)))
        self.kicks = np.empty((rows, steps))
        self.raster_stride = -(-steps // (RASTER_SAMPLES * unit)) * unit
        self._watched = np.arange(0, rows, episodes)
        self.raster = np.empty(
            (-(-steps // self.raster_stride), len(self._watched), min(RASTER_NEURONS, loop.ensemble.neurons)),
            np.float32,
        )

    def add(self, loop: ClosedLoop) -> None:
        """Take in the last step of a loop; one with fewer rows stands for all controllers."""
        begin, self._now = self._now, self._now + loop.kicks.shape[1]
        rows = np.arange(len(self.kicks)) % loop.environments
        self.field[:, begin : self._now] = loop.mean_field[rows]
        self.kicks[:, begin : self._now] = loop.kicks[rows]
        if begin % self.raster_stride == 0:
            watched = loop.ensemble.state[self._watched % loop.environments, 0, : self.raster.shape[2]]
            self.raster[begin // self.raster_stride] = watched
            self._progress(begin / self.kicks.shape[1])


class _Spread:
    """Standard deviation over time of every neuron, from sums about each neuron's first value."""

    def __init__(self, x: Floats) -> None:
        self._origin = x.copy()
        self._sum, self._square, self._count = np.zeros_like(x), np.zeros_like(x), 0

    def add(self, x: Floats) -> None:
        distance = x - self._origin
        self._sum += distance
        distance *= distance
        self._square += distance
        self._count += 1

    def std(self) -> Floats:
        mean = self._sum / self._count
        return np.sqrt(np.maximum(self._square / self._count - mean * mean, 0.0))
