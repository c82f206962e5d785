"""Phase oscillators as closed loops take them: the same physics as the network's, in rad/s, Hz and ms."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

import rldbs
from rldbs.core.bank import prepare_bank
from rldbs.core.ensemble_kinds import ensemble_of
from rldbs.core.errors import SettingError
from rldbs.core.model_settings import PhaseSettings
from rldbs.core.native import Place, address
from rldbs.core.phase_ensemble import TURN, WIDEST, PhaseEnsemble
from rldbs.core.tissue import tissue


def settings(**changes: object) -> PhaseSettings:
    values = {
        "name": "kuramoto",
        "neurons": 40,
        "coupling": 16.0,
        "dt": 0.5,
        "transient": 100,
        "period": 111,
        "set_point": 0.0,
        "frequency_mean": 18.0,
        "frequency_std": 1.0,
        "noise": 1.0,
        "response": "type2",
    }
    return PhaseSettings(**values | changes)  # type: ignore[arg-type]


def kicks(*shape: int) -> np.ndarray:
    return 300.0 * np.random.default_rng(1).uniform(-1.0, 1.0, shape)


def test_an_ensemble_is_a_network_in_the_units_of_a_loop():
    """Without noise; the network counts in rad/ms, so sums are rounded elsewhere."""
    made = settings(noise=0.0)
    network = rldbs.PhaseNetwork(
        tissue(np.zeros((40, 3))), 2, 5, coupling=16.0, noise=0.0, dt=0.5, transient=100, response="type2"
    )
    given = kicks(2, 50)
    seen = network.advance(given[:, :, None])
    field = PhaseEnsemble(made, 2, 5).advance(given)
    np.testing.assert_allclose(field[..., 0], seen.x[..., 0], rtol=0, atol=1e-9)
    np.testing.assert_allclose(field[..., 1], seen.y[..., 0], rtol=0, atol=1e-9)
    np.testing.assert_allclose(field[..., 2], seen.rate, rtol=1e-9)


def test_state_is_the_cosine_the_sine_and_the_phase():
    ensemble = PhaseEnsemble(settings(), 3)
    field = ensemble.advance(kicks(3, 7))
    cosine, sine, phase = (ensemble.state[:, row] for row in range(3))
    np.testing.assert_allclose(cosine, np.cos(phase), rtol=0, atol=1e-14)
    np.testing.assert_allclose(sine, np.sin(phase), rtol=0, atol=1e-14)
    np.testing.assert_allclose(field[:, -1, :2], ensemble.state[:, :2].mean(axis=2), rtol=0, atol=1e-14)


def test_a_population_alone_in_a_batch_split_or_copied_gives_the_same_bits():
    given = kicks(3, 20)
    whole = PhaseEnsemble(settings(), 3, 7).advance(given, threads=2)
    alone = PhaseEnsemble(settings(), 1, 8)
    np.testing.assert_array_equal(alone.advance(given[1:2, :9])[0], whole[1, :9])
    saved, copy = alone.get_state(), pickle.loads(pickle.dumps(alone))
    np.testing.assert_array_equal(alone.advance(given[1:2, 9:])[0], whole[1, 9:])
    np.testing.assert_array_equal(copy.advance(given[1:2, 9:])[0], whole[1, 9:])
    alone.set_state(saved)
    np.testing.assert_array_equal(alone.advance(given[1:2, 9:])[0], whole[1, 9:])


def test_a_step_writes_where_it_is_told():
    first, second = PhaseEnsemble(settings(), 2), PhaseEnsemble(settings(), 2)
    given, field = kicks(2, 5), np.zeros((2, 5, 3))
    first.step(given, Place(address(field), (15, 3, 1)))
    np.testing.assert_array_equal(field, second.advance(given))
    with pytest.raises(TypeError, match="2 populations"):
        first.step(kicks(3, 5), Place(address(field), (15, 3, 1)))


def test_noise_begins_anew_with_the_generator_of_an_episode():
    def after(row_seed: int) -> np.ndarray:
        ensemble = PhaseEnsemble(settings(), 2, 0)
        ensemble.begin(np.array([1]), [np.random.default_rng(row_seed)])
        return ensemble.advance(ensemble.quiet(5))

    np.testing.assert_array_equal(after(3), after(3))
    assert np.array_equal(after(3)[0], after(4)[0])
    assert not np.array_equal(after(3)[1], after(4)[1])


def test_a_kick_turns_each_phase_by_its_response():
    ensemble = PhaseEnsemble(settings(noise=0.0, coupling=0.0, frequency_std=0.0, frequency_mean=0.0), transient=0)
    before = ensemble.state[0, 2].copy()
    ensemble.advance(np.full((1, 1), 20.0))
    turned = 20.0 * 0.0005 * np.sin(before)
    np.testing.assert_allclose(ensemble.state[0, 2], before + turned, rtol=0, atol=0.51 * 0.01**2)


def test_cauchy_frequencies_have_their_width_and_no_outliers():
    ensemble = PhaseEnsemble(settings(neurons=20_000, distribution="cauchy", frequency_std=2.0), transient=0)
    hertz = ensemble.current[0] / TURN
    assert np.abs(hertz - 18.0).max() <= 2.0 * WIDEST
    between = 4.0 * np.tan(0.5 * np.arctan(WIDEST))  # the quartiles of what is left of the distribution
    assert np.quantile(hertz, 0.75) - np.quantile(hertz, 0.25) == pytest.approx(between, rel=0.05)


def test_a_bank_of_oscillators_goes_on_from_its_past():
    bank = prepare_bank(settings(noise=0.0), 2, 3, 0, 30, 1)
    assert (bank.state.shape, bank.past.shape) == ((6, 3, 40), (6, 30, 3))
    ensemble = ensemble_of(settings(noise=0.0), 6, transient=0)
    ensemble.state[:], ensemble.current[:] = bank.state, bank.current
    spacing = -(-111 // 3)
    ensemble.rest(spacing)
    np.testing.assert_array_equal(ensemble.state[0], bank.state[2])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"response": "fourier", "cosines": [0.0, 1.0]}, "as many cosines as sines"),
        ({"noise": np.nan}, "noise: must be a finite number"),
        ({"frequency_std": -1.0}, "frequency_std: must be"),
    ],
)
def test_settings_out_of_range_are_refused(change, words):
    with pytest.raises(SettingError, match=words):
        prepare_bank(replace(settings(), **change), 1, 1, 0, 5, 1)
