"""Measurement noise and dropouts."""

from dataclasses import replace

import numpy as np
import pytest

from rldbs.config.python_arguments import make_loop_settings
from rldbs.control.recording import Window
from rldbs.control.sensor import Sensor, free_std

MODEL = make_loop_settings("bvdp", {"neurons": 100}).model


def sensor(window: Window, environments: int = 3) -> Sensor:
    made = Sensor(window, MODEL, environments)
    for i in range(environments):
        made.seed(i, *np.random.default_rng(i).spawn(2))
    return made


def test_without_noise_it_gives_the_recorded_variables():
    field = np.random.default_rng(0).normal(size=(3, 5, 2))
    np.testing.assert_array_equal(sensor(Window(["y", "x"])).measure(field), field[:, :, ::-1])


def test_noise_has_its_standard_deviation_and_is_independent():
    made = sensor(Window(["x", "y"], noise=0.3))
    noise = np.concatenate([made.measure(np.zeros((3, 7, 2))) for _ in range(1000)], axis=1)
    np.testing.assert_allclose(noise.std(axis=1), 0.3, rtol=0.05)
    streams = noise.transpose(0, 2, 1).reshape(6, -1)
    assert np.abs(np.corrcoef(streams) - np.eye(6)).max() < 0.06
    assert abs(np.corrcoef(streams[0, 1:], streams[0, :-1])[0, 1]) < 0.06


def test_relative_noise_is_relative_to_the_free_rhythm():
    assert free_std(MODEL) == pytest.approx([1.1, 0.52], rel=0.05)
    noise = sensor(Window("x", relative_noise=0.5)).measure(np.zeros((3, 20_000, 2)))
    assert noise.std() == pytest.approx(0.5 * free_std(MODEL)[0], rel=0.02)
    weak = replace(MODEL, coupling=0.0)
    assert free_std(weak)[0] < 0.5 * free_std(MODEL)[0]


def test_dropouts_take_their_part_in_gaps_of_their_length():
    field = np.arange(1.0, 60_001).reshape(1, -1, 1) * np.ones((3, 1, 2))
    lost = sensor(Window("x", dropout=0.2, dropout_length=5)).measure(field) != field[:, :, :1]
    assert lost.mean() == pytest.approx(0.2, rel=0.05)
    gaps = (np.diff(lost[:, :, 0].astype(int), axis=1) == 1).sum()
    assert lost.sum() / gaps == pytest.approx(5, rel=0.05)


def test_a_gap_holds_the_sample_before_it():
    field = np.random.default_rng(0).normal(size=(3, 400, 2))
    seen = sensor(Window("x", dropout=0.5, dropout_length=3)).measure(field)[:, :, 0]
    kept = seen == field[:, :, 0]
    assert 0 < kept.mean() < 1
    np.testing.assert_array_equal(seen[:, 1:][~kept[:, 1:]], seen[:, :-1][~kept[:, 1:]])


def test_a_gap_goes_on_from_one_call_to_the_next():
    field = np.random.default_rng(0).normal(size=(3, 400, 2))
    whole, parts = (sensor(Window("x", dropout=0.5, dropout_length=9)) for _ in range(2))
    np.testing.assert_array_equal(
        whole.measure(field), np.concatenate([parts.measure(field[:, t : t + 1]) for t in range(400)], axis=1)
    )
