"""A look at free networks of cells: how they fire, how the thalamus relays, and their spectra."""

import numpy as np

from rldbs.analysis.error_index import SETTLED, error_index
from rldbs.analysis.firing import firing
from rldbs.analysis.free_recording import FreeRecording
from rldbs.core.cell_ensemble import CellEnsemble
from rldbs.core.cell_network import Onsets, Spikes
from rldbs.core.cell_populations import CellSettings
from rldbs.experiment.command_settings import SimulateSettings
from rldbs.experiment.free_populations import Look
from rldbs.files.file import File

AT_ONCE = 1000
"""Steps of a call."""
FIRING = -20.0
"""mV: between what cells do at rest and the top of every spike."""


def look_at_network(settings: SimulateSettings) -> Look:
    """Run free networks after their transient.

    Raises:
        DivergedError: a cell has left all bounds.
    """
    model = settings.model
    assert isinstance(model, CellSettings)
    ensemble = CellEnsemble(model, settings.populations, settings.seed, threads=settings.threads)
    network = ensemble.network.model
    watching = [f"{name}.v[0]" for name in network.names]
    watched = CellEnsemble(
        model,
        settings.populations,
        settings.seed,
        transient=0,
        threads=settings.threads,
        also=watching,
    )
    watched.set_state(ensemble.get_state())
    fields, potentials = [], []
    spikes, pulses = list[np.ndarray](), list[np.ndarray]()
    for begin in range(0, settings.steps, AT_ONCE):
        fields.append(watched.advance(watched.quiet(min(AT_ONCE, settings.steps - begin))))
        potentials.append(watched.others)
        for kept, events in ((spikes, watched.spikes), (pulses, watched.pulses)):
            kept.append(np.stack(events._replace(sample=events.sample + begin * model.kicks_per_step)))
    field, potential = np.concatenate(fields, axis=1), np.concatenate(potentials, axis=1)
    fired, began = Spikes(*_sorted(spikes)), Onsets(*_sorted(pulses))
    count, end = settings.populations, settings.steps * model.dt
    found = {name: firing(fired, network.cells_of(name), count, model.substep, 0.0, end) for name in network.names}
    index = error_index(fired, began, network.cells_of("th"), count, model.substep, end, min(SETTLED, 0.2 * end))
    measured = {
        "error_index": index,
        **{f"rate_{name}": each.rate for name, each in found.items()},
        **{f"cv_{name}": each.cv for name, each in found.items()},
        "mean": field[:, :, 0].mean(axis=1),
        "std": field[:, :, 0].std(axis=1),
    }
    shown = {
        "error_index": ("error index", ""),
        **{f"rate_{group.name}": (f"{group.label} rate", " Hz") for group in network.groups},
        **{f"cv_{group.name}": (f"{group.label} CV", "") for group in network.groups},
        "mean": ("mean of s of GPi", ""),
    }

    def draw(place: File) -> None:
        from rldbs.analysis.plots.network_picture import free_network_picture

        index_of = model.model.variable_names.index
        free_network_picture(
            fired,
            began,
            potential[0],
            {"mean s of GPi": field[:, :, 0], "mean s of STN": field[:, :, index_of("s_stn")]},
            network,
            model.rhythm,
            place,
            model.model.title,
            f"free · {model.label(f'{model.coupling:g}')} · error index {index[0]:.2g} · seed {settings.seed}",
            step=model.substep,
            dt=model.dt,
        )

    recording = FreeRecording(
        field=np.concatenate([field, potential], axis=2).astype(np.float32),
        time=model.dt * np.arange(settings.steps, dtype=np.float64),
        dt=model.dt,
        time_unit=model.model.time_unit,
        variables=(*model.model.variable_names, *watching),
        raster=potential[0].astype(np.float32),
        raster_stride=1,
        threshold=FIRING,
    )
    return Look(recording, measured, shown, {"picture": ("free.png", draw)}, ensemble)


def _sorted(parts: list[np.ndarray]) -> np.ndarray:
    """Events of several calls, (numbers, events), by population, sample and cell."""
    together = np.concatenate(parts, axis=1)
    return together[:, np.lexsort(together[::-1])]
