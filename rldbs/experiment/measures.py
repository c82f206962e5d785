"""What is measured and drawn of each kind of models, and how one looks at it while it is free.

What is drawn with, and what only a look needs, is imported when it is asked for: training begins without it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rldbs.analysis.metrics import Array, measure
from rldbs.analysis.network_metrics import measure_network
from rldbs.analysis.oscillator_metrics import measure_oscillators, verdict_of
from rldbs.analysis.plastic_metrics import measure_plastic
from rldbs.analysis.rate_metrics import measure_rates
from rldbs.analysis.synchrony import Verdict
from rldbs.analysis.trajectory import Trajectory
from rldbs.core.cell_populations import CellSettings
from rldbs.core.model_kinds import kind_of
from rldbs.core.model_settings import ModelSettings, NeuronSettings, PhaseSettings
from rldbs.core.plastic_settings import PlasticSettings
from rldbs.core.rate_settings import RateSettings
from rldbs.experiment.command_settings import SimulateSettings
from rldbs.experiment.free_populations import Look
from rldbs.files.file import File


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What is measured and drawn of a kind."""

    measures: Callable[[Trajectory, Any, Array | None], dict[str, Array]]
    """Of a trajectory, the model's settings and the std of uncoupled neurons: as :func:`measures_of`."""
    draw: Callable[[Trajectory, Any, File, str, str], None]
    """Likewise as :func:`draw_measurement`."""
    look: Callable[[SimulateSettings], Look]
    """Runs free populations after their transient, and says what they did."""
    by_events: bool = False
    """Whether metrics need more of a trajectory than x and the kicks: spikes, weights, bursts."""
    verdict: Callable[[Trajectory, Any], Verdict] | None = None
    """What stimulation has done, of a trajectory and the model's settings, where there is a word for it."""


def _measure_neurons(trajectory: Trajectory, model: NeuronSettings, uncoupled_std: Array | None) -> dict[str, Array]:
    return measure(trajectory, uncoupled_std)


def _measure_oscillators(trajectory: Trajectory, model: PhaseSettings, uncoupled_std: Array | None) -> dict[str, Array]:
    return measure(trajectory, uncoupled_std) | measure_oscillators(trajectory, model.rhythm)


def _judge_oscillators(trajectory: Trajectory, model: PhaseSettings) -> Verdict:
    return verdict_of(trajectory, model.rhythm)


def _measure_cells(trajectory: Trajectory, model: CellSettings, _: Array | None) -> dict[str, Array]:
    return measure_network(trajectory, model.network, model.rhythm)


def _measure_plastic(trajectory: Trajectory, model: PlasticSettings, _: Array | None) -> dict[str, Array]:
    return measure_plastic(trajectory, model.constants)


def _measure_rates(trajectory: Trajectory, model: RateSettings, _: Array | None) -> dict[str, Array]:
    return measure_rates(trajectory, model.rhythm)


def _draw_coupled(trajectory: Trajectory, model: ModelSettings, picture: File, title: str, subtitle: str) -> None:
    from rldbs.analysis.plots.population import suppression_picture

    suppression_picture(trajectory, picture, title, subtitle, model.model.kick_unit)


def _draw_cells(trajectory: Trajectory, model: CellSettings, picture: File, title: str, subtitle: str) -> None:
    from rldbs.analysis.plots.network_picture import stimulated_network_picture

    stimulated_network_picture(trajectory, model.network, model.rhythm, picture, title, subtitle)


def _draw_plastic(trajectory: Trajectory, model: PlasticSettings, picture: File, title: str, subtitle: str) -> None:
    from rldbs.analysis.plots.plastic_picture import stimulated_plastic_picture

    stimulated_plastic_picture(trajectory, model.constants, picture, title, subtitle)


def _draw_rates(trajectory: Trajectory, model: RateSettings, picture: File, title: str, subtitle: str) -> None:
    from rldbs.analysis.plots.rate_picture import stimulated_rates_picture

    stimulated_rates_picture(trajectory, model.rhythm, picture, title, subtitle)


def _look_at_coupled(settings: SimulateSettings) -> Look:
    from rldbs.experiment.free_coupled import look_at_coupled

    return look_at_coupled(settings)


def _look_at_cells(settings: SimulateSettings) -> Look:
    from rldbs.experiment.free_network import look_at_network

    return look_at_network(settings)


def _look_at_plastic(settings: SimulateSettings) -> Look:
    from rldbs.experiment.free_plastic import look_at_plastic

    return look_at_plastic(settings)


def _look_at_rates(settings: SimulateSettings) -> Look:
    from rldbs.experiment.free_rates import look_at_rates

    return look_at_rates(settings)


MEASURED: Mapping[str, Measured] = {
    "neurons": Measured(measures=_measure_neurons, draw=_draw_coupled, look=_look_at_coupled),
    "oscillators": Measured(
        measures=_measure_oscillators, draw=_draw_coupled, look=_look_at_coupled, verdict=_judge_oscillators
    ),
    "cells": Measured(measures=_measure_cells, draw=_draw_cells, look=_look_at_cells, by_events=True),
    "plastic": Measured(measures=_measure_plastic, draw=_draw_plastic, look=_look_at_plastic, by_events=True),
    "rates": Measured(measures=_measure_rates, draw=_draw_rates, look=_look_at_rates, by_events=True),
}
"""By the name of the kind."""


def measured_of(model: ModelSettings) -> Measured:
    """What is measured and drawn of a model with these settings."""
    return MEASURED[kind_of(model).name]


def measures_of(trajectory: Trajectory, model: ModelSettings, uncoupled_std: Array | None = None) -> dict[str, Array]:
    """Every metric of a model, each (E,), one number for each episode.

    Args:
        trajectory: of such a model.
        model: its settings.
        uncoupled_std: as for :func:`.metrics.measure`.
    """
    return measured_of(model).measures(trajectory, model, uncoupled_std)


def draw_measurement(trajectory: Trajectory, model: ModelSettings, picture: File, title: str, subtitle: str) -> None:
    """The picture of a measurement."""
    measured_of(model).draw(trajectory, model, picture, title, subtitle)
