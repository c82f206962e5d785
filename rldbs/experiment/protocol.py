"""The protocol of a measurement: free → stimulated → relaxed, with every controller at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from math import lcm

import numpy as np

from rldbs.agents.controller import Controller, Rest
from rldbs.analysis.trajectory import Trajectory
from rldbs.control.bank_store import stored_bank
from rldbs.control.divergence import DIVERGED
from rldbs.control.episode_start import FreeStart, Prepared
from rldbs.control.loop import ClosedLoop
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.bank import Bank
from rldbs.core.ensemble_kinds import ensemble_of
from rldbs.core.errors import DivergedError
from rldbs.core.model_settings import ModelSettings
from rldbs.core.native import Floats
from rldbs.experiment.command_settings import Protocol
from rldbs.experiment.phase_lengths import check_windows
from rldbs.experiment.protocol_record import Progress, Record, Spread
from rldbs.experiment.suppressed_start import SuppressedStart, act


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
        controllers: by name. One that stands under several names side by side acts for all of their rows at once.
        threads: threads for the populations.
        progress: told the fraction that is done.

    Returns:
        What each controller did, by name.

    Raises:
        DivergedError: a population has gone out of bounds.
        SettingError: ``model.period`` is much too short for their rhythm.
    """
    measurement = _Measurement(settings, protocol, controllers, threads, progress)
    try:
        measurement.rest()
        measurement.control()
        measurement.relax()
    except DivergedError as error:
        raise DivergedError(measurement.divergence() or str(error)) from None
    return measurement.trajectories()


def check_rhythm(settings: LoopSettings, protocol: Protocol, threads: int = 1) -> None:
    """Whether ``model.period`` fits the rhythm of the protocol's populations, as it must where they are measured.

    Raises:
        DivergedError, SettingError: as for :func:`measure_controllers`.
    """
    if not isinstance(settings.start, SuppressedStart):
        start, interval = FreeStart(protocol.episodes, 1, protocol.seed), settings.stimulus.interval
        bank = start.bank(settings.model, settings.coupling, settings.memory, threads)
        field = _free_field(settings.model, bank, -(-protocol.free // interval) * interval, threads)
        if (np.abs(field) < DIVERGED).all():
            check_windows(field[:, :, 0], settings.model)
            return
    rest = {"none": Rest(settings.stimulus.action_size)}  # which tells more of a population that diverges
    _Measurement(settings, protocol, rest, threads, lambda done: None).rest()


def uncoupled_std(settings: ModelSettings, protocol: Protocol, threads: int = 1) -> Floats:
    """std X of the protocol's populations without coupling, over the length of its free phase: (episodes,); not a
    number where there is no such thing.

    std X of the free ones over it is the S that desynchronisation alone would reach: neurons with independent phases.

    Raises:
        DivergedError: a population has gone out of bounds.
    """
    uncoupled = settings.uncoupled
    if uncoupled is None:
        return np.full(protocol.episodes, np.nan)
    return _std_x(uncoupled, protocol.episodes, protocol.seed, protocol.free, threads)


@lru_cache(maxsize=64)
def _std_x(settings: ModelSettings, populations: int, seed: int, steps: int, threads: int) -> Floats:
    """std X of free populations over ``steps`` integration steps after their transient; asked again, it is known."""
    x = _free_field(settings, stored_bank(settings, populations, 1, seed, 1, threads), steps, threads)[:, :, 0]
    if not np.isfinite(x).all():
        raise DivergedError("the uncoupled population diverged; check model.dt and model.parameters")
    std: Floats = x.std(axis=1)
    std.flags.writeable = False
    return std


def _free_field(settings: ModelSettings, bank: Bank, steps: int, threads: int) -> Floats:
    """The mean field of populations without stimulation, float64 (entries, steps, variables)."""
    ensemble = ensemble_of(settings, len(bank), 0, transient=0, threads=threads)
    ensemble.state[:], ensemble.current[:], ensemble.coupling[:] = bank.state, bank.current, bank.coupling
    return ensemble.advance(ensemble.quiet(steps))


class _Measurement:
    """The phases, one method each, to be called in their order."""

    def __init__(
        self,
        settings: LoopSettings,
        protocol: Protocol,
        controllers: Mapping[str, Controller],
        threads: int,
        progress: Progress,
    ) -> None:
        self._settings, self._controllers, self._threads = settings, controllers, threads
        self._episodes, self._rows = protocol.episodes, protocol.episodes * len(controllers)
        self._batches = [slice(k, k + self._episodes) for k in range(0, self._rows, self._episodes)]
        self._acting = _acting([*controllers.values()], self._episodes)
        self._seeds = range(protocol.seed, protocol.seed + self._episodes)
        start = FreeStart(self._episodes, 1, protocol.seed)
        first, unit = (
            settings.start if isinstance(settings.start, SuppressedStart) else None,
            settings.stimulus.interval,
        )
        if first is None:
            self._loop, self._first = self._begun(start), None
        else:
            memory = settings.memory
            lead, self._first = first.lead(settings.model, settings.coupling, start, self._seeds, memory, threads)
            self._loop, unit = lead, lcm(unit, lead.settings.stimulus.interval)
            lead.reset(entries=np.arange(self._episodes))
        self._free, self._ahead, self._onset, self._controlled, self._relaxed = (
            -(-steps // unit) * unit
            for steps in (
                protocol.free,
                first.settings.steps if first else 0,
                protocol.onset,
                protocol.stimulated - protocol.onset,
                protocol.relaxed,
            )
        )
        steps = self._free + self._ahead + self._onset + self._controlled + self._relaxed
        self._record = Record(self._loop, self._rows, self._episodes, steps, unit, progress)

    def rest(self) -> None:
        """The free phase."""
        self._free_spread = Spread(self._loop.ensemble.x)
        self._rest(self._free, self._free_spread)
        check_windows(self._record.field[: self._episodes, : self._free, 0], self._settings.model)

    def control(self) -> None:
        """The stimulated phase: the first agent, where there is one, once for all; then the controllers."""
        if self._first is not None:
            lead = self._loop
            act(lead, self._first, self._ahead, lambda: self._record.add(lead))
            self._loop = self._begun(Prepared(lead.bank(self._settings.memory), self._seeds[0]))
        loop, interval = self._loop, self._settings.stimulus.interval
        self._rewards, self._spread = np.zeros(self._rows), Spread(loop.ensemble.x)
        for step in range((self._onset + self._controlled) // interval):
            seen = loop.observe()
            actions = [controller.act(seen[rows]) for controller, rows in self._acting]
            self._rewards += loop.step(np.concatenate(actions))[0]
            self._record.add(loop)
            if step >= self._onset // interval:
                self._spread.add(loop.ensemble.x)

    def relax(self) -> None:
        """The relaxed phase."""
        self._rest(self._relaxed)

    def _rest(self, steps: int, spread: Spread | None = None) -> None:
        """Integration steps without stimulation, as many at once as the record allows."""
        interval = self._loop.settings.stimulus.interval
        left = steps // interval
        while left:
            count = min(left, self._record.until_sample(interval))
            self._loop.rest(count, None if spread is None else spread.sums(count))
            self._record.add(self._loop, count)
            left -= count

    def divergence(self) -> str | None:
        """Which population has diverged, and under which of several controllers."""
        loop = self._loop
        if not loop.diverged:
            return None
        row = min(loop.diverged)
        population, name = row % self._episodes, [*self._controllers][row // self._episodes]
        under = f", {name} policy," if loop.environments > self._episodes else ""
        return f"population {population} (seed {self._seeds[population]}){under} {loop.diverged[row]}"

    def trajectories(self) -> dict[str, Trajectory]:
        """What each controller did, by name."""
        model, record = self._settings.model, self._record
        spread = self._spread.std()
        free_spread = np.resize(self._free_spread.std(), spread.shape)  # the lead has fewer rows
        decisions = (self._onset + self._controlled) / self._settings.stimulus.interval
        return {
            name: Trajectory(
                field=record.field[batch],
                kicks=record.kicks[batch],
                free=self._free,
                stimulated=self._ahead + self._onset + self._controlled,
                relaxed=self._relaxed,
                onset=self._ahead + self._onset,
                neuron_std_free=free_spread[batch],
                neuron_std_stimulated=spread[batch],
                reward=self._rewards[batch] / decisions,
                raster=record.raster[:, k],
                raster_stride=record.raster_stride,
                raster_neurons=record.raster_neurons,
                dt=model.dt,
                period=float(model.period),
                threshold=model.model.threshold,
                variables=model.model.variable_names,
                **record.events(batch),
            )
            for k, (name, batch) in enumerate(zip(self._controllers, self._batches, strict=True))
        }

    def _begun(self, start: FreeStart | Prepared) -> ClosedLoop:
        """The environments of all controllers; each sees the same populations, the same noise and the same drift."""
        seeds = [*self._seeds] * len(self._controllers)
        settings = replace(self._settings, start=start, episode=replace(self._settings.episode, quiet=0))
        loop = ClosedLoop(settings, self._rows, seeds, self._threads)
        loop.reset(entries=np.arange(self._rows) % self._episodes)
        return loop


def _acting(controllers: Sequence[Controller], episodes: int) -> list[tuple[Controller, slice]]:
    """Controllers and their rows; one that stands side by side with itself acts for all of its rows at once."""
    found, begin = [], 0
    for _, same in groupby(controllers, key=id):
        together = [*same]
        end = begin + len(together) * episodes
        found.append((together[0], slice(begin, end)))
        begin = end
    return found
