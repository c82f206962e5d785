"""Which runs a comparison is of: found by what the user has named, those without a measurement left out by name."""

import difflib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rldbs.compare.measurement import Measured, read_measured
from rldbs.core.errors import RunError, visible
from rldbs.process.shell import quoted, to_type
from rldbs.runs.find import Run, list_runs, read_run
from rldbs.runs.json_fields import FINAL
from rldbs.runs.places import INSIDE, ROOT
from rldbs.runs.zoo import PREFIX


@dataclass(frozen=True)
class Collection:
    """What there is to compare."""

    measured: tuple[Measured, ...]
    left_out: tuple[tuple[str, str], ...]
    """Runs that do not count, each with the reason."""


def collect(texts: Sequence[str], evaluation: str = FINAL, root: Path = ROOT) -> Collection:
    """The measurements of the runs that ``texts`` name.

    Args:
        texts: each the path of a run, or of a folder with runs anywhere below it; the beginning of a run's name; or
            ``last``, the newest run that has been measured.
        evaluation: the name of the measurement, a folder under ``evaluation/`` of a run.
        root: where runs are.

    Raises:
        RunError: one of ``texts`` names no run, or more than one; or none of the runs has been measured.
    """
    folders: dict[Path, None] = {}
    for text in texts:
        folders.update(dict.fromkeys(path.resolve() for path in find_folders(text, evaluation, root)))
    measured, left_out = [], []
    for folder in folders:
        name = shown_name(folder)
        try:
            _check(read_run(folder), name, evaluation)
            measured.append(read_measured(folder, name, evaluation))
        except RunError as error:
            left_out.append((name, str(error)))
    if not measured:
        reasons = [f"{visible(name)}: {why}" for name, why in left_out]
        more = [f"and {len(reasons) - 5} more"] if len(reasons) > 5 else []
        raise RunError("\n".join(["there is nothing to compare: none of the runs counts", *reasons[:5], *more]))
    return Collection(tuple(measured), tuple(left_out))


def find_folders(text: str, evaluation: str = FINAL, root: Path = ROOT) -> list[Path]:
    """The run folders that a RUN of the user's stands for.

    Raises:
        RunError: there is none, or a beginning fits several.
    """
    if text.startswith(PREFIX):
        raise RunError(f"{text}: comes without measurements; make one first: {to_type('evaluate', f'run={text}')}")
    path = Path(os.path.expanduser(text))
    if text not in ("", "last"):
        for folder in (path, root / text):
            if os.path.isdir(folder):
                found = list(_below(folder))
                if not found:
                    raise RunError(f"{text}: there is no run in this folder, nor below it")
                return found
    runs = list_runs(root)
    if not runs:
        raise RunError(f"{text}: there are no runs under {root}/; start one with: rldbs train")
    if text == "last":
        for run in runs:
            if _metrics(run.folder, evaluation).is_file():
                return [run.folder]
        raise RunError(f"last: no run under {root}/ has been measured; see rldbs list runs")
    text = text.rstrip("/").removeprefix(f"{root}/")
    matches = [run for run in runs if text and text in (run.folder.name, run.name)]
    matches = matches or [
        run for run in runs if text and (run.folder.name.startswith(text) or run.name.startswith(text))
    ]
    if len(matches) == 1:
        return [matches[0].folder]
    if matches:
        shown = ", ".join(visible(run.name) for run in matches[:3]) + (", …" if len(matches) > 3 else "")
        raise RunError(f"{text}: fits {len(matches)} runs: {shown}\nA folder stands for all runs in it")
    names = [name for run in runs for name in (run.folder.name, run.name)]
    near = visible((difflib.get_close_matches(text, names, n=1, cutoff=0.5) or [runs[0].name])[0])
    raise RunError(f"{text}: there is no such run or folder\nDid you mean {quoted(near)}? All of them: rldbs list runs")


def _below(folder: Path) -> Iterator[Path]:
    """The run folders at or below a folder, in the order of their names."""
    for path, folders, files in os.walk(folder):
        inside = [name for name in INSIDE if name in folders]
        folders[:] = sorted(name for name in folders if name not in INSIDE and not name.startswith("."))
        if "config.yaml" in files and (inside or "meta.json" in files):
            yield Path(path)
            if inside:
                folders.clear()


def _metrics(folder: Path, evaluation: str) -> Path:
    return folder / "evaluation" / evaluation / "metrics.json"


def _check(run: Run, name: str, evaluation: str) -> None:
    """Whether a run counts.

    Raises:
        RunError: it does not; the message says why, and what to do.
    """
    shown = visible(name)
    command = run.meta.get("command", "train")
    if (run.folder / "curve.json").is_file() or command not in ("train", "evaluate", "tune"):
        raise RunError("holds no controller's measurement")
    if evaluation == FINAL and run.status != "done":
        error = f": {visible(str(run.meta['error']))[:120]}" if run.meta.get("error") else ""
        hint = f"; go on with: {to_type('resume', Path(shown))}" if run.trained and run.status != "running" else ""
        raise RunError(f"{'is ' if run.status != 'failed' else ''}{run.status}{error}{hint}")
    if not _metrics(run.folder, evaluation).is_file():
        make = to_type("evaluate", f"run={shown}", f"name={evaluation}")
        raise RunError(f"has no measurement {evaluation}; make one: {make}")


def shown_name(folder: Path) -> str:
    """A run's folder as it is shown: from here, where it is below."""
    try:
        return visible(str(folder.relative_to(Path.cwd())))
    except ValueError:
        return visible(str(folder))
