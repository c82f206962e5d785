"""What meta.json and metrics.json of a run may hold: every value is what it should be, or counts as not said."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from rldbs.analysis.metric_definitions import known_metrics
from rldbs.core.errors import MOST_COUNT
from rldbs.files.untrusted_text import finite
from rldbs.runs.labels import is_note, is_tags

FINAL = "final"
"""The measurement at the end of a training run or a search, and that of a controller that needs none."""
FRONT = "front.csv"
"""The best compromises that a run has found; columns of unseen populations end in _unseen, the last row was chosen."""
KINDS = ("deterministic", "stochastic")
"""The policies that are measured."""
NEEDED = ("suppression", "mean_abs_kick", "activity")
"""Metrics that every measurement has; an older one may lack others."""
STATES = ("running", "done", "failed", "interrupted")
MOST_PROCESS = 2**31
"""No process has a number as large."""
TRACKED_AS = re.compile(r"[0-9a-f]{16}")
"""What a tracker knows a run by."""
COMMANDS = ("train", "tune", "evaluate", "simulate")


def _text(value: object) -> bool:
    return isinstance(value, str)


def is_time(value: object) -> bool:
    """Whether it is a time, which can be held against others."""
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).astimezone() is not None
    except (ValueError, OverflowError, OSError):
        return False


def _count(value: object) -> bool:
    return type(value) is int and 0 <= value <= MOST_COUNT


def _process(value: object) -> bool:
    return type(value) is int and 0 < value < MOST_PROCESS


def _seconds(value: object) -> bool:
    return isinstance(value, int | float) and finite(value) and value >= 0


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_text, value))


def _named_texts(value: object) -> bool:
    return isinstance(value, dict) and all(map(_text, value.values()))


FACTS: Mapping[str, Callable[[object], bool]] = {
    "status": lambda value: value in STATES,
    "command": lambda value: value in COMMANDS,
    "model": _text,
    "agent": _text,
    "seed": _count,
    "steps": _count,
    "steps_done": _count,
    "trials": _count,
    "trials_done": _count,
    "training_time": _seconds,
    "started": is_time,
    "finished": is_time,
    "resumed": _texts,
    "error": _text,
    "note": is_note,
    "tags": is_tags,
    "tracked": lambda value: isinstance(value, str) and TRACKED_AS.fullmatch(value) is not None,
    "host": _text,
    "pid": _process,
    "physics": _count,
    "equations": _text,
    "cpu": _text,
    "python": _text,
    "versions": _named_texts,
    "plugins": _named_texts,
    "computing": _named_texts,
    "variables": _named_texts,
}
"""What is read of meta.json again, and what each of it is."""


def facts(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a meta.json that can be trusted to be of their kinds."""
    return {key: meta[key] for key, sound in FACTS.items() if key in meta and sound(meta[key])}


def metrics_problem(metrics: Mapping[str, Any]) -> str | None:
    """What is wrong with what a metrics.json holds; None where nothing is."""
    if KINDS[0] not in metrics:
        return f"{KINDS[0]} is missing"
    for kind in KINDS:
        if kind not in metrics:
            continue
        scores = metrics[kind]
        if not isinstance(scores, dict):
            return f"{kind} must hold every metric"
        wrong = next((key for key in known_metrics([*NEEDED, *scores]) if not _summary(scores.get(key))), None)
        if wrong is not None:
            return f"{kind}.{wrong} must hold values, mean, iqm and ci95"
    return None


def _summary(score: object) -> bool:
    """Whether it is what metrics.json says of one metric."""
    if not isinstance(score, dict):
        return False
    values, interval = score.get("values"), score.get("ci95")
    return (
        isinstance(values, list)
        and isinstance(interval, list)
        and len(interval) == 2
        and all(number is None or finite(number) for number in (score.get("iqm"), *interval, *values))
        and _count(score.get("missing", 0))
    )
