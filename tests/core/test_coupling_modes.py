"""A few modes are the coupling, as closely as was asked."""

import numpy as np
import pytest

from rldbs.core import native
from rldbs.core.coupling_modes import KERNELS, MOST, WAVELET, blocks, kernel_of, modes_of
from rldbs.core.errors import SettingError
from rldbs.core.tissue import cube, distances

POSITIONS = cube(7, 0.12)
DISTANCES = distances(POSITIONS, POSITIONS)
FORMULAS = {
    "cosine": np.cos,
    "gaussian": lambda d: np.exp(-(d**2) / 2),
    "exponential": lambda d: np.exp(-d),
    "wavelet": lambda d: -WAVELET * (12 * WAVELET**4 * d**2 - 8 * WAVELET**2) * np.exp(-WAVELET * d**2) / (2 * np.pi),
}


@pytest.mark.parametrize("name", KERNELS)
def test_kernels_are_their_formulas(name):
    found = kernel_of(name, DISTANCES, 0.5)
    np.testing.assert_allclose(found, FORMULAS[name](DISTANCES / 0.5), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", ["cosine", "gaussian", "wavelet"])
@pytest.mark.parametrize("tolerance", [1e-3, 1e-6, 1e-9])
def test_smooth_kernels_are_few_modes_with_the_error_that_is_said(name, tolerance):
    alpha = kernel_of(name, DISTANCES)
    modes = modes_of(alpha, 343, tolerance)
    assert modes.weights_out is not None
    assert len(modes.weights_in) < 130
    rest = np.abs(modes.weights_out.T @ modes.weights_in - alpha / 343)
    assert rest.max() == pytest.approx(modes.error, rel=1e-5, abs=1e-17)
    assert modes.error <= tolerance * alpha.max() / 343


def test_a_kernel_with_a_kink_has_no_few_modes():
    alpha = kernel_of("exponential", DISTANCES)
    modes = modes_of(alpha, 343)
    assert modes.weights_out is None
    np.testing.assert_array_equal(modes.weights_in, alpha / 343)


def test_rows_may_be_normalised_and_modes_limited():
    alpha = kernel_of("cosine", DISTANCES)
    modes = modes_of(alpha, 343, 1e-12, normalised=True)
    np.testing.assert_allclose((modes.weights_out.T @ modes.weights_in).sum(axis=1), 1.0, rtol=1e-9)
    assert len(modes_of(alpha, 343, most=3).weights_in) == 3
    assert modes_of(alpha, 343, most=3).error > 1e-5


@pytest.mark.parametrize("name", native.SUPPORTED)
def test_modes_have_the_same_bits_on_every_instruction_set(name):
    def all_of() -> list[np.ndarray]:
        return [modes_of(kernel_of(kernel, DISTANCES), 343, 1e-6).weights_in for kernel in KERNELS]

    expected = all_of()
    with native.use_instruction_set(name):
        for one, other in zip(all_of(), expected, strict=True):
            np.testing.assert_array_equal(one, other)


def test_everybody_alike_is_one_mode():
    modes = modes_of(None, 8)
    np.testing.assert_array_equal(modes.weights_out.T @ modes.weights_in, np.full((8, 8), 1 / 8))
    assert modes.error == 0.0


def test_blocks_couple_populations_as_strongly_as_is_said():
    strengths = np.array([[3.0, 0.5], [-1.0, 2.0]])
    modes = blocks([2, 4], strengths)
    alpha = modes.weights_out.T @ modes.weights_in * 6
    member = np.array([0, 0, 1, 1, 1, 1])
    np.testing.assert_allclose(alpha, strengths[np.ix_(member, member)], rtol=1e-15)


def test_no_coupling_at_all_is_a_mode_of_nothing():
    assert not modes_of(np.zeros((4, 4)), 4).weights_in.any()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: kernel_of("box", DISTANCES), "kernel 'box': must be one of cosine, wavelet"),
        (lambda: kernel_of("cosine", DISTANCES, 0.0), "length: must be a finite number above 0"),
        (lambda: modes_of(np.ones((3, 4)), 4), r"alpha: must be finite numbers \(4, 4\), is \(3, 4\)"),
        (lambda: modes_of(np.full((4, 4), np.nan), 4), "alpha: must be finite"),
        (lambda: modes_of(np.ones((4, 4)), MOST + 1), "may be coupled by their distance"),
        (lambda: blocks([2, 3], np.ones((3, 3))), r"strengths: must be \(2, 2\), is \(3, 3\)"),
        (lambda: blocks([0], np.ones((1, 1))), "sizes: must be a whole number from 1"),
        (lambda: modes_of(-np.ones((4, 4)), 4, normalised=True), "must sum to more than 0"),
    ],
)
def test_wrong_arguments_are_refused(call, words):
    with pytest.raises(SettingError, match=words):
        call()
