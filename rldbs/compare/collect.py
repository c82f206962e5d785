"""Which runs a comparison is of; those without a measurement are left out by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rldbs.compare.find_folders import find_folders, measurement, shown_name
from rldbs.compare.measurement import Measured, read_measured
from rldbs.core.errors import RunError, visible
from rldbs.process.shell import to_type
from rldbs.runs.find import Run, read_run
from rldbs.runs.json_fields import FINAL
from rldbs.runs.places import ROOT


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
    if not measurement(run.folder, evaluation).is_file():
        make = to_type("evaluate", f"run={shown}", f"name={evaluation}")
        raise RunError(f"has no measurement {evaluation}; make one: {make}")
