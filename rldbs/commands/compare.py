"""``rldbs compare``: what its words ask for, the tables on the terminal, the files."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from rldbs.commands.offered_words import COMPARE
from rldbs.compare.collect import collect, shown_name
from rldbs.compare.comparison import Comparison, Table, compare
from rldbs.compare.file_formats import WRITERS, writers
from rldbs.compare.table_columns import POPULATIONS, Column, columns, map_heads, map_rows, meaning
from rldbs.compare.write import write
from rldbs.core.errors import RunError, SettingError, visible
from rldbs.files.folder import Folder
from rldbs.files.user_file import NamedFile, clear_output
from rldbs.process.plurals import counted
from rldbs.process.terminal import complain, show, show_table
from rldbs.runs.json_fields import FINAL
from rldbs.runs.new_folder import given_folder, new_folder
from rldbs.runs.places import COMPARISONS
from rldbs.sweep.find_sweep import find_sweep, list_sweeps
from rldbs.sweep.sweep_folder import Sweep


@dataclass(frozen=True)
class Request:
    """What the words of a command line ask for."""

    runs: tuple[str, ...]
    sweep: Sweep | None = None
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
    with clear_output(*request.files.values()):
        _compare(request)


def _compare(request: Request) -> None:
    runs, varied = list(request.runs), {}
    if request.sweep is not None:
        runs.append(str(request.sweep.folder))
        varied = _varied(request.sweep)
    collection = collect(runs, request.evaluation)
    comparison = compare(collection, request.reference, request.evaluation, varied)
    folder = Folder(new_folder(COMPARISONS, None) if request.folder is None else given_folder(request.folder))
    try:
        write(comparison, folder, complain, request.bom)
        for kind, file in request.files.items():
            writers(request.bom)[kind][1](comparison, file)
    finally:
        folder.remove_if_empty()
    _show(comparison)
    show(f"tables   {visible(str(folder.file('comparison.md')))}")
    show(f"page     {visible(str(folder.file('comparison.html')))}")


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
    files = {kind: NamedFile.given(values[kind], kind) for kind in WRITERS if kind in values}
    bom = values.get("bom", "false")
    if bom not in ("true", "false"):
        raise SettingError(f"bom={bom}: must be true or false")
    return Request(tuple(runs), sweep, name, values.get("reference"), folder, files, bom == "true")


def _sweep(text: str) -> Sweep:
    """The sweep that a word names; ``last`` is the newest.

    Raises:
        RunError: there is no such sweep.
    """
    every = list_sweeps()
    found = (every[0] if every else None) if text == "last" else find_sweep(text)
    if found is None:
        names = [sweep.short for sweep in every]
        near = get_close_matches(text, names, n=1)
        hint = f"\nDid you mean sweep={near[0]}?" if near else ""
        raise RunError(f"sweep={text}: there is no such sweep{hint}\nAll of them: rldbs list sweeps")
    return found


def _varied(sweep: Sweep) -> dict[str, dict[str, str]]:
    """For every run of a sweep, by its name, the keys that vary, with their values."""
    return {shown_name(sweep.run(job).path): dict(zip(sweep.keys, job.values, strict=True)) for job in sweep.jobs}


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


def _show(comparison: Comparison) -> None:
    for table in comparison.tables:
        chosen = fitting(columns(comparison, table), table, _width())
        show_table(
            f"{visible(table.title)} · {counted(table.populations, 'unseen population')}",
            [column.heading for column in chosen],
            [[column.cell(row).text for column in chosen] for row in table.rows],
        )
    for one in comparison.maps:
        show_table(one.title, map_heads(one), map_rows(one))
    for line in meaning(comparison):
        show(line)
    for run, why in comparison.left_out:
        complain(f"left out: {run}: {why}")


def _width() -> int | None:
    """Characters that a line may have; None where nobody looks at lines."""
    if not sys.stdout.isatty():
        return None
    from rldbs.process.console import screen

    return screen().width


def fitting(chosen: Sequence[Column], table: Table, width: int | None) -> list[Column]:
    """The columns for which there is room; all of them where ``width`` is None."""
    kept = [column for column in chosen if column.heading != POPULATIONS]  # they stand in the title
    while width is not None and max(column.rank for column in kept) > 0:
        widths = [max(len(c.heading), *(len(c.cell(row).text) for row in table.rows)) for c in kept]
        if sum(widths) + 2 * len(kept) <= width:
            break
        kept.remove(max(kept, key=lambda column: column.rank))
    return kept
