"""Training: a learner, a closed loop, and a run folder that tells what happened."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.logger import Logger, TensorBoardOutputFormat

from rldbs.agents.learned import LearnedController
from rldbs.agents.learner import (
    build_learner,
    one_torch_thread,
    optimizer_arrays,
    policy_arrays,
    return_statistics,
)
from rldbs.analysis.metrics import measure
from rldbs.analysis.statistics import iqm
from rldbs.control.loop import ClosedLoop
from rldbs.core.errors import DivergedError
from rldbs.experiment.checkpoint import Checkpoint, point, prune, write_checkpoint
from rldbs.experiment.display import Display
from rldbs.experiment.evaluate import Metrics, evaluate_run
from rldbs.experiment.protocol import measure_controllers
from rldbs.experiment.record import Meta, Progress, fate_of, write_config
from rldbs.experiment.settings import EvaluateSettings, Protocol, TrainSettings

COLUMNS = (
    "steps",
    "time",
    "steps_per_second",
    "reward",
    "episode_return",
    "kick",
    "current_suppression",
    "suppression",
    "mean_abs_kick",
    "activity",
    "best_suppression",
    "learning_rate",
    "policy_loss",
    "value_loss",
    "entropy_loss",
    "approx_kl",
    "clip_fraction",
    "explained_variance",
    "action_std",
    "entropy_weight",
    "random_actions",
)
"""Columns of progress.csv. ``suppression``, ``mean_abs_kick`` and ``activity`` are measured on unseen populations with
the policy that ``checkpoints.policy`` says; ``kick`` and ``current_suppression`` are those of the exploring policy on
its own ones."""

LOGGED = {
    "learning_rate": ("train/learning_rate",),
    "policy_loss": ("train/policy_gradient_loss", "train/policy_loss", "train/actor_loss"),
    "value_loss": ("train/value_loss", "train/critic_loss", "train/loss"),
    "entropy_loss": ("train/entropy_loss",),
    "approx_kl": ("train/approx_kl", "train/kl_divergence_loss"),
    "clip_fraction": ("train/clip_fraction",),
    "explained_variance": ("train/explained_variance",),
    "action_std": ("train/std",),
    "entropy_weight": ("train/ent_coef",),
    "random_actions": ("rollout/exploration_rate",),
}
"""Our column → under which names the learners log it; the first that there is counts."""

MEASUREMENT_SEED = 2_000_000
"""Draws the populations on which checkpoints are compared: neither those of training nor those of the protocol."""


def train(settings: TrainSettings, folder: Path, console: Console | None = None) -> Metrics:
    """Train a controller, then measure its best checkpoint.

    Args:
        settings: all that decides the run.
        folder: the run folder; it exists and is empty.
        console: where progress and the table are shown.

    Returns:
        What metrics.json holds.

    Raises:
        DivergedError: a population or the policy went out of bounds; the checkpoints so far are kept.
        KeyboardInterrupt: the user stopped the run; the checkpoints so far are kept.
    """
    console = console or Console()
    write_config(folder, settings.config)
    model = settings.loop.model.name
    agent = settings.config["agent"]["name"]  # type: ignore[index]
    meta = Meta(
        folder,
        {
            "command": "train",
            "model": model,
            "agent": agent,
            "seed": settings.seed,
            "steps": settings.steps,
            "steps_done": 0,
            "threads": settings.threads,
        },
    )
    began = time.monotonic()
    with fate_of(meta), one_torch_thread():
        environment_seed, learner_seed = np.random.SeedSequence([0x7EA1, settings.seed]).generate_state(2)
        loop = ClosedLoop(settings.loop, settings.envs, int(environment_seed), settings.threads)
        learner = build_learner(settings.agent, loop, int(learner_seed))
        writer = Logger(str(folder), [TensorBoardOutputFormat(str(folder / "tensorboard"))])
        learner.set_logger(writer)
        title = f"{agent} learns on {model}, seed {settings.seed}"
        with Display(console, title, settings.steps) as display:
            observer = _Observer(settings, folder, loop, meta, display)
            try:
                learner.learn(settings.steps, observer, log_interval=None)  # type: ignore[arg-type]
                observer.finish(learner)
            finally:
                observer.close()
                writer.close()
        meta.update(training_time=round(time.monotonic() - began, 3))
        if not observer.found:
            console.print(
                "No checkpoint kept checkpoints.most_kick and checkpoints.least_activity: the first one counts as best",
                style="yellow",
            )
        return evaluate_run(_final_measurement(settings), folder, console=console)


def _final_measurement(settings: TrainSettings) -> EvaluateSettings:
    return EvaluateSettings(
        seed=settings.seed,
        threads=settings.threads,
        name="final",
        checkpoint="best",
        loop=settings.loop,
        agent=settings.agent,
        protocol=settings.protocol,
        config=settings.config,
    )


class _Observer(BaseCallback):
    """Follows a learner: a row of progress for each rollout, or for about as many steps where a learner updates all the
    time; now and then a measurement and a checkpoint."""

    def __init__(self, settings: TrainSettings, folder: Path, loop: ClosedLoop, meta: Meta, display: Display) -> None:
        super().__init__()
        self._settings, self._folder, self._loop, self._meta, self._display = (
            settings,
            folder,
            loop,
            meta,
            display,
        )
        self._progress = Progress(folder, COLUMNS)
        self._log = open(folder / "train.log", "w", encoding="utf-8")  # noqa: SIM115
        self._free_std = loop.free_std()
        self._began = time.monotonic()
        self._next_measurement = settings.checkpoints.every
        self._best = -np.inf
        self._start_row()

    def finish(self, learner: BaseAlgorithm) -> None:
        """The last update is done: its row, its measurement, its checkpoint."""
        self._end_row(learner, last=True)

    @property
    def found(self) -> bool:
        """Whether a checkpoint was good enough to be the best."""
        return bool(np.isfinite(self._best))

    def close(self) -> None:
        self._progress.close()
        self._log.close()

    def _on_step(self) -> bool:
        self._kick += float(np.abs(self._loop.kicks).mean())
        self._reward += float(self._loop.rewards.mean())
        self._steps += 1
        self._returns += [info["episode"]["r"] for info in self.locals["infos"] if "episode" in info]
        return True

    def _on_rollout_start(self) -> None:
        if self._steps >= self._settings.agent.stretch:
            self._end_row(self.model)
            self._start_row()

    def _start_row(self) -> None:
        self._kick = self._reward = 0.0
        self._steps = 0
        self._returns: list[float] = []
        self._row_began = time.monotonic()

    def _end_row(self, learner: Any, last: bool = False) -> None:
        """The update after a rollout is done: make its row, measure and save if it is time, show it."""
        now = time.monotonic()
        row = {
            "steps": float(self.num_timesteps),
            "reward": self._reward / self._steps,
            "kick": self._kick / self._steps,
            "current_suppression": float(np.median(self._free_std / self._loop.recent_std())),
        }
        if self._returns:
            row["episode_return"] = float(np.mean(self._returns))
        logged = learner.logger.name_to_value
        for column, names in LOGGED.items():
            name = next((name for name in names if name in logged), None)
            if name is not None:
                row[column] = float(logged[name])
        row["time"] = now - self._began
        row["steps_per_second"] = self._steps * self._settings.envs / (now - self._row_began)
        if not all(bool(torch.isfinite(p).all()) for p in learner.policy.parameters()):
            raise DivergedError(f"the policy's weights are no longer finite after {self.num_timesteps:,} steps")
        if last or self.num_timesteps >= self._next_measurement:
            row |= self._measure_and_save(learner)
        self._progress.add(row)
        self._display.update(row)
        for column, value in row.items():
            if column != "steps":
                learner.logger.record(f"rldbs/{column}", value)
        learner.dump_logs()

    def _measure_and_save(self, learner: Any) -> dict[str, float]:
        """Measure the policy on unseen populations, write a checkpoint, see whether it is the best."""
        checkpoints, steps, began = self._settings.checkpoints, int(learner.num_timesteps), time.monotonic()
        self._next_measurement = (steps // checkpoints.every + 1) * checkpoints.every
        trajectory = measure_controllers(
            self._settings.loop,
            self._short_protocol(),
            {"now": LearnedController(learner.policy, self._loop, self._generator(steps))},
            self._settings.threads,
        )["now"]
        measured = measure(trajectory)
        values = {key: float(iqm(measured[key])) for key in ("suppression", "mean_abs_kick", "activity")}
        eligible = values["mean_abs_kick"] <= checkpoints.most_kick and values["activity"] >= checkpoints.least_activity
        better = eligible and values["suppression"] > self._best
        if better:
            self._best = values["suppression"]
        if self.found:
            values["best_suppression"] = self._best

        folder = self._folder / "checkpoints" / str(steps)
        tensors = {"policy": policy_arrays(learner.policy), "optimizer": optimizer_arrays(learner)}
        state = {"steps": steps, "measured": values, "returns": return_statistics(learner)}
        write_checkpoint(folder, Checkpoint(tensors, state))
        point(folder.with_name("last"), folder)
        if better or not folder.with_name("best").exists():
            point(folder.with_name("best"), folder)
        prune(folder.parent)
        self._meta.update(steps_done=steps)
        self._log.write(
            f"{steps:>12,} steps  S {values['suppression']:.2f}  mean |kick| {values['mean_abs_kick']:.3g}  "
            f"activity {values['activity']:.3f}{'  best so far' if better else ''}  "
            f"(measured in {time.monotonic() - began:.1f} s)\n"
        )
        self._log.flush()
        return values

    def _generator(self, steps: int) -> torch.Generator | None:
        """What draws the actions of a measurement; None for the deterministic policy."""
        if self._settings.checkpoints.policy == "deterministic":
            return None
        return torch.Generator().manual_seed(
            int(np.random.SeedSequence([MEASUREMENT_SEED, steps]).generate_state(1)[0])
        )

    def _short_protocol(self) -> Protocol:
        checkpoints = self._settings.checkpoints
        free = 2 * self._settings.loop.model.period
        onset = checkpoints.stimulated // 3
        return Protocol(checkpoints.episodes, free, checkpoints.stimulated, onset, 0, MEASUREMENT_SEED)
