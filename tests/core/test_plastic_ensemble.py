"""Networks with plastic synapses as closed loops take them: the network's own physics, and all of it in the state."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

import rldbs
from rldbs.core.bank import prepare_bank
from rldbs.core.ei_plastic import EI_PLASTIC
from rldbs.core.ensemble_kinds import ensemble_of
from rldbs.core.errors import RunError, SettingError
from rldbs.core.plastic_ensemble import RECORDED, PlasticEnsemble
from rldbs.core.plastic_settings import PlasticSettings
from rldbs.core.pulse_trains import pulse_train

WEIGHT, SYNCHRONY = RECORDED.index("weight"), RECORDED.index("synchrony")


def settings(**changes: object) -> PlasticSettings:
    values = {
        "name": "ei_plastic",
        "neurons": 200,
        "coupling": 260.0,
        "dt": 1.0,
        "transient": 0,
        "period": 26,
        "set_point": 17.0,
        "current_std": 0.0,
        "overwrites": False,
        "band": [30.0, 50.0],
    }
    return PlasticSettings(**values | changes)  # type: ignore[arg-type]


def train(populations: int, steps: int) -> np.ndarray:
    given = pulse_train(10 * steps, 0.1, amplitude=-100.0, frequency=1000.0 / 12.0, width=1000.0, balanced=True)
    return np.repeat(given[None], populations, axis=0)


def test_an_ensemble_is_a_network_that_is_heard_every_millisecond():
    ensemble, network = PlasticEnsemble(settings(), 2, 5), rldbs.PlasticNetwork(2, 5, neurons=(160, 40))
    given = train(2, 240)
    field = ensemble.advance(given)
    seen = [network.advance(given[:, begin : begin + 200, None]) for begin in range(0, 2400, 200)]
    np.testing.assert_array_equal(field[:, :, :2], np.concatenate([part.v for part in seen], axis=1)[:, 9::10])
    np.testing.assert_allclose(field[:, 19::20, SYNCHRONY], np.stack([part.synchrony for part in seen], axis=1))
    couplings = np.stack([part.coupling for part in seen], axis=1)
    np.testing.assert_allclose(260.0 * field[:, 19::20, WEIGHT], couplings, rtol=1e-14)
    np.testing.assert_array_equal(field[:, 0, WEIGHT], 1.0)
    np.testing.assert_allclose(ensemble.x.mean(axis=1), field[:, -1, 0], rtol=1e-12)


def test_rates_count_every_spike_and_some_are_heard_one_by_one():
    ensemble, network = PlasticEnsemble(settings(), 2, 5), rldbs.PlasticNetwork(2, 5, neurons=(160, 40))
    field, seen = ensemble.advance(ensemble.quiet(100)), network.advance(np.zeros((2, 1000, 1)))
    inhibitory = seen.spikes.cell >= 160
    for k, own in enumerate((~inhibitory, inhibitory)):
        counted = np.bincount(seen.spikes.population[own], minlength=2)
        np.testing.assert_allclose(field[:, :, 2 + k].mean(axis=1), counted / (160, 40)[k] / 0.1)
    heard = (seen.spikes.cell < 80) | ((seen.spikes.cell >= 160) & (seen.spikes.cell < 180))
    for ours, theirs in zip(ensemble.spikes, seen.spikes, strict=True):
        np.testing.assert_array_equal(ours, theirs[heard])


def test_a_population_alone_in_a_batch_split_threaded_or_copied_gives_the_same_bits():
    given = train(3, 130)
    whole = PlasticEnsemble(settings(current_std=0.2), 3, 7).advance(given, threads=2)
    alone = PlasticEnsemble(settings(current_std=0.2), 1, 8)
    np.testing.assert_array_equal(alone.advance(given[1:2, :330])[0], whole[1, :33])
    saved, copy = alone.get_state(), pickle.loads(pickle.dumps(alone))
    np.testing.assert_array_equal(alone.advance(given[1:2, 330:])[0], whole[1, 33:])
    np.testing.assert_array_equal(copy.advance(given[1:2, 330:])[0], whole[1, 33:])
    alone.set_state(saved)
    np.testing.assert_array_equal(alone.advance(given[1:2, 330:])[0], whole[1, 33:])


def test_a_state_brings_its_synapses_weights_and_clock_with_it():
    first, other = PlasticEnsemble(settings(), 1, 1), PlasticEnsemble(settings(), 1, 2)
    first.advance(train(1, 97))
    other.set_state(first.get_state())
    np.testing.assert_array_equal(other.advance(train(1, 60)), first.advance(train(1, 60)))
    np.testing.assert_array_equal(other.kernel.weights()[0], first.kernel.weights()[0])


def test_a_bank_of_networks_goes_on_from_its_past():
    made = settings(transient=150)
    bank = prepare_bank(made, 2, 2, 0, 30, 1)
    assert bank.state.shape == (4, *made.state_shape)
    ensemble = ensemble_of(made, 4, transient=0)
    ensemble.state[:], ensemble.current[:], ensemble.coupling[:] = bank.state, bank.current, bank.coupling
    field = ensemble.advance(ensemble.quiet(20))
    assert not np.array_equal(field[0], field[1])  # other synapses
    np.testing.assert_array_equal(ensemble.kernel.clocks, 10 * (np.array([150, 150, 163, 163]) + 20))
    np.testing.assert_allclose(bank.past[0, -1, 0], bank.state[0, 0, :160].mean(), rtol=1e-12)


def test_noise_begins_anew_with_the_generator_of_an_episode():
    def after(seed: int) -> np.ndarray:
        ensemble = PlasticEnsemble(settings(), 2, 0)
        ensemble.begin(np.array([1]), [np.random.default_rng(seed)])
        return ensemble.advance(ensemble.quiet(40))

    np.testing.assert_array_equal(after(3), after(3))
    np.testing.assert_array_equal(after(3)[0], after(4)[0])
    assert not np.array_equal(after(3)[1], after(4)[1])


def test_settings_say_where_weights_begin_and_what_neurons_have_of_their_own():
    ensemble = PlasticEnsemble(settings(coupling=130.0, current_std=0.5), 3, 0)
    np.testing.assert_array_equal(ensemble.advance(ensemble.quiet(20))[:, 0, WEIGHT], 0.5)
    assert ensemble.current.std() == pytest.approx(0.5, rel=0.1)
    still = PlasticEnsemble(settings(), 1, 0)
    other = PlasticEnsemble(settings(), 1, 0)
    other.current[0, 3] = 10.0
    still.advance(still.quiet(1))
    other.advance(other.quiet(1))
    away = (other.x - still.x)[0]
    assert away[3] > 0.5
    assert not np.delete(away, 3).any()


def test_spikes_that_overwrite_each_other_are_the_published_ones():
    adding, overwriting = (PlasticEnsemble(settings(overwrites=value), 1, 0) for value in (False, True))
    assert not np.array_equal(adding.advance(adding.quiet(80)), overwriting.advance(overwriting.quiet(80)))
    assert not EI_PLASTIC.overwrites


def test_a_state_of_no_network_is_refused():
    ensemble = PlasticEnsemble(settings(), 1, 0)
    for place, wrong in ((-3, -1.0), (-3, 0.5), (-2, 2.0**40), (-1, 2.0**54)):
        state = ensemble.get_state()
        state["state"][0, 0, place] = wrong
        other = PlasticEnsemble(settings(), 1, 0)
        other.set_state(state)
        with pytest.raises(RunError, match="the clock or the seed of a population"):
            other.advance(other.quiet(1))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"neurons": 55}, "model.neurons=55: must be a multiple of 10"),
        ({"coupling": 300.0}, "model.coupling=300: must be from 10 to 290 mV"),
        ({"dt": 0.25}, "model.dt=0.25: must be a multiple of 0.1 ms"),
        ({"dt": 0.04}, "model.dt=0.04: must be a multiple of 0.1 ms"),
        ({"current_std": -1.0}, "current_std: must be"),
        ({"overwrites": 1}, "overwrites: must be true or false"),
    ],
)
def test_settings_out_of_range_are_refused(change, words):
    with pytest.raises(SettingError, match=words):
        prepare_bank(replace(settings(), **change), 1, 1, 0, 5, 1)


def test_kicks_that_are_a_slip_of_the_hand_are_refused():
    ensemble = PlasticEnsemble(settings(), 1, 0)
    with pytest.raises(SettingError, match="kicks: must be from -1e"):
        ensemble.advance(np.full((1, 10), 1e7))
    with pytest.raises(SettingError, match="a multiple of 10"):
        ensemble.advance(np.zeros((1, 7)))
