"""The closed loop of a batch of environments: stimulus → population → recording and reward, and the episode clock."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rldbs.control.divergence import contained, unrewarded
from rldbs.control.episode import Clock
from rldbs.control.history import History
from rldbs.control.kicks import kicks_of, not_finite, rows_of, shape_of
from rldbs.control.loop_settings import LoopSettings
from rldbs.control.loop_state import Piece, branched, restore_state, saved_state
from rldbs.control.measured_signals import Recorder
from rldbs.control.native_parts import native_step, resting_step
from rldbs.control.random_streams import Stream
from rldbs.control.sample_tape import Tape
from rldbs.control.step_rewards import rewards_of
from rldbs.control.tissue_changes import TissueChanges
from rldbs.control.walking_coupling import walk_on
from rldbs.core.arguments import seeds, whole
from rldbs.core.bank import Bank
from rldbs.core.ensemble_kinds import ensemble_of
from rldbs.core.errors import DivergedError
from rldbs.core.native import MOST_NEURONS, Floats
from rldbs.core.native_step import DONE, LEFT, UNPAID, Sums
from rldbs.core.saved_arrays import Arrays

Seed = int | Sequence[int]


class ClosedLoop:
    """Environments that step together. Environment i seeded s + i is the same, to the bit, alone or in a batch.

    The loop neither resets by itself nor knows Gymnasium; the faces in ``rldbs.envs`` do.

    Args:
        settings: what the environments are.
        environments: how many.
        seed: an integer s (environment i gets s + i), or one integer for each environment.
        threads: threads for the populations; no result depends on it.
        memory: integration steps of the past to keep where the settings need less.

    Attributes:
        ensemble: the populations, one for each environment.
        kicks: float64 (environments, interval · per_step), or (environments, …, contacts), of the last step.
        rewards: float64 (environments,) of the last step.
        diverged: environments whose population went out of bounds in the last step, each with a line about it.
        clock: how far each environment is into its episode.
    """

    def __init__(
        self, settings: LoopSettings, environments: int, seed: Seed = 0, threads: int = 1, memory: int = 0
    ) -> None:
        self.settings = settings
        self._stimulus, self._recording, self._reward = settings.stimulus, settings.recording, settings.reward
        self.model, self.action_size = settings.model.model, settings.stimulus.action_size
        self.environments = environments = whole("environments", environments, 1, MOST_NEURONS)
        self.observation_bounds = settings.recording.bounds(self.model)
        self._interval, self._memory = settings.stimulus.interval, settings.memory
        memory = max(settings.memory, memory)
        self._bank: Bank = settings.start.bank(settings.model, settings.coupling, memory, threads)
        self._changes = TissueChanges(settings, environments)
        apart = self._changes.own_contacts
        self.ensemble = ensemble_of(settings.model, environments, 0, transient=0, threads=threads, own_contacts=apart)
        self.kicks: Floats = np.zeros(shape_of(settings.stimulus, environments))
        self.rewards: Floats = np.zeros(environments)
        self.diverged: Mapping[int, str] = {}
        self.clock = Clock(settings.episode, environments)
        self._field = History(len(self.model.variables), environments, memory, self._interval)
        self._recorder = Recorder(settings, environments, self._field)
        self._first_coupling = self.ensemble.coupling.copy()
        self._walk = Stream("standard_normal", environments) if settings.coupling.drifts else None
        self.generators, self._first = [np.random.default_rng()] * environments, np.ones(environments, np.bool_)
        for i, own in enumerate(seeds(seed, environments)):
            self.seed(i, np.random.default_rng(own))
        self._lay()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("_x", "_step", "_rest")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._lay()

    def _lay(self) -> None:
        """What knows where the populations lie: views and addresses, of which a copy is none."""
        self._x = self.ensemble.x
        self._step = native_step(self.settings, self.ensemble, self._field, self._recorder.sensor)
        self._rest = resting_step(self.settings, self.ensemble, self._field)
        self._observed: NDArray[np.float32] | None = None

    def seed(self, environment: int, generator: np.random.Generator) -> None:
        """Give one environment a new source of randomness; its next reset is like its very first.

        The generator itself draws what an episode begins with. What is drawn at every step comes from generators
        that it spawns, so that they do not mix, however far ahead is drawn.
        """
        self.generators[environment] = generator
        self._first[environment] = True
        noise, dropout, walk = generator.spawn(3)
        self._recorder.sensor.seed(environment, noise, dropout)
        if self._walk is not None:
            self._walk.seed(environment, walk)
        self._changes.seed(environment, generator)

    def reset(self, mask: NDArray[np.bool_] | None = None, entries: NDArray[np.int64] | None = None) -> None:
        """Start a new episode in the environments of ``mask``, bool (environments,), or in all.

        Each draws its coupling, and its starting point from the populations that were prepared nearest to that,
        unless ``entries``, int (environments started,), names them.
        """
        self._observed = None
        rows = np.arange(self.environments) if mask is None else np.flatnonzero(mask)
        if entries is None:
            entries = np.array([self._draw(i) for i in rows.tolist()], np.int64)
        else:
            self.ensemble.coupling[rows] = self._bank.coupling[entries]
        self._first_coupling[rows] = self.ensemble.coupling[rows]
        self.ensemble.state[rows] = self._bank.state[entries]
        self.ensemble.current[rows] = self._bank.current[entries]
        generators, past = [self.generators[i] for i in rows], self._bank.past[entries]
        self.ensemble.begin(rows, generators)
        self._changes.begin(rows, self.ensemble)
        self._field.restart(rows, past)
        self._recorder.restart(rows, past, generators)
        episode = self.settings.episode
        self.clock.restart(rows, episode.steps)
        for i in rows[self._first[rows]] if episode.stagger else ():
            self.clock.restart(i, self.generators[i].integers(1, episode.steps + 1))
        self._first[rows] = False

    def observe(self, rows: NDArray[np.intp] | None = None) -> NDArray[np.float32]:
        """What controllers see now, of all or of some environments: float32 (environments, size), a fresh array."""
        observed, self._observed = self._observed, None
        return self._recorder.observe(rows) if observed is None or rows is not None else observed

    def observation(self, signals: Floats) -> NDArray[np.float32]:
        """What controllers see of the signals float64 (channels, windows, memory): float32 (windows, size)."""
        return self._recording.observe(signals, self.model)

    def record(self, steps: int) -> Tape:
        """Keep what the sensors give from now on, far enough back for the observations of the last ``steps`` steps."""
        return self._recorder.record(steps)

    def step(self, actions: NDArray[np.floating]) -> tuple[Floats, NDArray[np.bool_]]:
        """One environment step of every environment.

        Args:
            actions: (environments, action_size); values outside [−1, 1] are clipped.

        Returns:
            Rewards, float64 (environments,), and whether the episode has reached its end, bool (environments,).

        Raises:
            SettingError: the actions have another shape or are not finite.
            DivergedError: the mean field of a population has left all bounds, or its reward is not finite.
        """
        rewards, _, ended = self.episode_step(actions)
        self._refuse_divergence()
        return rewards, ended

    def episode_step(
        self, actions: NDArray[np.floating], idle: NDArray[np.bool_] | None = None
    ) -> tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]:
        """:meth:`step`, but that a population which diverges ends its own episode and nothing else.

        Its last observation holds the last sample that was within bounds, and its reward is −``episode.penalty``.

        Args:
            actions: as for :meth:`step`.
            idle: bool (environments,), whose step is of no episode and uses up no randomness; None for nobody.

        Returns:
            Rewards, float64 (environments,), whether the population has diverged and whether the episode has else
            reached its end, bool (environments,) each.

        Raises:
            SettingError: as for :meth:`step`.
        """
        if self._step.shapes:
            rows = rows_of(self._stimulus, actions, self.environments)
            kicks: Floats = np.empty(shape_of(self._stimulus, self.environments))
        else:
            quiet = self.clock.left <= self.settings.episode.quiet if self.settings.episode.quiet else None
            rows, kicks = None, kicks_of(self._stimulus, actions, self.clock.now, quiet)
        if self._walk is not None:
            walk_on(self._walk, self.settings, self.ensemble.coupling, self._first_coupling, self.clock.now, idle)
        self._field.grow(self._interval)
        status, rewards, self._observed = self._step.take(self._field.now, rows, kicks, self.ensemble.threads)
        if status < 0:
            self._field.take_back(self._interval)
            self._observed = None
            raise not_finite(actions, (-1 - status) // self.action_size)
        self._came(kicks, status)
        self._recorder.sensor.forget(idle, self._interval)
        ended = self.clock.tick()
        self._changes.follow(self.clock.now, self.ensemble, idle)
        if rewards is None or status == LEFT:
            field = self._field.last(self._memory)
            rewards = rewards_of(self._reward, self.model.variable_names, field, kicks, self._x, self._interval)
            status = status if np.isfinite(rewards).all() else UNPAID
        self.rewards, diverged = rewards, np.zeros(self.environments, np.bool_)
        if status != DONE:
            self._penalise()
        if self.diverged:
            diverged[list(self.diverged)] = True
            ended = ended & ~diverged
        return self.rewards, diverged, ended

    def rest(self, count: int = 1, sums: Sums | None = None) -> None:
        """Environment steps without stimulation, outside the episode's clock.

        There are ``count`` of them, with up to ``ROOM`` integration steps; for ``sums`` see :meth:`.Step.rest`.

        Raises:
            DivergedError: as for :meth:`step`.
        """
        self._observed = None
        kicks, steps = np.zeros(shape_of(self._stimulus, self.environments)), count * self._interval
        self._field.grow(steps)
        done = self._rest.rest(self._field.now - steps, count, kicks, sums, self.ensemble.threads)
        if done < count:
            self._field.take_back((count - done - 1) * self._interval)
        self._came(kicks, DONE if done == count else LEFT, min(done + 1, count))
        self._refuse_divergence()

    def bank(self, memory: int) -> Bank:
        """The populations as they are now, as starting points for another loop, with ``memory`` steps of their past."""
        past, ensemble = self._field.last(memory).transpose(1, 2, 0).copy(), self.ensemble
        return Bank(ensemble.state.copy(), ensemble.current.copy(), past, ensemble.coupling.copy())

    def saved(self) -> Arrays:
        """All that the coming steps depend on, the tape aside: what :meth:`restore` needs."""
        return saved_state(self._arrays(), self.clock, self.generators, self._bank, self._pieces())

    def restore(self, arrays: Arrays) -> None:
        """Go on where :meth:`saved` was called, in a loop that was made with the same arguments.

        Raises:
            RunError: the arrays are not those of such a loop, or its episodes no longer start where they did.
        """
        self._observed = None
        self.generators = restore_state(arrays, self._arrays(), self.clock, self._bank, self._pieces())

    def branch(self, sources: NDArray[np.intp]) -> None:
        """Environment i goes on as environment sources[i] does: with its population, its past and its randomness."""
        self.restore(branched(self.saved(), sources))

    @property
    def begun(self) -> bool:
        """Whether every environment is in an episode."""
        return not self._first.any()

    @property
    def mean_field(self) -> Floats:
        """That of the last step, float64 (environments, interval, variables), a fresh array."""
        return self.past(1)

    def past(self, count: int) -> Floats:
        """That of the last steps that were taken at once, float64 (environments, count · interval, variables)."""
        return self._field.last(count * self._interval).transpose(1, 2, 0).copy()

    def recent_std(self) -> Floats:
        """Standard deviation of X over the loop's memory up to now, float64 (environments,)."""
        return np.asarray(self._field.last(self._memory)[0].std(axis=1))

    def _arrays(self) -> Arrays:
        return {**self.ensemble.arrays(), "first_coupling": self._first_coupling, "first": self._first}

    def _pieces(self) -> dict[str, Piece]:
        walk: dict[str, Piece] = {} if self._walk is None else {"walk": self._walk}
        return {"field": self._field, "changes": self._changes, **self._recorder.pieces(), **walk}

    def _draw(self, environment: int) -> int:
        """Set the coupling of a new episode and choose where it starts."""
        coupling = self.settings.coupling.first(self.settings.model.coupling, self.generators[environment])
        near, self.ensemble.coupling[environment] = self._bank.nearest(coupling), coupling
        return int(near[self.generators[environment].integers(len(near))])

    def _came(self, kicks: Floats, status: int, steps: int = 1) -> None:
        """Take note of steps of the populations: whether all are within bounds, and what the sensors give."""
        self.kicks, self.diverged = kicks, {}
        if status != DONE:
            self._observed = None
        if status == LEFT:
            field = self._field.last(self._interval + 1)
            self.diverged = contained(field, self.ensemble.state, self.clock.now, kicks)
        self._recorder.take_in(steps * self._interval, kicks, self._changes.louder)

    def _penalise(self) -> None:
        """Give the populations that have diverged their reward; with them count those whose reward is not finite."""
        self.diverged = {**unrewarded(self.rewards, self.clock.now, self.mean_field), **self.diverged}
        self.rewards = self.rewards.copy()
        self.rewards[list(self.diverged)] = -self.settings.episode.penalty

    def _refuse_divergence(self) -> None:
        for row in sorted(self.diverged):
            raise DivergedError(f"population {row} {self.diverged[row]}")
