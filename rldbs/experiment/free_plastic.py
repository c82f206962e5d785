"""A look at free networks with plastic synapses: how they fire, how synchronous they are, their weights."""

from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rldbs.analysis.free_recording import FreeRecording
from rldbs.analysis.raster import watched
from rldbs.analysis.rhythm import rhythm_period
from rldbs.core.cell_network import Spikes
from rldbs.core.native import Floats
from rldbs.core.plastic_ensemble import PlasticEnsemble
from rldbs.core.plastic_settings import PlasticSettings
from rldbs.experiment.command_settings import SimulateSettings
from rldbs.experiment.free_populations import Look
from rldbs.files.file import File

RASTER_SAMPLES = 4000
FASTEST = 20.0
"""ms: what repeats faster than this is no rhythm of such networks."""
SHOWN = {
    "synchrony": ("synchrony χ", ""),
    "coupling": ("J·w at the end", " mV"),
    "rate_e": ("E rate", " Hz"),
    "rate_i": ("I rate", " Hz"),
    "period": ("period", " ms"),
    "mean": ("mean potential of E", " mV"),
}
"""Key of summary.json → what it is called, and its unit."""


class _Seen(NamedTuple):
    """What free networks did."""

    field: Floats
    """float64 (populations, steps, variables)."""
    raster: NDArray[np.float32]
    """Potentials of some neurons of population 0, (samples, neurons)."""
    stride: int
    """Steps from one of these to the next."""
    spikes: Spikes
    """Of the neurons that are heard."""


def look_at_plastic(settings: SimulateSettings) -> Look:
    """Run free networks after their transient."""
    model = settings.model
    assert isinstance(model, PlasticSettings)
    ensemble = PlasticEnsemble(model, settings.populations, settings.seed, threads=settings.threads)
    seen = _run(ensemble, settings.steps)
    measured = _measured(seen.field, model)
    recording = FreeRecording(
        field=seen.field.astype(np.float32),
        time=model.dt * np.arange(settings.steps, dtype=np.float64),
        dt=model.dt,
        time_unit=model.model.time_unit,
        variables=model.model.variable_names,
        raster=seen.raster,
        raster_stride=seen.stride,
        threshold=model.model.threshold,
        raster_neurons=watched(ensemble.x.shape[1]),
    )
    told = f"free · {model.label('')} · χ {measured['synchrony'][0]:.2f} · seed {settings.seed}"
    return Look(recording, measured, SHOWN, {"picture": ("free.png", partial(_draw, seen, model, told))}, ensemble)


def _run(ensemble: PlasticEnsemble, steps: int) -> _Seen:
    """Let networks go on without stimulation."""
    stride = -(-steps // RASTER_SAMPLES)
    fields, raster, heard = [], [], list[np.ndarray]()
    neurons = watched(ensemble.x.shape[1])
    for begin in range(0, steps, stride):
        fields.append(ensemble.advance(ensemble.quiet(min(stride, steps - begin))))
        raster.append(ensemble.x[0, neurons].astype(np.float32))
        spikes = ensemble.spikes
        heard.append(np.stack(spikes._replace(sample=spikes.sample + begin * ensemble.kicks_per_step)))
    return _Seen(np.concatenate(fields, axis=1), np.stack(raster), stride, Spikes(*np.concatenate(heard, axis=1)))


def _measured(field: Floats, model: PlasticSettings) -> dict[str, Floats]:
    """What summary.json holds, float64 (populations,) each."""
    names, x = model.model.variable_names, field[:, :, 0]
    means = dict(zip(names, field.mean(axis=1).T, strict=True))
    return {
        "synchrony": means["synchrony"],
        "coupling": model.constants.groups[0].strength * field[:, -1, names.index("weight")],
        "rate_e": means["rate_e"],
        "rate_i": means["rate_i"],
        "period": model.dt * np.array([rhythm_period(row, FASTEST / model.dt) for row in x]),
        "mean": means["x"],
        "std": x.std(axis=1),
    }


def _draw(seen: _Seen, model: PlasticSettings, told: str, place: File) -> None:
    from rldbs.analysis.plots.plastic_picture import free_plastic_picture

    free_plastic_picture(
        seen.field[0],
        model.model.variable_names,
        seen.spikes,
        model.constants,
        model.rhythm,
        place,
        model.model.title,
        told,
        step=model.constants.dt,
        dt=model.dt,
    )
