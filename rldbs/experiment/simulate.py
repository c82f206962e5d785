"""A look at the free population: its rhythm, spectrum, phase plane and raster."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from rldbs.analysis.episode_statistics import summary
from rldbs.experiment.calibration import calibrated, written
from rldbs.experiment.command_settings import SimulateSettings
from rldbs.experiment.free_film import write_free_film
from rldbs.experiment.free_populations import Look
from rldbs.experiment.measures import measured_of
from rldbs.experiment.optional_picture import drawn, warner
from rldbs.files.file import File
from rldbs.files.folder import Folder
from rldbs.process.console import screen
from rldbs.process.plurals import counted
from rldbs.process.wrapped_tables import print_table
from rldbs.runs.places import FREE
from rldbs.runs.record import recorded, write_config, write_json

CALIBRATED = "calibrated.yaml"


def simulate(settings: SimulateSettings, folder: Path | Folder, console: Console | None = None) -> dict[str, Any]:
    """Run free populations after their transient; write summary.json, field.npz and the picture; show the numbers.

    Args:
        settings: all that decides the simulation.
        folder: the run folder; it exists and is empty.
        console: where the table is shown.

    Returns:
        What summary.json holds: period, mean and std of X, and the synchrony of each population.

    Raises:
        DivergedError: a population went out of bounds.
    """
    console, folder = console or screen(), Folder.of(folder)
    write_config(folder, settings.config)
    name = settings.model.model.name
    with recorded(folder, {"command": "simulate", "model": name, "agent": "free", "seed": settings.seed}) as meta:
        folder = meta.folder
        look = measured_of(settings.model).look(settings)
        result = {"schema": 1, "model": name, "seed": settings.seed, "steps": settings.steps}
        result |= {key: summary(values) for key, values in look.measured.items()}
        look.recording.save(folder.file(FREE))
        write_json(folder.file("summary.json"), result)
        lines = written(calibrated(settings)) if settings.calibrate else ""
        if lines:
            with folder.file(CALIBRATED).whole() as out:
                out.write(f"{lines}\n".encode())
        film = write_free_film(settings, look.ensemble, folder) if settings.animation else []
        pictures: dict[str, File] = {}
        for what, (picture, draw) in look.pictures.items():
            place = folder.file(picture)
            if drawn(place, partial(draw, place), warner(console)):
                pictures[what] = place
    _show(console, settings, look, result)
    if lines:
        console.print(f"Measured, for the model's file:\n{lines}", soft_wrap=True, highlight=False, markup=False)
    for what, path in {"run": str(folder), **{what: str(place) for what, place in pictures.items()}}.items():
        console.print(f"{what:8} {path}", soft_wrap=True, highlight=False, markup=False)
    for line in film:
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    return result


def _show(console: Console, settings: SimulateSettings, look: Look, result: Mapping[str, Any]) -> None:
    title = f"{settings.model.model.title}: {counted(settings.populations, 'free population')}"
    values = {key: result[key]["iqm"] for key in look.shown}
    rows = [
        [label, "none" if values[key] is None else f"{values[key]:.4g}{unit}"]
        for key, (label, unit) in look.shown.items()
    ]
    print_table(console, title, ["", "interquartile mean"], rows)
