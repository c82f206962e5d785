"""The run folders that a user has named, by path or name, for a comparison."""

import difflib
import os
from collections.abc import Iterator
from pathlib import Path

from rldbs.core.errors import RunError, visible
from rldbs.process.shell import quoted, to_type
from rldbs.runs.find import list_runs
from rldbs.runs.json_fields import FINAL
from rldbs.runs.places import INSIDE, ROOT
from rldbs.runs.zoo import PREFIX


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
            if measurement(run.folder, evaluation).is_file():
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


def measurement(folder: Path, evaluation: str) -> Path:
    """The metrics.json of a measurement of a run."""
    return folder / "evaluation" / evaluation / "metrics.json"


def shown_name(folder: Path) -> str:
    """A run's folder as it is shown: from here, where it is below."""
    try:
        return visible(str(folder.relative_to(Path.cwd())))
    except ValueError:
        return visible(str(folder))
