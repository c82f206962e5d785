"""The arguments of ``rldbs export``: a run or a controller as for ``rldbs evaluate``, and how it is to be written."""

import os
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from rldbs.agents.settings import LEARNERS
from rldbs.commands.evaluate import FOLDER, evaluation
from rldbs.commands.export_words import OF_MEASUREMENTS
from rldbs.commands.recording_request import OWN as OF_RECORDINGS
from rldbs.commands.recording_request import export_recording
from rldbs.core.errors import SettingError
from rldbs.export.formats import FORMATS
from rldbs.export.write_export import DECISIONS, MOST, Request, export
from rldbs.export.write_recording import RECORDINGS

OWN = ("format", "folder", "name", "decisions")
RECORDED = ("evaluation", "bom")
"""What recordings alone have."""


def export_one(overrides: Sequence[str], directory: Path | None) -> None:
    """Write a controller for other programs.

    Raises:
        RunError: there is no such run, it is damaged, or there is something in the folder.
        SettingError: an override is not allowed, or the controller has no such form.
    """
    words = {key: value for key, _, value in (text.partition("=") for text in overrides) if key in OF_RECORDINGS}
    if words.get("format") in RECORDINGS:
        if directory is not None:
            raise SettingError(f"--config-dir {directory}: a recording stands as it is; leave it out")
        export_recording(words, [text for text in overrides if text.partition("=")[0] not in OF_RECORDINGS])
        return
    given = {key: value for key, _, value in (text.partition("=") for text in overrides) if key in OWN}
    rest = [text for text in overrides if text.partition("=")[0] not in OWN]
    for text in rest:
        key, _, value = text.partition("=")
        if key == FOLDER:
            raise SettingError(f"{text}: the folder of an export is named by folder={value or 'DIR'}")
        if key.partition(".")[0] in OF_MEASUREMENTS:
            raise SettingError(f"{text}: belongs to a measurement, and an export makes none")
        if key in RECORDED and given.get("format"):
            formats = " or ".join(f"format={name}" for name in RECORDINGS)
            raise SettingError(f"{text}: is for what was recorded, {formats}, not for format={given['format']}")
    keys = [text.partition("=")[0] for text in rest]
    agent = next((text.partition("=")[2] for text in reversed(rest) if text.startswith("agent=")), None)
    if agent in LEARNERS and "run" not in keys:
        raise SettingError(f"agent={agent}: a learner is exported through its run: rldbs export run=last")
    if not given.get("format"):
        meant = next((text for text in rest if get_close_matches(text.partition("=")[0], ["format"])), None)
        hint = f"\n{meant}: did you mean format?" if meant else ""
        raise SettingError(f"format=FORMAT: say which: {', '.join([*FORMATS, *RECORDINGS])}{hint}")
    request = _request(given)
    settings, run, _ = evaluation(rest, directory)
    export(settings, run, request)


def _request(given: Mapping[str, str]) -> Request:
    folder, decisions = given.get("folder"), given.get("decisions", str(DECISIONS)).replace("_", "")
    if folder is not None and not folder.strip():
        raise SettingError(f"folder={folder}: must name a folder")
    if not decisions.isascii() or not decisions.isdigit() or not 1 <= int(decisions) <= MOST:
        raise SettingError(f"decisions={given['decisions']}: must be a whole number from 1 to {MOST:,}")
    place = None if folder is None else Path(os.path.expanduser(folder))
    return Request(given["format"], place, given.get("name"), int(decisions))
