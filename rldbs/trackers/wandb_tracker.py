"""Runs in Weights & Biases: by default a folder in the run folder, which ``wandb sync`` sends when the user says so."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from rldbs.trackers.installed import lacking
from rldbs.trackers.tracked_run import Following, TrackedRun, check_project

EXIT = {"done": 0, "failed": 1, "interrupted": 255}
"""How a run has ended → the exit code by which Weights & Biases tells what has become of it."""
RESULTS = "results"
"""The kind of what is kept."""


@dataclass(frozen=True)
class WandB:
    """Weights & Biases, without the network unless that is asked for."""

    project: str = "rldbs"
    mode: Literal["offline", "online"] = "offline"

    def __post_init__(self) -> None:
        check_project(self.project)

    @property
    def lacks(self) -> str | None:
        return lacking("wandb", "wandb")

    def follow(self, run: TrackedRun) -> Following:
        if self.mode == "offline":
            os.environ.setdefault("WANDB_ERROR_REPORTING", "false")  # nothing is sent, not even that
        wandb = import_module("wandb")
        return _Run(
            wandb,
            run,
            wandb.init(
                project=self.project,
                id=run.id,
                name=run.name,
                group=run.sweep,
                notes=run.note or None,
                tags=run.tags,
                config=dict(run.config),
                dir=str(run.folder),
                mode=self.mode,
                resume="allow",
                reinit="create_new",
                settings=wandb.Settings(silent=True, console="off", disable_git=True, disable_code=True),
            ),
        )


class _Run:
    def __init__(self, wandb: Any, run: TrackedRun, record: Any) -> None:
        self._wandb, self._run, self._record = wandb, run, record

    def row(self, steps: int, values: Mapping[str, float]) -> None:
        if steps >= self._record.step:  # what is there already is the same
            self._record.log(dict(values), step=steps)

    def keep(self, files: Mapping[str, Path]) -> None:
        kept = self._wandb.Artifact(f"run-{self._run.id}", RESULTS, description=self._run.name)
        for name, path in files.items():
            kept.add_file(str(path), name)
        self._record.log_artifact(kept)

    def end(self, status: str) -> None:
        self._record.finish(exit_code=EXIT[status])
