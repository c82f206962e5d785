"""Networks whose synapses learn, held to trajectories of the published program, and as a user has them."""

import copy
import hashlib
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import rldbs
from rldbs.core.ei_plastic import EI_PLASTIC
from rldbs.core.errors import DivergedError, RunError, SettingError
from rldbs.core.plastic_kernel import PlasticKernel
from rldbs.core.plastic_network import PlasticNetwork, PlasticRecord
from rldbs.core.pulse_trains import pulse_train
from rldbs.core.synapses import Synapses, capacity

GOLDEN = 0x9E3779B97F4A7C15
STRENGTH = EI_PLASTIC.groups[0].strength
WINDOW = 200


def reference(name):
    with np.load(Path(__file__).parents[1] / "data" / f"ei_stdp_{name}.npz") as file:
        return {key: file[key] for key in file.files}


def connected(seed, stream, sources, targets):
    """Who is connected to whom, as the reference draws it."""
    with np.errstate(over="ignore"):
        z = np.uint64((seed << 32) + stream) + np.arange(1, sources * targets + 1, dtype=np.uint64) * np.uint64(GOLDEN)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return Synapses.of(((z >> np.uint64(11)) * 2.0**-53 <= 0.1).reshape(sources, targets))


def kernel_of(expected, model=EI_PLASTIC):
    """The network of a reference, with its synapses and its noise."""
    excitatory, inhibitory, seed = (int(expected[name]) for name in ("N_E", "N_I", "seed"))
    both = connected(seed, 2, excitatory, inhibitory), connected(seed, 1, inhibitory, excitatory)
    np.testing.assert_array_equal(both[0].target[: both[0].begin[1]], expected["targets_of_E0"])
    np.testing.assert_array_equal(both[1].target[: both[1].begin[1]], expected["targets_of_I0"])
    reach = np.concatenate([np.ones(excitatory), -np.ones(inhibitory)])[None]
    return PlasticKernel(model, (excitatory, inhibitory), reach, [both], np.array([(seed << 32) + 3], np.uint64))


def stimulation(expected, windows):
    """Balanced pulses, in those windows in which they were on."""
    on = expected["window_on"][:windows].astype(bool)
    train = np.zeros(windows * WINDOW)
    steps = int(on.sum()) * WINDOW
    train[np.repeat(on, WINDOW)] = pulse_train(steps, 0.1, 1000.0 / 12.0, -100.0, 1000.0, balanced=True)
    return train.reshape(windows, 1, WINDOW, 1)


def spikes_hash(spikes, until):
    these = spikes[spikes[:, 0] <= until * 10]
    return hashlib.sha256(these.astype(np.int32).tobytes()).hexdigest()


@pytest.mark.parametrize(
    ("name", "until"), [("clean", 5000), ("small_clean", 25_000), pytest.param("clean", 25_000, marks=pytest.mark.slow)]
)
def test_every_spike_and_weight_is_that_of_the_reference(name, until):
    expected = reference(name)
    kernel, windows, spikes = kernel_of(expected), until // 20, []
    for w, current in enumerate(stimulation(expected, windows)):
        before = kernel.rows(0)[:, 0].copy()
        found = kernel.advance(current)
        spikes.append(np.stack([found.spikes.step + w * WINDOW + 1, found.spikes.cell], axis=1))
        assert found.weights[0] == pytest.approx(expected["window_mean_w"][w], abs=1e-12)
        assert chi(found, before) == pytest.approx(expected["window_sync"][w], abs=1e-9)
        excitatory = found.spikes.cell < expected["N_E"]
        assert excitatory.sum() == expected["window_spikes_E"][w]
    every = np.concatenate(spikes)
    for limit, sha in zip(expected["spikes_sha256_until_ms"], expected["spikes_sha256"], strict=True):
        if limit <= until:
            assert spikes_hash(every, limit) == sha
    if until == expected["duration_ms"]:
        assert len(every) == expected["spikes_total"]
        np.testing.assert_array_equal(kernel.rows(0)[0, 0], expected["end_vE"])
        np.testing.assert_array_equal(kernel.rows(1)[0, 4], expected["end_X_IE"])
        np.testing.assert_array_equal(kernel.rows(1)[0, 2], expected["end_Apost"])
        assert hashlib.sha256(kernel.weights()[0].tobytes()).hexdigest() == expected["end_w_sha256"]


def chi(found, before):
    """χ of a window, in which the reference counts the beginning too."""
    steps, mean = found.means.shape[1], found.means[0, :, 0]
    away, first = mean - EI_PLASTIC.reset, (before - EI_PLASTIC.reset)[0]
    of_all = np.append(away, first.mean()).var()
    total, squares = found.moments[0][0] + np.stack([first, first**2])
    return np.sqrt(of_all / (squares / (steps + 1) - (total / (steps + 1)) ** 2).mean())


@pytest.mark.parametrize(("name", "until"), [("published", 2000), ("small_published", 5000)])
def test_the_published_program_is_found_again_with_its_peculiarities(name, until):
    """One spike of a step overwrites what another one has done, and of 200 steps the last one is thrown away, but for
    the steps that are left at reset, and the noise."""
    expected = reference(name)
    steps_kept = 4 * (WINDOW - 1)  # of 80 ms, after which weights change
    kernel = kernel_of(expected, replace(EI_PLASTIC, overwrites=True, fixed=steps_kept * EI_PLASTIC.dt))
    spikes, windows = [], until // 20
    for w, current in enumerate(stimulation(expected, windows)):
        for first, steps in ((0, WINDOW - 1), (WINDOW - 1, 1)):
            before = kernel.state.copy(), kernel.clocks.copy()
            found = kernel.advance(current[:, first : first + steps])
            spikes.append(np.stack([found.spikes.step + w * WINDOW + first + 1, found.spikes.cell], axis=1))
        left = [kernel.rows(group)[0, 1].copy() for group in (0, 1)]
        kernel.state[:], kernel.clocks[:] = before
        for group in (0, 1):
            kernel.rows(group)[0, 1] = left[group]
        thrown = int(expected["N_E"] + expected["N_I"]) * GOLDEN
        kernel.keys[:] = (int(kernel.keys[0]) + thrown) % 2**64
    every = np.concatenate(spikes)
    for limit, sha in zip(expected["spikes_sha256_until_ms"], expected["spikes_sha256"], strict=True):
        if limit <= until:
            assert spikes_hash(every, limit) == sha


def quiet(network, steps):
    return network.advance(np.zeros((network.populations, steps, 1)))


def assert_same(found: PlasticRecord, expected: PlasticRecord, population=slice(None)):
    for ours, theirs in zip(found[:3], expected[:3], strict=True):
        np.testing.assert_array_equal(ours, theirs[population])
    first = population.start or 0
    those = expected.spikes.population >= first
    for ours, theirs in zip(found.spikes[1:], expected.spikes[1:], strict=True):
        np.testing.assert_array_equal(ours, theirs[those])


def test_a_population_is_the_same_alone_in_a_batch_and_in_several_calls():
    batch = PlasticNetwork(3, seed=5, neurons=(160, 40), threads=2)
    alone = PlasticNetwork(1, seed=7, neurons=(160, 40))
    train = pulse_train(2400, 0.1, 1000.0 / 12.0, -100.0, 1000.0, balanced=True)[None, :, None]
    expected = batch.advance(np.broadcast_to(train, (3, 2400, 1)))
    assert_same(alone.advance(train), expected, slice(2, 3))
    several = PlasticNetwork(1, seed=7, neurons=(160, 40))
    seen = [several.advance(train[:, begin : begin + 300]) for begin in range(0, 2400, 300)]
    np.testing.assert_array_equal(np.concatenate([part.v for part in seen], axis=1), expected.v[2:])
    np.testing.assert_array_equal(several.kernel.state, alone.kernel.state)
    np.testing.assert_array_equal(np.concatenate([part.spikes.sample for part in seen]), alone_samples(expected, 2))


def alone_samples(record, population):
    return record.spikes.sample[record.spikes.population == population]


def test_copies_and_states_go_on_to_the_bit():
    network = PlasticNetwork(2, seed=1, neurons=(80, 20))
    quiet(network, 1200)
    state = network.get_state()
    twins = [copy.deepcopy(network), copy.copy(network), pickle.loads(pickle.dumps(network))]
    other = PlasticNetwork(2, seed=1, neurons=(80, 20))
    other.set_state(state)
    expected = quiet(network, 900)
    for twin in (*twins, other):
        assert_same(quiet(twin, 900), expected)
    np.testing.assert_array_equal(network.clocks, 2100)


def test_a_state_of_other_synapses_or_shapes_is_refused():
    network = PlasticNetwork(1, seed=1, neurons=(80, 20))
    state, before = network.get_state(), network.get_state()
    with pytest.raises(RunError, match="other synapses, which another seed draws"):
        PlasticNetwork(1, seed=2, neurons=(80, 20)).set_state(state)
    for name, wrong in {"state": np.zeros((1, 3)), "clocks": np.array([2**63], np.uint64)}.items():
        with pytest.raises(RunError, match=name):
            network.set_state({**state, name: wrong})
    with pytest.raises(RunError, match="more: such a network has none"):
        network.set_state({**state, "more": np.zeros(1)})
    for name, array in network.get_state().items():
        np.testing.assert_array_equal(array, before[name])


def test_neurons_are_connected_as_often_as_is_said():
    network = PlasticNetwork(4, seed=0)
    counts = [len(weights) for weights in network.weights]
    assert len(set(counts)) == 4
    np.testing.assert_allclose(counts, 64_000, atol=5 * 240)
    assert capacity(0.1, 1600, 400) == 65_920
    np.testing.assert_array_equal(network.coupling, 260.0)


def test_ten_thousand_spikes_of_a_step_are_all_counted():
    network = PlasticNetwork(1, seed=0, neurons=(8000, 2000))
    network.cells("e")[:, 0], network.cells("i")[:, 0] = 19.0, 19.0
    network.reach[1][:] = 1.0
    seen = network.advance(np.full((1, 1, 1), 500.0))
    assert len(seen.spikes.cell) == 10_000
    np.testing.assert_array_equal(seen.spikes.cell, np.arange(10_000))
    begin, target = network.kernel.synapses(0, 0)
    arrived = np.bincount(target, minlength=2000)
    np.testing.assert_array_equal(network.cells("i")[0, 4], arrived)  # every one of 1,600,000 synapses
    assert begin[-1] == len(target)


def test_stimulation_reaches_whom_it_is_said_to_reach():
    network = PlasticNetwork(1, seed=0, neurons=(8, 2), reach=[[1.0] * 8 + [0.0] * 2, [0.0] * 8 + [1.0] * 2])
    still = PlasticNetwork(1, seed=0, neurons=(8, 2))
    network.advance(np.array([[[10.0, -20.0]]]))
    quiet(still, 1)
    np.testing.assert_allclose(network.cells("e")[0, 0] - still.cells("e")[0, 0], 0.1, atol=1e-13)
    np.testing.assert_allclose(network.cells("i")[0, 0] - still.cells("i")[0, 0], -0.2, atol=1e-13)


def test_a_small_network_is_synchronous_until_weights_are_taken_from_it():
    network = PlasticNetwork(1, seed=3, neurons=(800, 200))
    network.rest(5000)
    strong = np.mean([quiet(network, 200).synchrony[0] for _ in range(15)])
    network.weights[0][:] = 70.0 / STRENGTH
    network.rest(3000)
    weak = np.mean([quiet(network, 200).synchrony[0] for _ in range(15)])
    assert strong > 3.0 * weak


def test_weights_are_the_memory_itself_and_may_be_assigned():
    network = PlasticNetwork(2, seed=0, neurons=(80, 20))
    network.weights[1][:] = 0.25
    np.testing.assert_array_equal(network.coupling, [STRENGTH, 0.25 * STRENGTH])
    network.weights = 0.5
    np.testing.assert_array_equal(network.coupling, [0.5 * STRENGTH] * 2)
    given = [np.linspace(0, 1, len(own)) for own in network.weights]
    network.weights = given
    for own, values in zip(network.weights, given, strict=True):
        np.testing.assert_array_equal(own, values)
    with pytest.raises(TypeError, match="item assignment"):
        network.weights[0] = 0.5  # it would go nowhere


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("strong", "weights: must be a number, or a list with those of 2 populations"),
        ([1.0], "weights: must be a number, or a list"),
        (np.nan, "weights: must be"),
        (-0.1, r"weights\[0\]: must be from 0 to 1e\+06"),
        ([np.ones(3), np.ones(3)], r"weights\[0\]: must be \(\d+,\), is \(3,\)"),
        ([[np.inf], [1.0]], r"weights\[0\]: must be"),
    ],
)
def test_weights_that_no_synapse_has_are_refused_and_none_has_changed(given, words):
    network = PlasticNetwork(2, seed=0, neurons=(80, 20))
    with pytest.raises(SettingError, match=words):
        network.weights = given
    np.testing.assert_array_equal(network.coupling, STRENGTH)


def test_a_network_that_diverges_is_where_it_was():
    network = PlasticNetwork(2, seed=0, neurons=(80, 20))
    network.rest(300)
    network.weights[1][:] = 1e308
    before = network.get_state()
    with pytest.raises(DivergedError, match="population 1: what its neurons have is no number any more"):
        network.rest(3000)
    for name, array in network.get_state().items():
        np.testing.assert_array_equal(array, before[name])
    network.weights[1][:] = np.nan
    with pytest.raises(SettingError, match="cells, weights: those of population 1 must be finite"):
        network.rest(1)


WRONG = [
    ({"model": "hr"}, "model 'hr': must be one of ei_plastic"),
    ({"neurons": 3}, "neurons: must be two numbers"),
    ({"neurons": (10, 0)}, "neurons: must be a whole number from 1 to"),
    ({"neurons": (10, 5), "reach": np.ones((1, 3))}, r"reach: must be \(contacts, neurons\) = \(…, 15\)"),
    ({"threads": 0}, "threads"),
    ({"seed": -1}, "seed"),
]


@pytest.mark.parametrize(("arguments", "words"), WRONG)
def test_wrong_arguments_are_told(arguments, words):
    with pytest.raises(SettingError, match=words):
        PlasticNetwork(**arguments)


def test_wrong_currents_are_told_and_nothing_moves():
    network = PlasticNetwork(1, seed=0, neurons=(8, 2))
    for currents, words in (
        (np.zeros((1, 3)), "3 axes"),
        (np.zeros((2, 3, 1)), "must be"),
        ([[[0.0], [0.0]]], "must be a NumPy array with 3 axes, is a list"),
        (np.full((1, 1, 1), np.nan), "finite"),
        (np.full((1, 1, 1), 2e6), "from -1e"),
    ):
        with pytest.raises(SettingError, match=words):
            network.advance(currents)
    with pytest.raises(SettingError, match="group 'x'"):
        network.cells("x")
    assert network.clocks[0] == 0
    assert isinstance(rldbs.PlasticNetwork, type)
