"""The journal of a search: a line for the search, again whenever it is gone on with, and one for each trial.

Optuna takes whatever stands in a journal at its word; so every line is looked over before it comes to see it.
"""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, distribution_to_json
from optuna.storages.journal import BaseJournalBackend
from optuna.study import StudyDirection
from optuna.trial import TrialState

from rldbs.core.errors import RunError
from rldbs.files.appended import Appended
from rldbs.files.file import File
from rldbs.files.untrusted_text import UnreadableError, finite, plain_json
from rldbs.runs.json_fields import is_time

STUDY = "rldbs"
MOST_JOURNAL = 2**28
"""Bytes of a journal."""
MOST_LINE, MOST_LINES = 2**20, 200_000
"""Bytes of a line, and how many there may be."""
SEARCH, TRIAL = 0, 4
"""What Optuna calls the lines that begin a search, and those of finished trials."""
LIMITS = 2
"""How many a trial has to keep."""
PARTS = (
    "op_code",
    "worker_id",
    "study_id",
    "datetime_start",
    "datetime_complete",
    "state",
    "value",
    "values",
    "distributions",
    "params",
    "intermediate_values",
)
"""What is taken of the line of a trial as it stands."""

Log = dict[str, Any]


class Journal(BaseJournalBackend):
    """The journal as Optuna wants it, without a lock: the run folder has one already, which goes with its process.

    A line that a process was writing when it was killed is cut off.

    Args:
        file: the journal; it is made where it is not there.
        space: the ranges of the search.
        directions: of its objectives.
        noted: the metrics of a trial that stand beside its objectives.

    Raises:
        RunError: it is not the journal of such a search.
        OSError: it cannot be read or written.
    """

    def __init__(
        self,
        file: File,
        space: Mapping[str, BaseDistribution],
        directions: Sequence[StudyDirection],
        noted: Sequence[str],
    ) -> None:
        self._logs: list[Log] = []
        length = 0
        ranges = {key: plain_json(distribution_to_json(distribution)) for key, distribution in space.items()}
        if file.there:
            with file.reading(MOST_JOURNAL) as lines:
                for number, line in enumerate(iter(partial(lines.readline, MOST_LINE), b""), 1):
                    if not line.endswith(b"\n") and len(line) < MOST_LINE:
                        break
                    try:
                        if len(line) == MOST_LINE or number > MOST_LINES:
                            raise UnreadableError("is one too many, or too long")
                        log = plain_json(line.decode())
                        if number == 1 or _of(log, SEARCH):
                            log = _search(log, directions)
                        else:
                            log = _trial(log, space, ranges, len(directions), noted)
                    except (UnreadableError, UnicodeDecodeError) as error:
                        raise RunError(f"{file}: is not the journal of such a search: line {number} {error}") from None
                    self._logs.append(log)
                    length += len(line)
        self._file = Appended(file, length)

    def read_logs(self, log_number_from: int) -> list[Log]:
        return self._logs[log_number_from:]

    def append_logs(self, logs: list[Log]) -> None:
        lines = [json.dumps(log, separators=(",", ":")) for log in logs]
        self._file.append("".join(f"{line}\n" for line in lines).encode())
        self._file.sync()
        self._logs += map(json.loads, lines)

    def close(self) -> None:
        self._file.close()


def _of(log: object, kind: int) -> bool:
    return isinstance(log, dict) and log.get("op_code") == kind


def _search(log: object, directions: Sequence[StudyDirection]) -> Log:
    """What counts of a line that begins a search with these objectives.

    Raises:
        UnreadableError: it does not.
    """
    wanted = {"op_code": SEARCH, "study_name": STUDY, "directions": [direction.value for direction in directions]}
    if not isinstance(log, dict) or any(log.get(key) != value for key, value in wanted.items()):
        raise UnreadableError("does not begin it")
    _check_worker(log)
    return {**wanted, "worker_id": log["worker_id"]}


def _trial(
    log: object,
    space: Mapping[str, BaseDistribution],
    ranges: Mapping[str, object],
    objectives: int,
    noted: Sequence[str],
) -> Log:
    """What counts of a line that is that of a finished trial in these ranges.

    Raises:
        UnreadableError: it is not.
    """
    if not isinstance(log, dict) or not _of(log, TRIAL) or log.get("study_id") != 0:
        raise UnreadableError("is not that of a trial")
    _check_worker(log)
    for key in ("datetime_start", "datetime_complete"):
        if not is_time(log.get(key)):
            raise UnreadableError(f"has no time as its {key}")
    for key in ("distributions", "params", "user_attrs", "system_attrs"):
        if not isinstance(log.get(key), dict):
            raise UnreadableError(f"has no {key}")
    if log.get("intermediate_values") != {}:
        raise UnreadableError("has values from before its end")
    if any(not isinstance(text, str) for text in log["distributions"].values()) or ranges != {
        key: plain_json(text) for key, text in log["distributions"].items()
    }:
        raise UnreadableError("has other ranges than config.yaml")
    if log["params"].keys() != space.keys() or not all(_within(log["params"][key], space[key]) for key in space):
        raise UnreadableError("has a value outside of its range")
    return {**{key: log.get(key) for key in PARTS}, **_outcome(log, objectives, noted)}


def _check_worker(log: Log) -> None:
    if not isinstance(log.get("worker_id"), str):
        raise UnreadableError("has no worker_id")


def _outcome(log: Log, objectives: int, noted: Sequence[str]) -> Log:
    """The attributes of a trial that has failed for a reason, or has all its numbers.

    Raises:
        UnreadableError: it has neither.
    """
    one, several, about = log.get("value"), log.get("values"), log["user_attrs"]
    if log.get("state") == TrialState.FAIL.value:
        if one is None and several is None and isinstance(about.get("reason"), str):
            return {"user_attrs": {"reason": about["reason"]}, "system_attrs": {}}
        raise UnreadableError("has no reason for its failure")
    values = [one] if objectives == 1 and several is None else several if one is None else None
    numbers = [*values, *map(about.get, noted)] if isinstance(values, list) and len(values) == objectives else [None]
    constraints = log["system_attrs"].get("constraints")
    if log.get("state") != TrialState.COMPLETE.value or not all(map(finite, numbers)):
        raise UnreadableError("has no score")
    if not isinstance(constraints, list) or len(constraints) != LIMITS or not all(map(finite, constraints)):
        raise UnreadableError("does not say how it keeps the limits")
    return {"user_attrs": {key: about[key] for key in noted}, "system_attrs": {"constraints": constraints}}


def _within(value: object, distribution: Any) -> bool:
    """Whether a number of the journal stands for a value in a range."""
    if not isinstance(value, int | float) or not finite(value):
        return False
    if isinstance(distribution, CategoricalDistribution):
        return value in range(len(distribution.choices))
    return bool(distribution.low <= value <= distribution.high)
