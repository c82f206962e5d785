"""What a search leaves for those who go on from it: the settings that it found, and the front."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from rldbs.analysis.metric_definitions import EVERY_METRIC, NEVER
from rldbs.analysis.tradeoff import Tradeoff
from rldbs.experiment.evaluate import Metrics
from rldbs.experiment.metric_tables import short
from rldbs.files.csv_table import csv_bytes
from rldbs.files.file import File
from rldbs.tune.search_settings import TuneSettings, written
from rldbs.tune.trials import Trial, front

Kind = Mapping[str, Any]
"""What was measured on unseen populations: summaries by metric."""


def write_front(settings: TuneSettings, trials: Sequence[Trial], again: Mapping[int, Kind], file: File) -> None:
    """Write the whole front; of the points that were measured again, what that gave."""
    keys, sought, chosen = [axis.key for axis in settings.axes], settings.tune.tradeoff, [*again][-1]
    rows: list[list[object]] = [["trial", *keys, *sought.metrics, *(f"{key}_unseen" for key in sought.metrics)]]
    for trial in sorted(front(trials, settings.tune), key=lambda trial: trial.number == chosen):
        assert trial.score is not None
        unseen = sought.iqms(again[trial.number]) if trial.number in again else {}
        numbers = [unseen[key] if math.isfinite(unseen.get(key, math.nan)) else "" for key in sought.metrics]
        rows.append([trial.number, *(written(trial.values[key]) for key in keys), *trial.score.values(), *numbers])
    with file.whole() as out:
        out.write(csv_bytes(rows))


def write_tuned(settings: TuneSettings, trial: Trial, metrics: Metrics, file: File) -> None:
    """Write the settings that were found, as a file of the group ``tuned``."""
    kind, score, sought = metrics["deterministic"], trial.score, settings.tune.tradeoff
    assert score is not None
    aim, price = EVERY_METRIC[sought.aim].label, EVERY_METRIC[sought.price].label
    lines = [
        "# @package _global_",
        f"# {settings.agent} on {settings.model}: trial {trial.number} of {settings.command}",
        f"# {aim} {reached(sought, kind)} at {price} {short(kind[sought.price])} on "
        f"{metrics['episodes']} unseen populations; in its trial {score[sought.aim]:.3g} at {score[sought.price]:.3g}",
        *_nested({**settings.fixed, **trial.values}, settings.comments),
    ]
    with file.whole() as out:
        out.write("\n".join([*lines, ""]).encode())


def _nested(values: Mapping[str, object], comments: Mapping[str, str], prefix: str = "") -> list[str]:
    """Dotted keys as YAML, each below its comment."""
    lines: list[str] = []
    indent = "  " * prefix.count(".")
    for name in dict.fromkeys(key.partition(".")[0] for key in values):
        inner = {key.partition(".")[2]: value for key, value in values.items() if key.startswith(f"{name}.")}
        if inner:
            lines += [f"{indent}{name}:", *_nested(inner, comments, f"{prefix}{name}.")]
            continue
        comment = comments.get(f"{prefix}{name}")
        lines += [f"{indent}# {comment}"] if comment else []
        text = yaml.safe_dump(values[name], default_flow_style=True, width=10**6).removesuffix("...\n").strip()
        lines.append(f"{indent}{name}: {text}")
    return lines


def reached(sought: Tradeoff, kind: Mapping[str, Any]) -> str:
    """The aim; of one that was not reached on some population, on how many."""
    missed = sought.missed(kind)
    return f"{NEVER} on {missed}" if missed else short(kind[sought.aim])
