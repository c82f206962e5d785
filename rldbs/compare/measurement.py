"""One measurement of one run, as a comparison needs it."""

import hashlib
from collections import deque
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rldbs.analysis.metric_definitions import METRICS, QUENCHED_ACTIVITY, VERDICTS, known_metrics
from rldbs.analysis.tradeoff import TRADED, TRADEOFFS
from rldbs.control.coupling import COUPLINGS
from rldbs.control.recordings import RECORDINGS
from rldbs.control.stimuli import STIMULI
from rldbs.core.errors import RunError, visible
from rldbs.files.folder import Folder
from rldbs.files.untrusted_text import MOST, UnreadableError, plain_csv, plain_json, plain_yaml, read_text
from rldbs.runs.configuration import flat
from rldbs.runs.find import MOST_METRICS, read_meta, read_run
from rldbs.runs.json_fields import FRONT, KINDS, NEEDED, facts, metrics_problem
from rldbs.runs.labels import Labels, recorded_labels
from rldbs.runs.physics import measured_with
from rldbs.runs.record import CHANGES, later_settings

FOUND = ("agent", "seed")
"""Sections of what a search has found that count beside those."""
TASK = ("model", "tissue", "electrode", "stimulus", "recording", *CHANGES, "start", "protocol", "physics")
"""What decides the environment and the measurement: sections of a configuration, and the version of the physics."""
DEFAULTS: Mapping[str, Mapping[str, type[Any]]] = {"stimulus": STIMULI, "recording": RECORDINGS, "coupling": COUPLINGS}
"""The options of the sections whose settings have defaults."""
COURSE = ("steps", "time", "suppression")
"""Columns of progress.csv that every measurement on the way has."""
AIMS = tuple(dict.fromkeys(each.aim for each in TRADEOFFS))
"""Those of which some models have one."""
"""The best compromises that a search has found; the last one is the one that it has measured with all metrics."""
MOST_COMPROMISES = 1000
MOST_POPULATIONS = 100_000
MOST_CHECKPOINTS = 100_000
"""Measurements on the way that are looked at."""
MOST_PROGRESS = 64 * MOST
"""Bytes of a progress.csv."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Course:
    """What the checkpoints of a training run reached on populations of their own; each array (checkpoints,)."""

    steps: Array
    """Environment steps."""
    time: Array
    """Seconds of training."""
    aims: Mapping[str, Array]
    """By their metrics, what may be sought, as far as it was measured every time."""


@dataclass(frozen=True)
class Measured:
    """One controller, measured once."""

    name: str
    """What it is called in messages: the run folder."""
    seed: int
    began: float
    """When the run was started, in seconds; of two equal ones the newest counts."""
    settings: Mapping[str, str]
    """Everything that decided it: dotted keys and values as text, ``agent.name`` and ``model.name`` among them."""
    populations: str
    """A few characters that are the same for the same free populations only."""
    scores: Mapping[str, Mapping[str, Array]]
    """For ``deterministic``, and ``stochastic`` where there is one, every metric by population."""
    labels: Labels = field(default_factory=Labels)
    """What the user has written on it."""
    course: Course | None = None
    """None for a controller that has not been trained, or whose training is not at hand."""
    verdict: str = ""
    """What stimulation has done to oscillators, where it was told: a key of `VERDICTS`."""
    compromises: Mapping[str, Array] = field(default_factory=lambda: dict.fromkeys(TRADED, np.empty(0)))
    """What a search for the best compromises found beside: of each metric that it may be about the interquartile means,
    (points,), NaN where it was not."""


def read_measured(folder: Path, name: str, evaluation: str) -> Measured:
    """The measurement ``evaluation`` of a run.

    Raises:
        RunError: a file cannot be read, or does not hold what it should; the message begins with the file's name.
    """
    path = f"evaluation/{evaluation}/metrics.json"
    metrics = _mapping(folder, path, plain_json, MOST_METRICS)
    if problem := metrics_problem(metrics):
        raise RunError(f"{path}: is no measurement: {problem}")
    config = _mapping(folder, "config.yaml", plain_yaml, MOST)
    written = recorded_labels(read_meta(folder))
    changed = f"evaluation/{evaluation}/config.yaml"
    if (folder / changed).is_file():  # the measurement may be one with other settings than the training
        measured_as = _mapping(folder, changed, plain_yaml, MOST)
        sections = TASK if read_meta(folder).get("command") != "tune" else (*TASK, *FOUND)
        config |= {section: measured_as[section] for section in sections if section in measured_as}
        written |= recorded_labels(facts(measured_as))
    try:
        one = measured(name, config, metrics, read_run(folder).began, _course(folder))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise RunError(f"{path}: is no measurement ({type(error).__name__}: {error})") from None
    return replace(one, compromises=_compromises(folder), labels=written)


def measured(
    name: str, config: Mapping[str, Any], metrics: Mapping[str, Any], began: float = 0.0, course: Course | None = None
) -> Measured:
    """A measurement from what config.yaml and metrics.json hold.

    Raises:
        KeyError, TypeError, ValueError: they do not hold what they should.
    """
    scores = {kind: _scores(metrics[kind]) for kind in KINDS if kind in metrics}
    settings = _defaults(config) | flat({**later_settings(config), "protocol": metrics["protocol"]})
    settings["physics"] = measured_with(metrics)
    checkpoint = metrics.get("checkpoint", {})
    if checkpoint.get("steps") is not None:
        settings["checkpoint"] = visible(str(checkpoint["name"]))
    missing = [key for key in ("agent.name", "model.name", "stimulus.name") if key not in settings]
    if missing:
        raise ValueError(f"the configuration has no {missing[0]}")
    populations = fingerprint(scores["deterministic"]["synchrony_free"])
    told = metrics.get("verdict", {}).get(KINDS[0])
    verdict = told if told in VERDICTS else ""
    return Measured(name, int(config["seed"]), began, settings, populations, scores, course=course, verdict=verdict)


def _defaults(config: Mapping[str, Any]) -> dict[str, str]:
    """What settings are where a run does not name them, because it is older than they are."""
    found: dict[str, Any] = {}
    for section, options in DEFAULTS.items():
        chosen = options.get(config[section]["name"]) if section in config else None
        every = fields(chosen) if chosen is not None else ()
        found[section] = {one.name: one.default for one in every if one.default is not MISSING}
    return flat(found)


def fingerprint(free: Array) -> str:
    """A few characters that are the same for the same free populations only: for the same synchrony of each."""
    digits = ",".join(f"{value:.9g}" for value in free)
    return hashlib.sha256(digits.encode()).hexdigest()[:6]


def _scores(kind: Mapping[str, Any]) -> dict[str, Array]:
    """Every metric by population; one of `METRICS` that an older version did not know is NaN."""
    scores = {key: _values(kind[key]["values"]) for key in known_metrics([*NEEDED, *kind])}
    count = len(scores["suppression"])
    if not 0 < count <= MOST_POPULATIONS or any(len(values) != count for values in scores.values()):
        raise ValueError("the numbers of populations do not fit")
    return {key: scores.get(key, np.full(count, np.nan)) for key in known_metrics([*METRICS, *scores])}


def _values(values: list[float | None]) -> Array:
    if not isinstance(values, list):
        raise TypeError("values must be a list")
    return np.array([np.nan if value is None else float(value) for value in values], np.float64)


def _course(folder: Path) -> Course | None:
    """The measurements in progress.csv; None where there are none, or it cannot be read."""
    try:
        rows = plain_csv(read_text(Folder(folder).file("progress.csv"), MOST_PROGRESS))
        found = islice((row for row in rows if row.get("suppression")), MOST_CHECKPOINTS)
        measured = [
            [*(float(row[key]) for key in COURSE), *(float(row.get(key) or "inf") for key in AIMS)] for row in found
        ]
    except (UnreadableError, KeyError, ValueError):
        return None
    columns = np.array(measured, np.float64).reshape(-1, len(COURSE) + len(AIMS)).T
    if not measured or not np.isfinite(columns[: len(COURSE)]).all():
        return None
    aims = {key: column for key, column in zip(AIMS, columns[len(COURSE) :], strict=True) if np.isfinite(column).all()}
    return Course(columns[0], columns[1], aims)


def _compromises(folder: Path) -> dict[str, Array]:
    """The points of a front that a search has measured, but for those whose neurons are silenced."""
    try:
        rows = plain_csv(read_text(Folder(folder).file(FRONT), MOST_PROGRESS))
        others = [*deque(rows, MOST_COMPROMISES + 1)][:-1]  # the last one has been measured with all metrics
        again = [row for row in others if row["suppression_unseen"]]
        found = {key: np.array([float(row[f"{key}_unseen"]) for row in again], np.float64) for key in NEEDED}
        found |= {
            key: np.array([float(row.get(f"{key}_unseen") or "nan") for row in again], np.float64) for key in TRADED
        }
    except (UnreadableError, KeyError, ValueError):
        return dict.fromkeys(TRADED, np.empty(0))
    sound = np.isfinite([found[key] for key in NEEDED]).all(axis=0) & (found["mean_abs_kick"] >= 0)
    sound &= found["activity"] >= QUENCHED_ACTIVITY
    return {key: found[key][sound] for key in TRADED}


def _mapping(folder: Path, name: str, parsed: Any, most: int) -> dict[str, Any]:
    try:
        content = parsed(read_text(Folder(folder).file(name), most))
    except UnreadableError as error:
        raise RunError(f"{name}: {error}") from None
    if not isinstance(content, dict):
        raise RunError(f"{name}: must hold keys with values")
    return content
