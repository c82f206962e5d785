"""Kuramoto networks do what is known of them, in the units that are said."""

import copy
import pickle

import numpy as np
import pytest

import rldbs
from rldbs.core.errors import RunError, SettingError
from rldbs.core.phase_network import PhaseNetwork, incoherent
from rldbs.core.tissue import Response, cube, line, profile, tissue

PAIR = tissue(line(2, 1.0))


def free(network: PhaseNetwork, steps: int) -> rldbs.core.phase_network.Recorded:
    return network.advance(np.zeros((network.populations, steps, network.tissue.contacts)))


def test_phases_that_are_where_they_like_have_the_known_order():
    network = PhaseNetwork(tissue(line(512, 1.0)), 200, coupling=0.0, noise=0.0, transient=0)
    orders = np.abs(np.exp(1j * network.phase).mean(axis=1))
    error = orders.std(ddof=1) / np.sqrt(len(orders))
    assert orders.mean() == pytest.approx(incoherent(512), abs=3 * error)
    assert incoherent(512) == pytest.approx(0.0392, abs=5e-5)


@pytest.mark.parametrize(("share", "locked"), [(0.98, False), (1.02, True)])
def test_two_oscillators_lock_where_the_coupling_is_their_difference(share, locked):
    apart = 2.0 * np.pi * 1.0  # rad/s
    network = PhaseNetwork(PAIR, coupling=share * apart, noise=0.0, transient=0)
    network.frequency = [[9.5, 10.5]]
    network.phase[:] = 0.0
    network.rest(10_000)
    before = network.phase.copy()
    network.rest(1000)  # half a second
    first, second = ((network.phase - before + np.pi) % (2 * np.pi) - np.pi)[0]
    assert bool(abs(first - second) < 1e-3) == locked


def test_rates_are_in_hertz_and_stimulation_in_radians_per_second():
    network = PhaseNetwork(PAIR, frequency_mean=20.0, frequency_std=0.0, noise=0.0, response="flat", transient=0)
    np.testing.assert_allclose(free(network, 10).rate, 20.0, rtol=1e-12)
    seen = network.advance(np.full((1, 10, 1), 2.0 * np.pi * 3.0))
    np.testing.assert_allclose(seen.rate, 23.0, rtol=1e-12)
    np.testing.assert_allclose(network.frequency, 20.0)


def test_noise_spreads_phases_as_it_says():
    network = PhaseNetwork(
        tissue(line(4096, 1.0)), frequency_mean=0.0, frequency_std=0.0, coupling=0.0, noise=0.7, transient=0
    )
    network.phase[:] = 0.0
    network.rest(500)  # a quarter of a second
    assert network.phase.std() == pytest.approx(0.7 * np.sqrt(0.25), rel=0.05)


def test_above_the_transition_oscillators_synchronise_and_below_they_do_not():
    where = tissue(line(256, 1.0))
    weak, strong = (PhaseNetwork(where, coupling=k, noise=0.0, frequency_std=1.0, transient=4000) for k in (2.0, 20.0))
    assert free(weak, 1000).order.mean() < 4 * incoherent(256)
    assert free(strong, 1000).order.mean() > 0.7


def test_a_stimulus_at_one_place_is_seen_there():
    where = cube(4, 0.5)
    near = profile(where, where[:1], "gaussian", 0.3)
    network = PhaseNetwork(
        tissue(where, conductance=near, recording=near / near.sum()), coupling=0.0, noise=0.0, response="flat"
    )
    before = free(network, 1)
    assert before.x.shape == (1, 1, 2)
    pulse = network.advance(np.full((1, 1, 1), 1000.0))
    assert pulse.rate.mean() > before.rate.mean() + 1.0


def test_a_population_is_the_same_alone_and_in_a_batch():
    batch, alone = PhaseNetwork(PAIR, 3, seed=5), PhaseNetwork(PAIR, 1, seed=7)
    np.testing.assert_array_equal(batch.phase[2], alone.phase[0])
    np.testing.assert_array_equal(batch.clocks, 2000)
    np.testing.assert_array_equal(free(batch, 5).x[2], free(alone, 5).x[0])


def test_an_electrode_may_drift_and_wear_off():
    where = line(8, 1.0)
    network = PhaseNetwork(
        tissue(where, conductance=profile(where, where[:1], "gaussian", 0.1)),
        coupling=0.0,
        noise=0.0,
        frequency_std=0.0,
        response="flat",
        transient=0,
    )
    pulse = np.full((1, 1, 1), 1000.0)

    def moved() -> int:
        before = network.phase.copy()
        network.advance(pulse)
        return int(((network.phase - before) % (2 * np.pi))[0].argmax())

    assert moved() == 0
    network.conductance[:] = profile(where, where[5:6], "gaussian", 0.1)
    assert moved() == 5
    np.testing.assert_array_equal(copy.copy(network).conductance, network.conductance)
    network.conductance[:] *= 0.0
    np.testing.assert_allclose(network.advance(pulse).rate, 18.0)


def test_a_copy_goes_on_to_the_bit_and_by_itself():
    network = PhaseNetwork(PAIR, 2, seed=3)
    copies = [copy.copy(network), copy.deepcopy(network), pickle.loads(pickle.dumps(network))]
    expected = free(network, 7).x
    for one in copies:
        np.testing.assert_array_equal(free(one, 7).x, expected)


def test_a_state_goes_on_to_the_bit_elsewhere():
    network, other = PhaseNetwork(PAIR, 2, seed=3), PhaseNetwork(PAIR, 2, seed=8, transient=3)
    free(network, 5)
    state = network.get_state()
    expected = free(network, 7).x
    other.set_state(state)
    np.testing.assert_array_equal(free(other, 7).x, expected)
    before = other.get_state()
    for wrong in ({**state, "more": np.zeros(1)}, {**state, "clocks": np.zeros(3, np.uint64)}):
        with pytest.raises(RunError, match=r"saved state (more|clocks)"):
            other.set_state(wrong)
    for name, array in other.get_state().items():
        np.testing.assert_array_equal(array, before[name])


def test_it_is_a_public_name():
    assert rldbs.PhaseNetwork is PhaseNetwork


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"response": "type3"}, "response 'type3': must be a Response, or one of flat, type1, type2, gaussian"),
        ({"dt": 0.0}, "dt: must be a finite number above 0"),
        ({"noise": -1.0}, "noise: must be a finite number of at least 0"),
        ({"seed": [1, 2]}, "seed: needs one integer, or 1"),
        ({"populations": 0}, "populations: must be a whole number from 1"),
    ],
)
def test_wrong_arguments_are_refused(named, words):
    with pytest.raises(SettingError, match=words):
        PhaseNetwork(PAIR, **named)


def test_what_is_no_tissue_is_refused():
    with pytest.raises(SettingError, match="tissue: must be a Tissue"):
        PhaseNetwork(np.ones(3))  # type: ignore[arg-type]
    network = PhaseNetwork(PAIR, response=Response(), transient=0)
    with pytest.raises(SettingError, match="frequency: must be finite"):
        network.frequency = [[1.0, np.nan]]
    for wrong, given in (
        (np.ones((1, 3)), r", is \(1, 3\)"),
        (5.0, r", is \(\)"),
        ([5, 5], r", is \(2,\)"),
        ("a", "; 'a' "),
    ):
        with pytest.raises(SettingError, match=r"^frequency: must be \(1, 2\)" + given):
            network.frequency = wrong


def test_coupling_may_change_at_any_time_and_is_what_was_asked_for():
    where = tissue(line(64, 1.0))
    network, none, strong = (PhaseNetwork(where, 2, coupling=k, transient=400) for k in (20.0, 0.0, 20.0))
    none.set_state(network.get_state() | {"coupling": none.get_state()["coupling"]})
    network.coupling = 0.0
    np.testing.assert_array_equal(network.coupling, [0.0, 0.0])
    one, other = free(network, 400).x, free(none, 400).x
    assert one.tobytes() == other.tobytes()
    strong.coupling = [20.0, 0.0]
    np.testing.assert_array_equal(strong.coupling, [20.0, 0.0])
    order = free(strong, 2000).order[:, 1000:, 0].mean(axis=1)
    assert order[0] > 0.9 > 0.5 > order[1]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (np.nan, "coupling: must be a finite number, is nan"),
        ("strong", "coupling: must be a finite number, is 'strong'"),
        ([1.0, np.inf], "coupling: must be finite"),
        ([1.0], r"coupling: must be one number, or \(2,\), is \(1,\)"),
        (np.ones((2, 1)), r"coupling: must be one number, or \(2,\), is \(2, 1\)"),
        (None, r"coupling: must be one number, or \(2,\); None cannot be read"),
    ],
)
def test_what_is_no_coupling_is_refused_and_changes_nothing(wrong, words):
    network = PhaseNetwork(PAIR, 2, coupling=13.0, transient=0)
    with pytest.raises(SettingError, match=words):
        network.coupling = wrong
    np.testing.assert_allclose(network.coupling, 13.0, rtol=1e-15)
    with pytest.raises(ValueError, match="read-only"):
        network.coupling[:] = 0.0
