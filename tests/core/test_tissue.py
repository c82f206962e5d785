"""Tissue holds what belongs together, and profiles are those of their formulas."""

import numpy as np
import pytest

from rldbs.core.coupling_modes import modes_of
from rldbs.core.errors import SettingError
from rldbs.core.tissue import PROFILES, Response, Tissue, cube, distances, line, profile, tissue

ONES = np.ones((1, 4))
MEAN = ONES / 4


def test_positions_are_in_the_order_that_is_said():
    positions = cube(3, 0.5)
    assert positions.shape == (27, 3)
    np.testing.assert_array_equal(positions[(1 * 3 + 2) * 3 + 0], [0.5, 1.0, 0.0])
    np.testing.assert_allclose(line(4, 2.0)[:, 0], [0.25, 0.75, 1.25, 1.75])
    assert not line(4, 2.0)[:, 1:].any()


def test_distances_are_those_of_pythagoras():
    ones, others = np.random.default_rng(0).normal(size=(2, 7, 3))
    expected = np.linalg.norm(ones[:, None] - others[None], axis=-1)
    np.testing.assert_allclose(distances(ones, others), expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("shape", "formula"),
    [
        ("uniform", np.ones_like),
        ("linear", lambda d: np.clip(1 - d / 2, 0, None)),
        ("lorentzian", lambda d: 1 / (1 + (d / 2) ** 2)),
        ("coulomb", lambda d: 2 / np.maximum(d, 0.02)),
        ("gaussian", lambda d: np.exp(-((d / 2) ** 2) / 2)),
    ],
)
def test_profiles_are_their_formulas(shape, formula):
    points = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 2.0]])
    positions = np.concatenate([points, np.random.default_rng(1).normal(scale=3.0, size=(50, 3)), [[900.0, 0.0, 0.0]]])
    found = profile(positions, points, shape, 2.0)
    assert found.shape == (2, 53)
    expected = formula(np.linalg.norm(positions[None] - points[:, None], axis=-1))
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-300)
    assert shape in PROFILES


def test_the_mean_of_all_is_the_first_site():
    found = tissue(line(4, 1.0), recording=2.0 * ONES)
    assert (found.neurons, found.modes, found.contacts, found.sites) == (4, 1, 1, 2)
    np.testing.assert_array_equal(found.recording[0], 0.25)
    np.testing.assert_array_equal(found.weights_in, modes_of(None, 4).weights_in)


def test_nobody_can_write_into_tissue_and_it_keeps_what_it_was():
    given = ONES.copy()
    found = Tissue(given, ONES, ONES, MEAN)
    given[:] = 7.0
    np.testing.assert_array_equal(found.weights_in, 1.0)
    with pytest.raises(ValueError, match="read-only"):
        found.weights_in[0, 0] = 2.0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((ONES, ONES, np.ones((1, 5)), MEAN), "different numbers of neurons"),
        ((np.ones((2, 4)), ONES, ONES, MEAN), "the same modes"),
        ((ONES, None, ONES, MEAN), "as many modes as neurons"),
        ((ONES, ONES, ONES, ONES), "the first site's weights must sum to 1"),
        ((np.full((1, 4), np.inf), ONES, ONES, MEAN), "weights_in: must be finite"),
        ((np.ones(4), ONES, ONES, MEAN), r"weights_in: must be \(rows, neurons\), is \(4,\)"),
        (("ab", ONES, ONES, MEAN), r"weights_in: must be \(rows, neurons\); 'ab' cannot be read: str is no array"),
        ((ONES, ONES, ONES, MEAN, np.zeros((3, 3))), "4 neurons, 3 positions"),
        ((ONES, ONES, ONES, MEAN, np.zeros((4, 2))), r"must be \(points, 3\), in mm"),
    ],
)
def test_what_does_not_belong_together_is_refused(arguments, words):
    with pytest.raises(SettingError, match=words):
        Tissue(*arguments)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: profile(line(2, 1.0), np.zeros((1, 3)), "cubic"), "profile 'cubic': must be one of uniform, linear"),
        (lambda: profile(line(2, 1.0), [0, 0, 0], "linear"), r"^points: must be \(points, 3\), in mm, is \(3,\)$"),
        (lambda: profile(line(2, 1.0), [[0, 0]], "linear"), r"^points: must be \(points, 3\), in mm, is \(1, 2\)$"),
        (lambda: profile(line(2, 1.0), 5.0, "linear"), r"^points: must be \(points, 3\), in mm, is \(\)$"),
        (lambda: profile(line(2, 1.0), "ab", "linear"), r"^points: must be \(points, 3\), in mm; 'ab' cannot be read"),
        (lambda: profile(line(2, 1.0), np.zeros((1, 3)), "linear", 0.0), "spread: must be a finite number above 0"),
        (lambda: Response((1.0,), (0.0, 1.0)), "as many cosines as sines"),
        (lambda: Response(3.0), "cosines: must be a list of numbers, is 3.0"),
        (lambda: Response((np.nan,), (0.0,)), "cosines: must be a finite number"),
        (lambda: cube(0, 1.0), "side: must be a whole number from 1"),
    ],
)
def test_wrong_arguments_are_refused(call, words):
    with pytest.raises(SettingError, match=words):
        call()
