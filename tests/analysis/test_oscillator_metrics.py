"""What is reported of phase oscillators: nothing passes for desynchronised that only moved or stands still."""

import numpy as np
import pytest

from rldbs.analysis.metric_definitions import OSCILLATOR_METRICS
from rldbs.analysis.oscillator_metrics import measure_oscillators, verdict_of
from rldbs.analysis.trajectory import Trajectory

BAND = 13.0, 30.0
STEPS = 3000
"""Of each phase, 0.5 ms long."""


def trajectory(order: float, hertz: float, rate: float, clusters: bool = False) -> Trajectory:
    """Two populations that go at 18 Hz with R = 0.8, and so under stimulation."""
    time = np.arange(2 * STEPS) * 0.0005
    stimulated = time >= STEPS * 0.0005
    phase = 2 * np.pi * np.where(stimulated, hertz, 18.0) * time
    size = np.where(stimulated, order, 0.8)
    rows = [size * np.cos(phase), size * np.sin(phase), np.where(stimulated, rate, 18.0)]
    names = ["x", "y", "rate"]
    if clusters:
        rows += [0.9 * np.cos(phase), 0.9 * np.sin(phase), 0.5 * np.cos(phase), 0.5 * np.sin(phase)]
        names += ["cluster1_x", "cluster1_y", "cluster2_x", "cluster2_y"]
    field = np.stack([np.stack(rows, axis=1)] * 2)
    return Trajectory(
        field=field,
        kicks=np.zeros(field.shape[:2]),
        free=STEPS,
        stimulated=STEPS,
        relaxed=0,
        onset=0,
        neuron_std_free=np.ones((2, 100)),
        neuron_std_stimulated=np.ones((2, 100)),
        reward=np.zeros(2),
        raster=np.zeros((6, 1), np.float32),
        raster_stride=1000,
        dt=0.5,
        period=111.0,
        threshold=0.0,
        variables=tuple(names),
    )


@pytest.mark.parametrize(
    ("order", "hertz", "rate", "found"),
    [
        (0.2, 18.0, 18.0, "suppressed"),
        (0.8, 40.0, 40.0, "shifted"),
        (0.8, 18.0, 1.0, "quenched"),
        (0.8, 18.0, 18.0, ""),
    ],
)
def test_a_verdict_says_what_power_in_the_band_does_not(order, hertz, rate, found):
    made = trajectory(order, hertz, rate)
    assert verdict_of(made, BAND) == found
    measures = measure_oscillators(made, BAND)
    assert measures["order_free"] == pytest.approx(0.8)
    assert measures["order"] == pytest.approx(order)
    assert measures["firing"] == pytest.approx(rate / 18.0)
    assert measures["peak_free"] == pytest.approx(18.0, abs=1.0)
    assert measures["peak_frequency"] == pytest.approx(hertz, abs=1.0)
    if found == "shifted":
        assert (measures["band_power"] < 0.1).all()
        assert (measures["total_power"] > 0.9).all()


def test_order_is_told_over_what_chance_gives_and_within_clusters():
    measures = measure_oscillators(trajectory(0.4, 18.0, 18.0, clusters=True), BAND)
    assert measures["order_over_floor"] == pytest.approx(0.4 / (np.sqrt(np.pi) / 20.0))
    assert measures["order_within"] == pytest.approx(0.7)
    assert set(measures) == set(OSCILLATOR_METRICS)
    assert "order_within" not in measure_oscillators(trajectory(0.4, 18.0, 18.0), BAND)
