"""A look at free neurons and oscillators, coupled through their mean field or in tissue: rhythm, spectrum, raster."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rldbs.analysis.free_recording import FreeRecording
from rldbs.analysis.raster import watched
from rldbs.analysis.rhythm import rhythm_period
from rldbs.core.ensemble import Ensemble
from rldbs.core.ensemble_kinds import ensemble_of
from rldbs.core.errors import DivergedError
from rldbs.core.native import Floats
from rldbs.core.space import Contacts
from rldbs.experiment.command_settings import SimulateSettings
from rldbs.experiment.free_populations import Look
from rldbs.files.file import File

PICTURE = "free.png"
RASTER_SAMPLES = 4000
SHOWN = {
    "period": ("period", " steps"),
    "mean": ("mean of X", ""),
    "std": ("std of X", ""),
    "synchrony": ("synchrony χ", ""),
}
"""Key of summary.json → what it is called, and its unit."""


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


def look_at_coupled(settings: SimulateSettings) -> Look:
    """Run free populations after their transient.

    Raises:
        DivergedError: a population went out of bounds.
    """
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
    neurons = watched(ensemble.x.shape[1])
    for begin in range(0, settings.steps, stride):
        steps = min(stride, settings.steps - begin)
        field.append(ensemble.advance(ensemble.quiet(steps)))
        raster.append(ensemble.x[0, neurons].astype(np.float32))
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
        raster_neurons=watched(settings.model.neurons),
    )


def _draw(settings: SimulateSettings, free: _Free, picture: File) -> None:
    from rldbs.analysis.plots.population import free_picture

    model = settings.model
    free_picture(
        free.mean_field[0],
        free.raster,
        picture,
        model.dt,
        time_unit=model.model.time_unit,
        raster_stride=free.stride,
        threshold=model.model.threshold,
        neurons=watched(model.neurons),
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
