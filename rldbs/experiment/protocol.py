"""The protocol of a measurement: free → stimulated → relaxed, with every controller at once."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from rldbs.agents.controller import Controller
from rldbs.analysis.trajectory import Trajectory
from rldbs.control.loop import ClosedLoop, LoopSettings
from rldbs.control.start import FreeStart
from rldbs.core.bank import prepare_bank
from rldbs.core.ensemble import Ensemble
from rldbs.core.models import ModelSettings
from rldbs.core.native import Floats
from rldbs.experiment.settings import Protocol

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
        settings: the environment that the controllers were made for; its start is replaced by fresh populations.
        protocol: lengths of the phases, number and seed of the populations.
        controllers: by name.
        threads: threads for the populations.
        progress: told the fraction that is done.

    Returns:
        What each controller did, by name.
    """
    episodes, interval = protocol.episodes, settings.stimulus.interval
    settings = replace(settings, start=FreeStart(episodes, 1, protocol.seed))
    loop = ClosedLoop(settings, episodes * len(controllers), 0, threads)
    loop.reset(entries=np.tile(np.arange(episodes), len(controllers)))
    free, onset, controlled, relaxed = (
        -(-steps // interval)
        for steps in (protocol.free, protocol.onset, protocol.stimulated - protocol.onset, protocol.relaxed)
    )
    record = _Record(loop, len(controllers), free + onset + controlled + relaxed, progress)

    free_spread = _Spread(loop.ensemble.state[:, 0])
    for _ in range(free):
        loop.rest()
        record.add()
        free_spread.add(loop.ensemble.state[:, 0])
    rewards = np.zeros(loop.environments)
    controlled_spread = _Spread(loop.ensemble.state[:, 0])
    batches = [slice(k * episodes, (k + 1) * episodes) for k in range(len(controllers))]
    for step in range(onset + controlled):
        observations = loop.observe()
        actions = [c.act(observations[rows]) for c, rows in zip(controllers.values(), batches, strict=True)]
        rewards += loop.step(np.concatenate(actions))[0]
        record.add()
        if step >= onset:
            controlled_spread.add(loop.ensemble.state[:, 0])
    for _ in range(relaxed):
        loop.rest()
        record.add()

    return {
        name: Trajectory(
            field=record.field[rows],
            kicks=record.kicks[rows],
            free=free * interval,
            stimulated=(onset + controlled) * interval,
            relaxed=relaxed * interval,
            onset=onset * interval,
            neuron_std_free=free_spread.std()[rows],
            neuron_std_stimulated=controlled_spread.std()[rows],
            reward=rewards[rows] / (onset + controlled),
            raster=record.raster[:, k],
            raster_stride=record.raster_stride,
            dt=settings.model.dt,
            period=float(settings.model.period),
            threshold=loop.model.threshold,
            variables=loop.model.variable_names,
        )
        for k, (name, rows) in enumerate(zip(controllers, batches, strict=True))
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

    def __init__(self, loop: ClosedLoop, controllers: int, steps: int, progress: Progress) -> None:
        self._loop, self._steps, self._progress, self._step = loop, steps, progress, 0
        interval, episodes = loop.settings.stimulus.interval, loop.environments // controllers
        total = steps * interval
        self.field = np.empty((loop.environments, total, len(loop.model.variables)))
        self.kicks = np.empty((loop.environments, total))
        every = -(-steps // RASTER_SAMPLES)
        self._every, self.raster_stride = every, every * interval
        self._watched = np.arange(0, loop.environments, episodes)
        self.raster = np.empty(
            (-(-steps // every), len(self._watched), min(RASTER_NEURONS, loop.ensemble.neurons)), np.float32
        )

    def add(self) -> None:
        loop, step = self._loop, self._step
        now = slice(step * loop.kicks.shape[1], (step + 1) * loop.kicks.shape[1])
        self.field[:, now] = loop.mean_field
        self.kicks[:, now] = loop.kicks
        if step % self._every == 0:
            self.raster[step // self._every] = loop.ensemble.state[self._watched, 0, : self.raster.shape[2]]
        if step % 256 == 0:
            self._progress(step / self._steps)
        self._step += 1


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
