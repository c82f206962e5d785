"""Runs in MLflow: by default in a database under ``runs/``, without a server."""

import fcntl
import logging
import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from rldbs.core.errors import SettingError, visible
from rldbs.runs.places import TRACKED
from rldbs.trackers.installed import lacking
from rldbs.trackers.tracked_run import Following, TrackedRun, check_project

ADDRESS = re.compile(r"(sqlite:///|https?://)\S+")
LOCAL = "sqlite:///"
ENDED = {"done": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}
IDENTITY = "rldbs.id"
"""The tag by which a run is found again."""
NOTE = "mlflow.note.content"
"""The tag that MLflow shows as a run's description."""
MOST_PARAMETERS, LONGEST_VALUE = 100, 500
"""What MLflow takes at once, and of a value."""
LOUD = ("mlflow", "alembic")
"""Packages that tell on the terminal what they do to the database."""


@dataclass(frozen=True)
class MLflow:
    """MLflow, in a database on this machine or on a server."""

    project: str = "rldbs"
    uri: str | None = None

    def __post_init__(self) -> None:
        check_project(self.project)
        if self.uri is not None and not ADDRESS.fullmatch(self.uri):
            told = visible(self.uri)[:80]
            raise SettingError(
                f"tracker.uri={told}: must be sqlite:///PATH, or the http:// address of a server, or null"
            )

    @property
    def lacks(self) -> str | None:
        # the small package lacks what a database needs
        return lacking("mlflow", "mlflow", *(() if self._database is None else ("sqlalchemy", "alembic")))

    @property
    def _database(self) -> Path | None:
        """The file, absolute; None where it is a server's."""
        if self.uri is None:
            return Path.cwd() / TRACKED / "runs.db"
        return Path.cwd() / self.uri.removeprefix(LOCAL) if self.uri.startswith(LOCAL) else None

    def follow(self, run: TrackedRun) -> Following:
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        tracking = import_module("mlflow.tracking")
        for name in LOUD:
            logging.getLogger(name).setLevel(logging.ERROR)
        database = self._database
        with _alone(database):
            client = tracking.MlflowClient(self.uri if database is None else f"{LOCAL}{database}")
            experiment = _experiment(client, self.project, database)
        return _Run(client, experiment, run)


@contextmanager
def _alone(database: Path | None) -> Iterator[None]:
    """Be the only process that makes the database and what runs stand under in it."""
    if database is None:
        yield
        return
    database.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{database}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _experiment(client: Any, name: str, database: Path | None) -> str:
    """The number of what MLflow calls an experiment; where it is made, what it keeps lies beside the database."""
    there = client.get_experiment_by_name(name)
    if there is not None:
        return str(there.experiment_id)
    place = None if database is None else database.with_name(f"{database.stem}-artifacts").as_uri()
    return str(client.create_experiment(name, artifact_location=place))


class _Run:
    def __init__(self, client: Any, experiment: str, run: TrackedRun) -> None:
        self._client, self._entities = client, import_module("mlflow.entities")
        tags = {
            IDENTITY: run.id,
            **dict.fromkeys(run.tags, ""),
            **({NOTE: run.note} if run.note else {}),
            **({"rldbs.sweep": run.sweep} if run.sweep else {}),
        }
        there = client.search_runs([experiment], f"tags.`{IDENTITY}` = '{run.id}'", max_results=1)
        if there:
            self._id, known = there[0].info.run_id, there[0].data.params.keys()
            client.update_run(self._id, status="RUNNING")
            reached = client.get_metric_history(self._id, "reward")
            self._reached = max((metric.step for metric in reached), default=0)
        else:
            self._id, known = client.create_run(experiment, run_name=run.name, tags=tags).info.run_id, set()
            self._reached = 0
        settings = [
            self._entities.Param(key, str(value)[:LONGEST_VALUE])
            for key, value in run.settings().items()
            if key not in known
        ]
        for begin in range(0, len(settings), MOST_PARAMETERS):
            client.log_batch(self._id, params=settings[begin : begin + MOST_PARAMETERS])

    def row(self, steps: int, values: Mapping[str, float]) -> None:
        if steps > self._reached:  # what is there already is the same
            now = int(time.time() * 1000)
            metrics = [self._entities.Metric(key, value, now, steps) for key, value in values.items()]
            self._client.log_batch(self._id, metrics=metrics)

    def keep(self, files: Mapping[str, Path]) -> None:
        for name, path in files.items():
            self._client.log_artifact(self._id, str(path), name.rpartition("/")[0] or None)

    def end(self, status: str) -> None:
        self._client.set_terminated(self._id, ENDED[status])
