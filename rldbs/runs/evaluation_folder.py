"""The folder of a measurement, under ``evaluation/`` of a run: it appears as a whole, and in no other one's place."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rldbs.core.errors import RunError
from rldbs.core.native import PHYSICS
from rldbs.files.folder import Folder
from rldbs.files.untrusted_text import UnreadableError, plain_yaml, read_text
from rldbs.runs.configuration import flat
from rldbs.runs.find import read_metrics
from rldbs.runs.lock import sole
from rldbs.runs.physics import measured_with
from rldbs.runs.places import EVALUATION
from rldbs.runs.record import KEPT, later_settings

UNKNOWN = "So nobody knows what was measured there; name=NAME, or remove it"
PATIENCE = 300.0
"""Seconds that a process waits for another one which writes a measurement into the same run."""


@contextmanager
def new_measurement(run: Folder, name: str) -> Iterator[Folder]:
    """A new folder, for the block to fill; when that ends well, it is the measurement ``name`` of a run.

    What a process that was killed has left half written goes.

    Raises:
        RunError: the folder for measurements is a link, or another process does not come to an end with its own.
    """
    place = (run / EVALUATION).make()
    with sole(place, PATIENCE):
        place.remove_unfinished()
        with place.whole_folder(name) as folder:
            yield folder


def check_same_measurement(run: Folder, name: str, config: Mapping[str, Any], steps: int | None) -> None:
    """Whether a measurement may be written: there is none of its name, or the same one.

    Args:
        run: the run folder.
        name: what the measurement is called.
        config: how is to be measured.
        steps: after how many environment steps the checkpoint was written; None without one.

    Raises:
        RunError: there is another one; the message says in what.
    """
    there = run / EVALUATION / name
    there.names()  # it is no link
    if not there.has("metrics.json"):
        return
    before, wanted = _decisive(_config(there)), _decisive(config)
    metrics = read_metrics(run, name)
    before["checkpoint"], wanted["checkpoint"] = str(metrics.get("checkpoint", {}).get("steps")), str(steps)
    before["physics"], wanted["physics"] = measured_with(metrics), str(PHYSICS)
    for key in sorted(before.keys() & wanted.keys()):
        if before[key] != wanted[key]:
            what = "checkpoint after steps" if key == "checkpoint" else key
            raise RunError(
                f"{there}: is a measurement with {what}={before[key]}, where it is now {wanted[key]}\n"
                "It is kept; give this one a name of its own: name=NAME"
            )


def _config(there: Folder) -> Mapping[str, Any]:
    """How a measurement was made.

    Raises:
        RunError: that cannot be read, or does not say all that decides.
    """
    path = there.file("config.yaml")
    try:
        config = plain_yaml(read_text(path))
    except UnreadableError as error:
        raise RunError(f"{path}: {error}\n{UNKNOWN}") from None
    found = later_settings(config) if isinstance(config, dict) else {}
    missing = [section for section in KEPT if section not in found]
    if missing:
        raise RunError(f"{path}: {', '.join(missing)} missing\n{UNKNOWN}")
    return found


def _decisive(config: Mapping[str, Any]) -> dict[str, str]:
    return flat({section: config[section] for section in KEPT})
