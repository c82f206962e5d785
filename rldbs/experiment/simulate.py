"""A look at the free population: its rhythm, spectrum, phase plane and raster."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from rldbs.analysis.episode_statistics import summary
from rldbs.analysis.free_recording import FreeRecording
from rldbs.analysis.plots.population import free_picture
from rldbs.analysis.rhythm import rhythm_period
from rldbs.core.cell_populations import CellSettings
from rldbs.core.ensemble import Ensemble
from rldbs.core.ensemble_kinds import ensemble_of
from rldbs.core.errors import DivergedError
from rldbs.core.model_settings import ModelSettings
from rldbs.core.native import Floats
from rldbs.core.plastic_settings import PlasticSettings
from rldbs.core.rate_settings import RateSettings
from rldbs.core.space import Contacts
from rldbs.experiment.calibration import calibrated, written
from rldbs.experiment.command_settings import SimulateSettings
from rldbs.experiment.free_film import write_free_film
from rldbs.experiment.free_network import look_at_network
from rldbs.experiment.free_plastic import look_at_plastic
from rldbs.experiment.free_populations import Look
from rldbs.experiment.free_rates import look_at_rates
from rldbs.experiment.optional_picture import drawn, warner
from rldbs.files.file import File
from rldbs.files.folder import Folder
from rldbs.process.console import screen
from rldbs.process.plurals import counted
from rldbs.process.wrapped_tables import print_table
from rldbs.runs.places import FREE
from rldbs.runs.record import recorded, write_config, write_json

CALIBRATED = "calibrated.yaml"
PICTURE = "free.png"
RASTER_NEURONS = 100
RASTER_SAMPLES = 4000
SHOWN = {
    "period": ("period", " steps"),
    "mean": ("mean of X", ""),
    "std": ("std of X", ""),
    "synchrony": ("synchrony χ", ""),
}
"""Key of summary.json → what it is called, and its unit."""
LOOKS: Mapping[type[ModelSettings], Callable[[SimulateSettings], Look]] = {
    CellSettings: look_at_network,
    PlasticSettings: look_at_plastic,
    RateSettings: look_at_rates,
}
"""Kinds of models at which one looks in another way."""


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
        look = LOOKS.get(type(settings.model), _look)(settings)
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


@dataclass(frozen=True)
class _Free:
    """What free populations did."""

    ensemble: Ensemble
    """They themselves, as they are now."""
    mean_field: Floats
    """float64 (populations, steps, variables)."""
    raster: NDArray[np.float32]
    """x of some neurons of the first population, float32 (samples, neurons), ``stride`` steps apart."""
    stride: int
    measured: Mapping[str, Floats]
    """float64 (populations,) each."""


def _look(settings: SimulateSettings) -> Look:
    free = _simulated(settings)
    pictures: dict[str, tuple[str, Callable[[File], None]]] = {
        "picture": (PICTURE, lambda place: _draw(settings, free, place))
    }
    if not settings.model.space.is_plain:
        pictures["tissue"] = "tissue.png", lambda place: _draw_tissue(settings, place)
    return Look(_recording(settings, free), free.measured, SHOWN, pictures, free.ensemble)


def _simulated(settings: SimulateSettings) -> _Free:
    ensemble = ensemble_of(settings.model, settings.populations, settings.seed, threads=settings.threads)
    stride = -(-settings.steps // RASTER_SAMPLES)
    field, raster, spread = [], [], []
    for begin in range(0, settings.steps, stride):
        steps = min(stride, settings.steps - begin)
        field.append(ensemble.advance(ensemble.quiet(steps)))
        raster.append(ensemble.x[0, :RASTER_NEURONS].astype(np.float32))
        spread.append(ensemble.x.copy())
    mean_field = np.concatenate(field, axis=1)
    if not np.isfinite(mean_field).all():
        bad, step = (int(index) for index in np.argwhere(~np.isfinite(mean_field).all(axis=2))[0])
        raise DivergedError(
            f"population {bad} diverged at step {step} after the transient: mean field {mean_field[bad, step]}; check "
            "model.dt, model.coupling and model.parameters"
        )
    x = mean_field[:, :, 0]
    neuron_variance = np.stack(spread).var(axis=0).mean(axis=1)
    measured = {
        "period": np.array([rhythm_period(row) for row in x]),
        "mean": x.mean(axis=1),
        "std": x.std(axis=1),
        "synchrony": x.std(axis=1) / np.sqrt(neuron_variance),
    }
    return _Free(ensemble, mean_field, np.stack(raster), stride, measured)


def _recording(settings: SimulateSettings, free: _Free) -> FreeRecording:
    model = settings.model.model
    return FreeRecording(
        field=free.mean_field.astype(np.float32),
        time=settings.model.dt * np.arange(settings.steps, dtype=np.float64),
        dt=settings.model.dt,
        time_unit=model.time_unit,
        variables=model.variable_names,
        raster=free.raster,
        raster_stride=free.stride,
        threshold=model.threshold,
    )


def _draw(settings: SimulateSettings, free: _Free, picture: File) -> None:
    model = settings.model
    free_picture(
        free.mean_field[0],
        free.raster,
        picture,
        model.dt,
        time_unit=model.model.time_unit,
        raster_stride=free.stride,
        threshold=model.model.threshold,
        variables=model.model.variable_names,
        title=model.model.title,
        subtitle=f"free · {model.label(f'{model.coupling:g}')} · seed {settings.seed}",
    )


def _draw_tissue(settings: SimulateSettings, picture: File) -> None:
    """Where the neurons, contacts and sites are, and whom each contact reaches how much."""
    from rldbs.analysis.plots.tissue_picture import tissue_picture

    model, electrode = settings.model, settings.model.space.electrode
    tissue = model.tissue
    chosen: Mapping[str, Any] = settings.config
    names = " ".join(f"{section}={chosen[section]['name']}" for section in ("tissue", "electrode"))
    tissue_picture(
        tissue.positions,
        tissue.conductance,
        picture,
        model.model.title,
        f"{names} · {model.neurons} neurons",
        contacts=electrode.contacts if isinstance(electrode, Contacts) else None,
        sites=electrode.sites or None,
    )


def _show(console: Console, settings: SimulateSettings, look: Look, result: Mapping[str, Any]) -> None:
    title = f"{settings.model.model.title}: {counted(settings.populations, 'free population')}"
    values = {key: result[key]["iqm"] for key in look.shown}
    rows = [
        [label, "none" if values[key] is None else f"{values[key]:.4g}{unit}"]
        for key, (label, unit) in look.shown.items()
    ]
    print_table(console, title, ["", "interquartile mean"], rows)
