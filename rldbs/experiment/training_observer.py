"""The callback of training: its rows of progress, its measurements on the way, its checkpoints."""

import errno
import math
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.logger import Logger

from rldbs.agents.learned_controller import several_controllers
from rldbs.agents.learner_state import learner_state, policy_arrays, restore_weights
from rldbs.analysis.episode_statistics import iqm
from rldbs.analysis.metric_definitions import EVERY_METRIC
from rldbs.analysis.tradeoff import BURSTS, SCORED, SYNCHRONY, TRADED
from rldbs.control.loop import ClosedLoop
from rldbs.core.errors import DivergedError, StorageError
from rldbs.core.native import Floats
from rldbs.core.window_sums import over_contacts
from rldbs.experiment.best_checkpoint import improved, loss
from rldbs.experiment.command_settings import Protocol, TrainSettings
from rldbs.experiment.display import Display
from rldbs.experiment.divergence_limit import Divergences, check_weights
from rldbs.experiment.event_file import Events
from rldbs.experiment.measures import measures_of
from rldbs.experiment.population_seeds import CHECKPOINTS
from rldbs.experiment.progress_columns import LOGGED, OWN, columns_of
from rldbs.experiment.protocol import measure_controllers
from rldbs.files.appended import Appended
from rldbs.files.folder import Folder
from rldbs.process.stop import Stopped, StopRequest
from rldbs.runs.checkpoint_store import Course, Shelf
from rldbs.runs.record import Meta, Progress
from rldbs.trackers.follower import Follower

PROGRESS = "progress"
"""The group of a checkpoint, and the array in it, that hold progress.csv."""
FULL = (errno.ENOSPC, errno.EDQUOT)


class Observer(BaseCallback):
    """Follows a learner: a row of progress for each rollout, or for about as many steps where a learner updates all the
    time; now and then a measurement and a checkpoint; another checkpoint where the run is to stop.

    Args:
        settings: all that decides the run.
        folder: the run folder.
        loop: the environments.
        meta: of the run.
        display: shows the rows.
        stop: whether the run is to stop.
        course: how far it has come already.
        before: progress.csv up to there.
        follower: is told of every row; None where nobody is.
    """

    def __init__(
        self,
        settings: TrainSettings,
        folder: Folder,
        loop: ClosedLoop,
        meta: Meta,
        display: Display,
        stop: StopRequest,
        course: Course,
        before: bytes,
        follower: Follower | None,
    ) -> None:
        super().__init__()
        self._settings, self._folder, self._loop = settings, folder, loop
        self._meta, self._display, self._stop, self._follower = meta, display, stop, follower
        first = settings.checkpoints.every if settings.teacher is None else 0
        self.course = course if course.steps else replace(course, next_measurement=first)
        self._shelf = Shelf(folder, settings.checkpoints.kept)
        columns = columns_of(settings.checkpoints.objective)
        self._divergences = Divergences(columns, before)
        self._progress = Progress(folder, columns, before)
        self._events = Events(folder, course.events)
        self._log = Appended(folder.file("train.log"))
        self._free_std = loop.settings.free_std(loop.ensemble.threads)
        self._began = time.monotonic() - course.time
        self._told = False
        self._start_row()
        if best := self._best():
            display.update({"steps": course.steps, **best})

    def follow(self, learner: BaseAlgorithm) -> None:
        """Let a learner learn to the end of its budget.

        Raises:
            DivergedError: the policy went out of bounds, or too many populations did.
            StorageError: a file could not be written.
            Stopped: the run was to stop, and has saved itself.
        """
        learner.set_logger(Logger(str(self._folder), [self._events]))
        left = self._settings.steps - learner.num_timesteps
        try:
            if left > 0:
                fresh = learner.num_timesteps == 0
                learner.learn(left, self, log_interval=None, reset_num_timesteps=fresh)  # type: ignore[arg-type]
                self._end_row(learner, last=True)
        except ValueError:
            check_weights(learner)  # with such, whoever is asked next gives up; this is the cause
            raise
        self._shelf.release()  # there will be no more checkpoints

    def close(self) -> None:
        for file in (self._progress, self._events, self._log):
            file.close()

    def _on_step(self) -> bool:
        self._kick += float(over_contacts(np.abs(self._loop.kicks)).mean())
        self._reward += float(self._loop.rewards.mean())
        self._steps += 1
        self._diverged += [*self._loop.diverged.values()]
        self._returns += [info["episode"]["r"] for info in self.locals["infos"] if "episode" in info]
        if self._stop.number is not None and not self._told:
            self._told = True
            self._display.say("Finishing this rollout, then saving. Once more stops at once.")
        return True

    def _on_rollout_start(self) -> None:
        if self._steps >= self._settings.agent.stretch:
            self._end_row(self.model)
            self._start_row()

    def _start_row(self) -> None:
        self._kick = self._reward = 0.0
        self._steps = 0
        self._returns: list[float] = []
        self._diverged: list[str] = []
        self._row_began = time.monotonic()

    def _end_row(self, learner: Any, last: bool = False) -> None:
        """The update after a rollout is done: make its row, measure and save if it is time, show it."""
        row = self._row(learner)
        check_weights(learner)
        steps = int(learner.num_timesteps)
        self.course = replace(self.course, steps=steps, measured=None, time=time.monotonic() - self._began)
        if last or steps >= self.course.next_measurement:
            row |= self._measure(learner)
        for column, value in row.items():
            if column != "steps":
                learner.logger.record(f"rldbs/{column}", value)
        saved = self._keep(learner, row)
        if self._follower is not None:
            self._follower.row(row)
        self._display.update(row | self._best())
        self._divergences.add(steps, self._diverged, self._settings.loop, last)
        if saved and self._stop.number is not None:  # one that came too late for this checkpoint waits
            raise Stopped("", self._stop.number)

    def _row(self, learner: Any) -> dict[str, float]:
        now = time.monotonic()
        row = {
            "steps": float(self.num_timesteps),
            "reward": self._reward / self._steps,
            "diverged": float(len(self._diverged)),
            "kick": self._kick / self._steps,
            "current_suppression": float(np.median(self._free_std / self._loop.recent_std())),
            "time": now - self._began,
            "steps_per_second": self._steps * self._settings.envs / (now - self._row_began),
        }
        if self._returns:
            row["episode_return"] = float(np.mean(self._returns))
        logged = learner.logger.name_to_value
        for column, names in LOGGED.items():
            name = next((name for name in names if name in logged), None)
            if name is not None:
                row[column] = float(logged[name])
        return row

    def _measure(self, learner: Any) -> dict[str, float]:
        """Measure the policy on unseen populations, and see if it is the best; not one under which they diverge."""
        checkpoints, steps, began = self._settings.checkpoints, self.course.steps, time.monotonic()
        following = (steps // checkpoints.every + 1) * checkpoints.every
        try:
            values = self._measured(learner)
        except DivergedError as error:
            self.course = replace(self.course, measured={}, next_measurement=following)
            self._line = f"{steps:>12,} steps  no measurement: {' '.join(str(error).split())}"
            return {}
        better = improved(self.course, values, checkpoints)
        if better is not None:
            self.course = better
        elif self.course.best is None:
            self.course = replace(self.course, best=steps)
        self.course = replace(self.course, measured=values, next_measurement=following)
        self._line = (
            f"{steps:>12,} steps  {_sought(values, checkpoints.objective)}mean |kick| {values['mean_abs_kick']:.3g}  "
            f"activity {values['activity']:.3f}{_others(values)}{'  best so far' if better else ''}  "
            f"(measured in {time.monotonic() - began:.1f} s)"
        )
        best = self.course.best_suppression
        return values if best is None else {**values, "best_suppression": best}

    def _best(self) -> dict[str, float]:
        """S of the best policy so far, and where it is the best by its R, that; nothing without one."""
        course, found = self.course, {}
        if course.best_suppression is not None:
            found["best_suppression"] = course.best_suppression
        if course.best_loss is not None and self._settings.checkpoints.tradeoff is SYNCHRONY:
            found["best_order"] = course.best_loss
        return found

    def _measured(self, learner: Any) -> dict[str, float]:
        """What counts of the policy on unseen populations; where several were learned at once, it becomes the best one.

        Raises:
            DivergedError: it drives one of them out of bounds.
        """
        agent, loop, threads = self._settings.agent, self._settings.loop, self._settings.threads
        several = agent.alternatives(policy_arrays(learner.policy))
        generator = self._generator(self.course.steps)
        protocol = self._short_protocol()
        controllers = several_controllers(agent, loop, several, protocol.episodes, generator)
        trajectories = measure_controllers(loop, protocol, controllers, threads)
        measured = [self._counted(measures_of(trajectory, loop.model)) for trajectory in trajectories.values()]
        losses = [loss(values, self._settings.checkpoints) for values in measured]
        best = min(range(len(several)), key=lambda k: (losses[k], measured[k]["mean_abs_kick"]))
        if best:
            restore_weights(learner.policy, several[best])
        return measured[best]

    def _counted(self, measured: Mapping[str, Floats]) -> dict[str, float]:
        """Interquartile means of what counts, but for what the policy does not come to on all populations."""
        values = {key: float(iqm(measured[key])) for key in self._settings.checkpoints.tradeoff.metrics}
        return {key: value for key, value in values.items() if key in SCORED or math.isfinite(value)}

    def _keep(self, learner: Any, row: Mapping[str, float]) -> bool:
        """Write the row, and a checkpoint if it is time; on a full disk, into the room that was held free for it.

        Returns:
            Whether there was a checkpoint.
        """
        logs = [lambda: self._progress.add(row), learner.dump_logs]
        save = self.course.measured is not None or self._stop.number is not None
        try:
            self._write(learner, logs, save)
        except OSError as error:
            if error.errno not in FULL or not self._shelf.release():
                raise
            self._write(learner, logs, save=True)
            reason = f"{self._folder}: {os.strerror(error.errno)}"
            raise StorageError(f"{reason}\nThe run has saved itself after {self.course.steps:,} steps") from None
        return save

    def _write(self, learner: Any, logs: list[Callable[[], object]], save: bool) -> None:
        """Write what of the logs is not written yet, each whole or not at all; and a checkpoint."""
        self._folder.check()
        while logs:
            logs[0]()
            del logs[0]
        if not save:
            return
        self._progress.sync()
        self._events.file.sync()
        self.course = replace(self.course, events=self._events.file.length)
        began = time.monotonic()
        rows = {PROGRESS: np.frombuffer(self._progress.saved(), np.uint8)}
        size = self._shelf.add(self.course, {**learner_state(learner), PROGRESS: rows})
        line = self._line if self.course.measured is not None else f"{self.course.steps:>12,} steps"
        self._log.append(f"{line}  saved: {size / 1e6:.1f} MB in {time.monotonic() - began:.2f} s\n".encode())
        self._meta.update(steps_done=self.course.steps)

    def _generator(self, steps: int) -> np.random.Generator | None:
        """What draws the actions of a measurement; None for the deterministic policy."""
        if self._settings.checkpoints.policy == "deterministic":
            return None
        return np.random.default_rng([CHECKPOINTS.start, steps])

    def _short_protocol(self) -> Protocol:
        checkpoints = self._settings.checkpoints
        onset = checkpoints.stimulated // 3
        free = onset if checkpoints.tradeoff is BURSTS else 2 * self._settings.loop.model.period
        relaxed, seed = checkpoints.relaxed, CHECKPOINTS.start
        return Protocol(checkpoints.episodes, free, checkpoints.stimulated, onset, relaxed, seed)


def _sought(values: Mapping[str, float], objective: str) -> str:
    """What the objective seeks, in words: S, or what it has of its own, which may not have come."""
    if objective not in OWN:
        return f"S {values['suppression']:.2f}  "
    return "".join(
        f"{EVERY_METRIC[key].label} {f'{values[key]:.3g}' if key in values else EVERY_METRIC[key].missing}  "
        for key in OWN[objective]
    )


def _others(values: Mapping[str, float]) -> str:
    """Other things that may be sought in words, where they are known."""
    own = {key for columns in OWN.values() for key in columns}
    known = [key for key in TRADED if key in values and key not in SCORED and key not in own]
    return "".join(f"  {EVERY_METRIC[key].label} {values[key]:.3g}" for key in known)
