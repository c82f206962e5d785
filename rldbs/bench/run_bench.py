"""How fast the core, the environments and training are on this machine."""

import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rldbs.bench.cell_times import cell_figures
from rldbs.bench.command_times import memory_figures, start_figures
from rldbs.bench.environment_times import environment_figures, single_environment_figures
from rldbs.bench.figures import Figures
from rldbs.bench.kernel_times import kernel_figures, size_figures
from rldbs.bench.own_times import own_figures
from rldbs.bench.phase_times import phase_figures
from rldbs.bench.plastic_times import plastic_figures
from rldbs.bench.rate_times import rate_figures
from rldbs.bench.spatial_times import spatial_figures
from rldbs.bench.training_times import training_figures
from rldbs.core import native
from rldbs.core.compiler import compiler
from rldbs.experiment.command_settings import TrainSettings
from rldbs.files.user_file import Target
from rldbs.process.terminal import show, show_table
from rldbs.runs.clock import now
from rldbs.runs.machine import machine
from rldbs.runs.record import write_json

CACHES = Path("/sys/devices/system/cpu/cpu0/cache")


def bench(settings: TrainSettings, json_file: Target | None = None) -> dict[str, Any]:
    """Time the core, the environments, training and the commands; show a table of each as soon as it is there.

    What is compared is timed in turns, so that it does not matter what else the machine does meanwhile.

    Args:
        settings: a training run; its model, environment, agent and threads are those that are timed.
        json_file: where the numbers are also written.

    Returns:
        The numbers that were shown, and on what they were measured.
    """
    results = circumstances(settings)
    for figures in measured(settings):
        show_table(figures.title, figures.columns, figures.rows)
        results[figures.name] = figures.numbers
    if json_file is not None:
        write_json(json_file, results)
    return results


def circumstances(settings: TrainSettings) -> dict[str, Any]:
    """On what, and when; the first line of all that is shown says it too."""
    here = machine() | {"instruction_sets": list(native.SUPPORTED), "caches": _caches()}
    show(f"{here['cpu']}, {here['cores']} cores, {', '.join(native.SUPPORTED)}; Python {platform.python_version()}\n")
    del here["platform"]
    return {"schema": 1, "date": now(), "machine": here, "threads": settings.threads}


def measured(settings: TrainSettings) -> Iterable[Figures]:
    """Every part of the bench, as soon as it is done."""
    yield kernel_figures()
    yield size_figures(settings.threads)
    if compiler() is not None:
        yield own_figures()
    yield phase_figures()
    yield spatial_figures()
    yield cell_figures()
    yield plastic_figures()
    yield rate_figures()
    yield environment_figures(settings.loop, settings.threads)
    yield single_environment_figures(settings.loop)
    yield training_figures(settings)
    yield memory_figures()
    yield start_figures(settings.loop.model.name)


def _caches() -> dict[str, str]:
    """Sizes of the caches that a core has or shares, where the system tells."""
    caches = {}
    for folder in sorted(CACHES.glob("index*")):
        level, kind, size = ((folder / name).read_text().strip() for name in ("level", "type", "size"))
        caches[f"L{level} {kind.lower()}"] = size
    return caches
