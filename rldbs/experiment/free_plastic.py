"""A look at free networks with plastic synapses: how they fire, how synchronous they are, their weights."""

import numpy as np

from rldbs.analysis.free_recording import FreeRecording
from rldbs.analysis.rhythm import rhythm_period
from rldbs.core.cell_network import Spikes
from rldbs.core.plastic_ensemble import PlasticEnsemble
from rldbs.core.plastic_settings import PlasticSettings
from rldbs.experiment.command_settings import SimulateSettings
from rldbs.experiment.free_populations import Look
from rldbs.files.file import File

RASTER_NEURONS, RASTER_SAMPLES = 100, 4000


def look_at_plastic(settings: SimulateSettings) -> Look:
    """Run free networks after their transient."""
    model = settings.model
    assert isinstance(model, PlasticSettings)
    ensemble = PlasticEnsemble(model, settings.populations, settings.seed, threads=settings.threads)
    stride = -(-settings.steps // RASTER_SAMPLES)
    fields, raster, heard = [], [], list[np.ndarray]()
    for begin in range(0, settings.steps, stride):
        fields.append(ensemble.advance(ensemble.quiet(min(stride, settings.steps - begin))))
        raster.append(ensemble.x[0, :RASTER_NEURONS].astype(np.float32))
        spikes = ensemble.spikes
        heard.append(np.stack(spikes._replace(sample=spikes.sample + begin * model.kicks_per_step)))
    field, names = np.concatenate(fields, axis=1), model.model.variable_names
    fired = Spikes(*np.concatenate(heard, axis=1))
    means = dict(zip(names, field.mean(axis=1).T, strict=True))
    constants = model.constants
    measured = {
        "synchrony": means["synchrony"],
        "coupling": constants.groups[0].strength * field[:, -1, names.index("weight")],
        "rate_e": means["rate_e"],
        "rate_i": means["rate_i"],
        "period": np.array([rhythm_period(row) for row in field[:, :, 0]]),
        "mean": means["x"],
        "std": field[:, :, 0].std(axis=1),
    }
    shown = {
        "synchrony": ("synchrony χ", ""),
        "coupling": ("J·w at the end", " mV"),
        "rate_e": ("E rate", " Hz"),
        "rate_i": ("I rate", " Hz"),
        "period": ("period", " ms" if model.dt == 1.0 else " steps"),
        "mean": ("mean potential of E", " mV"),
    }

    def draw(place: File) -> None:
        from rldbs.analysis.plots.plastic_picture import free_plastic_picture

        told = f"χ {measured['synchrony'][0]:.2f}"
        free_plastic_picture(
            field[0],
            names,
            fired,
            constants,
            model.rhythm,
            place,
            model.model.title,
            f"free · {model.label('')} · {told} · seed {settings.seed}",
            step=constants.dt,
            dt=model.dt,
        )

    recording = FreeRecording(
        field=field.astype(np.float32),
        time=model.dt * np.arange(settings.steps, dtype=np.float64),
        dt=model.dt,
        time_unit=model.model.time_unit,
        variables=names,
        raster=np.stack(raster),
        raster_stride=stride,
        threshold=model.model.threshold,
    )
    return Look(recording, measured, shown, {"picture": ("free.png", draw)}, ensemble)
