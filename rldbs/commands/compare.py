"""``rldbs compare``: what its words ask for. Only what finds runs is loaded until they are there."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from rldbs.commands.offered_words import COMPARE
from rldbs.compare.find_folders import find_folders
from rldbs.core.errors import RunError, SettingError
from rldbs.files.user_file import NamedFile, clear_output
from rldbs.runs.json_fields import FINAL

if TYPE_CHECKING:
    from rldbs.sweep.sweep_folder import Sweep

WRITTEN = ("markdown", "csv", "json", "html")
"""Kinds of files, each a setting that says where else it is written."""


@dataclass(frozen=True)
class Request:
    """What the words of a command line ask for."""

    runs: tuple[str, ...]
    sweep: "Sweep | None" = None
    """Whose runs are compared too, and shown over the keys that vary."""
    evaluation: str = FINAL
    reference: str | None = None
    folder: Path | None = None
    """None for a new one."""
    files: dict[str, NamedFile] = field(default_factory=dict)
    """Where else something is written, by the kind of file."""
    bom: bool = False
    """Whether CSV begins with a mark for spreadsheets."""


def compare_runs(words: Sequence[str]) -> None:
    """Compare what ``words`` name, show the tables and write them.

    Raises:
        SettingError: a setting is unknown or has a value that is not allowed.
        RunError: there is no such run, or nothing that has been measured.
    """
    request = requested(words)
    # what is not there is told before anything large is loaded
    found = [folder for run in request.runs for folder in find_folders(run, request.evaluation)]
    request = replace(request, runs=tuple(str(folder.resolve()) for folder in found))
    from rldbs.commands.compared_tables import write_tables

    with clear_output(*request.files.values()):
        write_tables(request)


def requested(words: Sequence[str]) -> Request:
    """The runs and the settings among ``words``.

    Raises:
        SettingError: a setting is unknown, is there twice, or has a value that is not allowed.
    """
    runs, values = [], {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or key not in COMPARE:
            _check_run(word)
            runs.append(word)
        elif key in values:
            raise SettingError(f"{word}: {key} is there twice")
        elif not value:
            raise SettingError(f"{word}: a value is missing")
        else:
            values[key] = value
    sweep = _sweep(values["sweep"]) if "sweep" in values else None
    if not runs and sweep is None:
        raise SettingError("compare: which runs? A path, a folder with runs, the beginning of a name, or last")
    name = values.get("name", FINAL)
    if Path(name).name != name:
        raise SettingError(f"name={name}: must be the name of a folder under evaluation/")
    folder = Path(values["folder"]).expanduser() if "folder" in values else None
    files = {kind: NamedFile.given(values[kind], kind) for kind in WRITTEN if kind in values}
    bom = values.get("bom", "false")
    if bom not in ("true", "false"):
        raise SettingError(f"bom={bom}: must be true or false")
    return Request(tuple(runs), sweep, name, values.get("reference"), folder, files, bom == "true")


def _sweep(text: str) -> "Sweep":
    """The sweep that a word names; ``last`` is the newest.

    Raises:
        RunError: there is no such sweep.
    """
    from rldbs.sweep.find_sweep import find_sweep, list_sweeps

    every = list_sweeps()
    found = (every[0] if every else None) if text == "last" else find_sweep(text)
    if found is None:
        names = [sweep.short for sweep in every]
        near = get_close_matches(text, names, n=1)
        hint = f"\nDid you mean sweep={near[0]}?" if near else ""
        raise RunError(f"sweep={text}: there is no such sweep{hint}\nAll of them: rldbs list sweeps")
    return found


def _check_run(word: str) -> None:
    """Whether a word may be a run: the folders of a sweep have ``=`` in their names too."""
    key, equals, value = word.partition("=")
    if word.startswith("-"):
        raise SettingError(f"{word}: there is no such option; see --help")
    if equals and "/" not in key and not Path(word).expanduser().exists():
        near = get_close_matches(key, COMPARE, n=1)
        hint = f"\nDid you mean {near[0]}={value}?" if near else ""
        raise SettingError(
            f"{word}: there is no setting {key}, and no such folder{hint}\nSettings: {', '.join(COMPARE)}"
        )
