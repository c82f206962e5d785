"""Colours of phases go round, in equal steps, and are dark where cos θ is high."""

import numpy as np

from rldbs.analysis.plots.phase_colours import _CONES, _SCREEN, CIRCLE, STEPS, phase_colours


def lab(colours):
    """In OKLab."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    return np.cbrt(linear @ np.linalg.inv(_SCREEN.T)) @ np.linalg.inv(_CONES.T)


def test_white_and_black_are_where_they_are_known_to_be():
    np.testing.assert_allclose(lab(np.array([[1.0] * 3, [0.0] * 3])), [[1, 0, 0], [0, 0, 0]], atol=1e-6)


def test_equal_steps_of_phase_look_equally_far_apart():
    seen = lab(CIRCLE)
    steps = np.linalg.norm(seen - np.roll(seen, 1, axis=0), axis=1)
    assert steps.max() < 1.1 * steps.min()


def test_it_is_dark_where_x_is_high_and_never_as_light_as_paper():
    lightness = lab(CIRCLE)[:, 0]
    assert lightness.argmin() == 0
    assert lightness.argmax() == STEPS // 2
    assert (np.diff(lightness[: STEPS // 2 + 1]) > 0).all()
    assert (np.diff(lightness[STEPS // 2 :]) < 0).all()
    assert 0.45 < lightness.min() < 0.55
    assert 0.78 < lightness.max() < 0.85


def test_phases_a_whole_turn_apart_have_one_colour():
    phase = np.linspace(-3.0, 3.0, 25).reshape(5, 5)
    assert phase_colours(phase).shape == (5, 5, 3)
    for turns in (-7, 1, 50):
        np.testing.assert_array_equal(phase_colours(phase + 2 * np.pi * turns), phase_colours(phase))


def test_a_phase_that_is_no_number_is_white():
    np.testing.assert_array_equal(phase_colours(np.array([np.nan, np.inf])), 1.0)
