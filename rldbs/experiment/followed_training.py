"""What a tracker is told of a training run: what it is called, and what of its folder is kept with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rldbs.experiment.command_settings import TrainSettings
from rldbs.files.folder import Folder
from rldbs.runs.json_fields import FINAL
from rldbs.runs.labels import labels
from rldbs.runs.places import EVALUATION, ROOT, SWEEP
from rldbs.runs.record import Meta
from rldbs.trackers.follower import Follower, followed
from rldbs.trackers.tracked_run import TrackedRun

BEST = "checkpoints/best"
KEPT = (BEST, f"{EVALUATION}/{FINAL}")
"""Folders of a run that a tracker keeps, beside its settings and its progress."""


@contextmanager
def followed_training(settings: TrainSettings, meta: Meta, say: Callable[[str], None]) -> Iterator[Follower | None]:
    """A follower of a training run; None of one without a tracker."""
    if settings.tracker is None:
        yield None
        return
    folder, written = meta.folder.path.absolute(), labels(settings.config)
    root = ROOT.resolve()
    in_sweep = (folder.parent / SWEEP).is_file()
    named = folder.parent if in_sweep else folder
    name = str(named.relative_to(root)) if named.is_relative_to(root) else named.name
    run = TrackedRun(
        id=meta["tracked"],
        name=folder.name if in_sweep else name,
        sweep=name if in_sweep else None,
        folder=folder,
        config=settings.config,
        note=written.note,
        tags=written.tags,
    )
    tracker = settings.config["tracker"]["name"]  # type: ignore[index]
    with followed(tracker, settings.tracker, run, say) as follower:
        yield follower


def results(folder: Folder) -> dict[str, Path]:
    """The files of a run at its end that are kept with it, by their names in its folder."""
    place = folder.path.absolute()
    inside = [path for name in KEPT for path in sorted((place / name).iterdir()) if path.is_file()]
    return {str(path.relative_to(place)): path for path in (place / "config.yaml", place / "progress.csv", *inside)}
