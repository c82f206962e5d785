"""A look at free networks of cells: how they fire, how the thalamus relays, and their spectra."""

from typing import NamedTuple

import numpy as np

from rldbs.analysis.error_index import SETTLED, error_index
from rldbs.analysis.firing import firing
from rldbs.analysis.free_recording import FreeRecording
from rldbs.analysis.network_metrics import RHYTHMIC, spike_power
from rldbs.analysis.rhythm import rhythm_period
from rldbs.core.cell_ensemble import CellEnsemble
from rldbs.core.cell_network import Onsets, Spikes
from rldbs.core.cell_populations import CellSettings
from rldbs.core.native import Floats
from rldbs.core.network_model import NetworkModel
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
    ran = _run(settings, model, ensemble)
    measured = _measured(settings, model, ensemble.network.model, ran)
    recording = FreeRecording(
        field=np.concatenate([ran.field, ran.potential], axis=2).astype(np.float32),
        time=model.dt * np.arange(settings.steps, dtype=np.float64),
        dt=model.dt,
        time_unit=model.model.time_unit,
        variables=(*model.model.variable_names, *_watching(ensemble.network.model)),
        raster=ran.potential[0].astype(np.float32),
        raster_stride=1,
        threshold=FIRING,
    )
    index = measured.get("error_index")
    words = "" if index is None else f" · error index {index[0]:.2g}"

    def draw(place: File) -> None:
        _draw(settings, model, ensemble.network.model, ran, words, place)

    return Look(recording, measured, _shown(ensemble.network.model), {"picture": ("free.png", draw)}, ensemble)


class _Ran(NamedTuple):
    """What networks did."""

    field: Floats
    """float64 (populations, steps, variables)."""
    potential: Floats
    """Of the first cell of each nucleus, in mV, float64 (populations, steps, nuclei)."""
    spikes: Spikes
    pulses: Onsets
    """Both by population, sample and cell, in integration steps from the beginning."""


def _watching(network: NetworkModel) -> list[str]:
    """The channels that are recorded beside the mean field."""
    return [f"{name}.v[0]" for name in network.names]


def _run(settings: SimulateSettings, model: CellSettings, ensemble: CellEnsemble) -> _Ran:
    """What networks do from the state of ``ensemble`` on, which stays where it is."""
    watched = CellEnsemble(
        model,
        settings.populations,
        settings.seed,
        transient=0,
        threads=settings.threads,
        also=_watching(ensemble.network.model),
    )
    watched.set_state(ensemble.get_state())
    fields, potentials = [], []
    spikes, pulses = list[np.ndarray](), list[np.ndarray]()
    for begin in range(0, settings.steps, AT_ONCE):
        fields.append(watched.advance(watched.quiet(min(AT_ONCE, settings.steps - begin))))
        potentials.append(watched.others)
        for kept, events in ((spikes, watched.spikes), (pulses, watched.pulses)):
            kept.append(np.stack(events._replace(sample=events.sample + begin * model.kicks_per_step)))
    return _Ran(
        np.concatenate(fields, axis=1),
        np.concatenate(potentials, axis=1),
        Spikes(*_sorted(spikes)),
        Onsets(*_sorted(pulses)),
    )


def _measured(settings: SimulateSettings, model: CellSettings, network: NetworkModel, ran: _Ran) -> dict[str, Floats]:
    """Metrics, float64 (populations,) each."""
    fired, x = ran.spikes, ran.field[:, :, 0]
    count, end = settings.populations, settings.steps * model.dt
    found = {name: firing(fired, network.cells_of(name), count, model.substep, 0.0, end) for name in network.names}
    if network.relaying is None:
        own = {"period": np.array([rhythm_period(row) for row in x])}
    else:
        relaying, begin = network.cells_of(network.relaying), min(SETTLED, 0.2 * end)
        own = {"error_index": error_index(fired, ran.pulses, relaying, count, model.substep, end, begin)}
    return {
        **own,
        **{f"rate_{name}": each.rate for name, each in found.items()},
        **{f"cv_{name}": each.cv for name, each in found.items()},
        **{
            f"spike_power_{name}": spike_power(
                fired, network.cells_of(name), count, model.substep, 0.0, end, model.rhythm
            )
            for name in RHYTHMIC
            if name in network.names
        },
        "mean": x.mean(axis=1),
        "std": x.std(axis=1),
    }


def _shown(network: NetworkModel) -> dict[str, tuple[str, str]]:
    """Those that a table shows: what each is called, and its unit."""
    return {
        **({"period": ("period", " steps")} if network.relaying is None else {"error_index": ("error index", "")}),
        **{f"rate_{group.name}": (f"{group.label} rate", " Hz") for group in network.groups},
        **{f"cv_{group.name}": (f"{group.label} CV", "") for group in network.groups},
        **{
            f"spike_power_{group.name}": (f"{group.label} spike power", " (spk/s)²")
            for group in network.groups
            if group.name in RHYTHMIC
        },
        "mean": (network.told("x").replace("mean ", "mean of "), ""),
    }


def _told(network: NetworkModel) -> dict[str, dict[str, str]]:
    """What is told of which variables of the mean field, by nuclei."""
    found: dict[str, dict[str, str]] = {}
    for name, text in network.recorded.items():
        group, _, variable = text.partition(".")
        words = f"mean {variable} ({'mV²/Hz' if variable == 'v' else '1/Hz'})"
        found.setdefault(words, {})[network.group(group).label] = name
    if network.potential is not None:
        label = network.group(network.potential.group).label
        found[f"LFP of {label} ((µA/cm²)²/Hz)"] = {label: "lfp"}
    return found


def _draw(
    settings: SimulateSettings, model: CellSettings, network: NetworkModel, ran: _Ran, words: str, place: File
) -> None:
    from rldbs.analysis.plots.network_picture import free_network_picture

    of = model.model.variable_names.index
    free_network_picture(
        ran.spikes,
        ran.pulses,
        ran.potential[0],
        {
            name: {label: ran.field[:, :, of(key)] for label, key in shown.items()}
            for name, shown in _told(network).items()
        },
        network,
        model.rhythm,
        place,
        model.model.title,
        f"free · {model.label(f'{model.coupling:g}')}{words} · seed {settings.seed}",
        populations=len(ran.field),
        step=model.substep,
        dt=model.dt,
    )


def _sorted(parts: list[np.ndarray]) -> np.ndarray:
    """Events of several calls, (numbers, events), by population, sample and cell."""
    together = np.concatenate(parts, axis=1)
    return together[:, np.lexsort(together[::-1])]
