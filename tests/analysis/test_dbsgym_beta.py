"""The published β number and the timing behind it: known signals, and the published environment's own recordings."""

from pathlib import Path

import numpy as np
import pytest

from rldbs.analysis.dbsgym_beta import dbsgym_beta, executed_timing
from rldbs.core.dbsgym import COUPLING, DT, PULSE, dbsgym_tissue
from rldbs.core.phase_network import PhaseNetwork

DATA = Path(__file__).parents[1] / "data"
EVALUATION = 5 * 19_039
"""Samples of five episodes."""


def recorded(name: str) -> dict[str, np.ndarray]:
    with np.load(DATA / f"kuramoto_original_{name}.npz") as file:
        return dict(file)


@pytest.mark.parametrize(("hertz", "beta"), [(18.0, 2.88), (13.0, 1.38), (25.0, 0.0), (8.0, 0.0)])
def test_a_sine_scores_what_is_known_of_it(hertz, beta):
    sine = np.sin(2.0 * np.pi * hertz * np.arange(EVALUATION) / 2000.0)
    assert dbsgym_beta(sine) == pytest.approx(beta, abs=0.005)
    assert dbsgym_beta(0.1 * sine) == pytest.approx(0.01 * dbsgym_beta(sine))


def test_an_episode_has_the_samples_that_it_had():
    for steps, samples in ((1666, 29_029), (1111, 19_039)):
        assert len(executed_timing(steps).samples) == samples
    timing = executed_timing(1111)
    assert (timing.on + timing.off).sum() == 17_928  # 8.964 s, where 10 s are meant
    assert timing.pulse.mean() == pytest.approx(0.132, abs=5e-4)


def test_a_step_has_fewer_integration_steps_than_is_meant_and_not_always_as_many():
    timing = executed_timing(5555)
    begin = 199.95 + 0.05 * np.concatenate([[0], np.cumsum(timing.on + timing.off)[:-1]])
    changes = np.flatnonzero(np.diff(timing.on)) + 1
    assert timing.on[[0, *changes]].tolist() == [3, 2, 3, 2]
    assert np.abs(begin[changes] - [256, 1024, 4096]).max() < 0.9  # within a step
    longer = np.flatnonzero(timing.off != 14)
    assert timing.off[longer].tolist() == [15, 15]
    assert np.abs(begin[longer] - [256, 2048]).max() < 0.9
    np.testing.assert_array_equal(np.bincount(timing.pulse), [timing.off.sum(), timing.on.sum()])


@pytest.mark.parametrize("name", ["off", "hf"])
def test_times_are_those_of_the_recordings(name):
    data, timing = recorded(name), executed_timing(300)
    np.testing.assert_array_equal(timing.on + timing.off + 1, data["samples_per_step"])
    np.testing.assert_allclose(data["t_start"] + 0.05 * timing.samples, data["t"], rtol=0, atol=1e-9)


@pytest.mark.parametrize(("name", "amplitude"), [("off", 0.0), ("hf", PULSE)])
def test_an_episode_follows_the_recording_as_far_as_that_was_integrated(name, amplitude):
    data, timing = recorded(name), executed_timing(300)
    network = PhaseNetwork(dbsgym_tissue(0, 0), coupling=COUPLING, noise=0.0, response="flat", dt=DT, transient=0)
    network.frequency = data["omega"][None] * 100.0 / (2.0 * np.pi)
    network.phase[:] = data["theta_start"]
    seen = network.advance(amplitude * timing.pulse[None, :, None])
    lfp = np.concatenate([[np.cos(data["theta_start"]).mean()], seen.x[0, :, 0]])[timing.samples]
    np.testing.assert_allclose(lfp, data["lfp"], rtol=0, atol=3e-3)
    assert dbsgym_beta(lfp) == pytest.approx(dbsgym_beta(data["lfp"].astype(np.float64)), rel=0.02)


def test_what_is_no_signal_is_refused():
    with pytest.raises(ValueError, match="more than 72 samples"):
        dbsgym_beta(np.zeros(72))
    with pytest.raises(ValueError, match=r"one signal .* got \(2, 100\)"):
        dbsgym_beta(np.zeros((2, 100)))
    assert dbsgym_beta(np.zeros(73)) == 0.0
    with pytest.raises(ValueError, match="at least one step"):
        executed_timing(0)
