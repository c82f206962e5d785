"""A look at the free population: its rhythm, spectrum, phase plane and raster."""

from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from rldbs.analysis.pictures import free_picture
from rldbs.analysis.rhythm import rhythm_period
from rldbs.analysis.statistics import summary
from rldbs.analysis.whole_file import whole_file
from rldbs.core.ensemble import Ensemble
from rldbs.core.errors import DivergedError
from rldbs.experiment.record import Meta, write_config, write_json
from rldbs.experiment.settings import SimulateSettings

RASTER_NEURONS = 100
RASTER_SAMPLES = 4000


def simulate(settings: SimulateSettings, folder: Path, console: Console | None = None) -> dict[str, Any]:
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
    console = console or Console()
    write_config(folder, settings.config)
    model = settings.model.model
    meta = Meta(folder, {"command": "simulate", "model": model.name, "agent": "free", "seed": settings.seed})
    ensemble = Ensemble.of(settings.model, settings.populations, settings.seed, threads=settings.threads)
    stride = -(-settings.steps // RASTER_SAMPLES)
    field, raster, spread = [], [], []
    for begin in range(0, settings.steps, stride):
        steps = min(stride, settings.steps - begin)
        field.append(ensemble.advance(np.zeros((settings.populations, steps))))
        raster.append(ensemble.state[0, 0, :RASTER_NEURONS].astype(np.float32))
        spread.append(ensemble.state[:, 0].copy())
    mean_field = np.concatenate(field, axis=1)
    if not np.isfinite(mean_field).all():
        meta.finish("failed", "diverged")
        raise DivergedError("the population diverged; check model.dt, model.coupling and model.parameters")

    x = mean_field[:, :, 0]
    neuron_variance = np.stack(spread).var(axis=0).mean(axis=1)
    measured = {
        "period": np.array([rhythm_period(row) for row in x]),
        "mean": x.mean(axis=1),
        "std": x.std(axis=1),
        "synchrony": x.std(axis=1) / np.sqrt(neuron_variance),
    }
    result = {"schema": 1, "model": model.name, "seed": settings.seed, "steps": settings.steps}
    result |= {key: summary(values) for key, values in measured.items()}
    picture = folder / "free.png"
    subtitle = f"free · {settings.model.neurons} neurons, coupling {settings.model.coupling:g} · seed {settings.seed}"
    free_picture(
        mean_field[0],
        np.stack(raster),
        picture,
        settings.model.dt,
        raster_stride=stride,
        threshold=model.threshold,
        variables=model.variable_names,
        title=model.title,
        subtitle=subtitle,
    )
    with whole_file(folder / "field.npz") as file:
        np.savez_compressed(file, field=mean_field.astype(np.float32))
    write_json(folder / "summary.json", result)
    meta.finish("done")

    table = Table(title=f"{model.title}: {settings.populations} free populations", title_justify="left")
    table.add_column("")
    table.add_column("interquartile mean", justify="right")
    units = {"period": " steps", "mean": "", "std": "", "synchrony": ""}
    labels = {"period": "period", "mean": "mean of X", "std": "std of X", "synchrony": "synchrony χ"}
    for key, unit in units.items():
        value = summary(measured[key])["iqm"]
        table.add_row(labels[key], "none" if value is None else f"{value:.4g}{unit}")
    console.print(table)
    console.print(f"run      {folder}", soft_wrap=True, highlight=False, markup=False)
    console.print(f"picture  {picture}", soft_wrap=True, highlight=False, markup=False)
    return result
