"""Neurons in tissue follow a textbook, the mean field where it is the same, and nothing else decides their bits."""

import pickle

import numpy as np
import pytest

from rldbs.core import native
from rldbs.core.coupling_modes import blocks
from rldbs.core.errors import SettingError
from rldbs.core.models import MODELS
from rldbs.core.native_step import DONE, Step
from rldbs.core.spatial_kernel import MOST_MODES, SpatialKernel
from rldbs.core.tissue import Tissue, line, tissue

RATES = {
    "bvdp": lambda x, y: (x - x**3 / 3.0 - y, 0.1 * (x - 0.8 * y + 0.7)),
    "hr": lambda x, y, z: (y - x**3 + 3.0 * x**2 - z, 1.0 - 5.0 * x**2 - y, 0.006 * (4.0 * (x + 1.56) - z)),
}
CONTACTS, SITES, DT = 3, 2, 0.1


def everyone(neurons: int) -> np.ndarray:
    return np.full((1, neurons), 1.0 / neurons)


def random_tissue(neurons: int, modes: int | None) -> Tissue:
    """Every weight its own; with modes None every neuron is coupled to every other."""
    random = np.random.default_rng(neurons)
    weights_in = random.normal(size=(modes or neurons, neurons)) / neurons
    weights_out = None if modes is None else random.normal(size=(modes, neurons))
    sites = np.concatenate([everyone(neurons), random.normal(size=(SITES, neurons)) / neurons])
    return Tissue(weights_in, weights_out, random.uniform(size=(CONTACTS, neurons)), sites)


def kernel(model: str, where: Tissue, populations: int = 1, dt: float = DT) -> SpatialKernel:
    """A batch whose populations do not depend on how many there are."""
    made = SpatialKernel(model, list(MODELS[model].parameters.values()), dt, populations, where)
    for k in range(populations):
        random = np.random.default_rng(k)
        made.state[k] = random.uniform(-1.0, 1.0, made.state[k].shape)
        made.current[k], made.coupling[k] = random.normal(1.0, 0.3, where.neurons), random.uniform(0.2, 0.6)
    return made


def kicks(populations: int, steps: int = 60, contacts: int = CONTACTS) -> np.ndarray:
    given = [np.random.default_rng(100 + k).normal(0.0, 0.1, (steps, contacts)) for k in range(populations)]
    return np.stack(given)


def textbook(model: str, where: Tissue, state, current, coupling: float, given, dt: float = DT):
    """Classical RK4 as the books have it, each slope at the fields of its own stage: the end, and what is seen."""

    def slope(at):
        derivative = np.array(RATES[model](*at))
        field = where.weights_in @ at[0]
        derivative[0] += current + coupling * (field if where.weights_out is None else where.weights_out.T @ field)
        return derivative

    seen = []
    for kick in given:
        state = state.copy()
        state[0] += where.conductance.T @ kick
        k1 = slope(state)
        k2 = slope(state + 0.5 * dt * k1)
        k3 = slope(state + 0.5 * dt * k2)
        k4 = slope(state + dt * k3)
        state = state + dt / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        seen.append([*state.mean(axis=1), *(where.recording[1:] @ state[0])])
    return state, np.array(seen)


def test_every_compiled_model_is_compared_with_a_textbook():
    assert RATES.keys() == set(native.KERNELS)


@pytest.mark.parametrize("instruction_set", native.SUPPORTED)
@pytest.mark.parametrize("model", RATES)
@pytest.mark.parametrize(("neurons", "modes"), [(1, 1), (7, 9), (256, 5), (300, 24), (60, None), (1030, 2)])
def test_coupled_kicked_and_recorded_steps_are_those_of_a_textbook(model, neurons, modes, instruction_set):
    where = random_tissue(neurons, modes)
    made, given = kernel(model, where, 2), kicks(2)
    before = made.state.copy()
    with native.use_instruction_set(instruction_set):
        seen = made.advance(given)
    for k in range(2):
        state, expected = textbook(model, where, before[k], made.current[k], made.coupling[k], given[k])
        np.testing.assert_allclose(seen[k], expected, rtol=0, atol=1e-11)
        np.testing.assert_allclose(made.state[k], state, rtol=0, atol=1e-11)


@pytest.mark.parametrize(("model", "steps"), [("bvdp", 400), ("hr", 100)], ids=["bvdp", "hr, which is chaotic"])
def test_one_mode_of_ones_is_the_mean_field(model, steps):
    neurons, given = 1500, kicks(3, steps, 1)
    spatial = kernel(model, tissue(line(neurons, 1.0)), 3)
    plain = native.Kernel(model, list(MODELS[model].parameters.values()), DT, 3, neurons)
    plain.state[:], plain.current[:], plain.coupling[:] = spatial.state, spatial.current, spatial.coupling
    expected = plain.advance(given[:, :, 0], 1)
    np.testing.assert_allclose(spatial.advance(given), expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(spatial.state, plain.state, rtol=1e-12, atol=1e-12)


def test_the_mean_is_summed_as_that_of_the_mean_field():
    """To the bit, where the states are the same: of neurons that nothing couples."""
    spatial = kernel("bvdp", tissue(line(1500, 1.0)))
    plain = native.Kernel("bvdp", [0.1, 0.8, 0.7], DT, 1, 1500)
    plain.state[:], plain.current[:] = spatial.state, spatial.current
    spatial.coupling[:] = 0.0
    np.testing.assert_array_equal(spatial.advance(np.zeros((1, 50, 1))), plain.advance(np.zeros((1, 50)), 1))
    np.testing.assert_array_equal(spatial.state, plain.state)


def test_blocks_that_do_not_couple_are_populations_of_their_own():
    sizes = [100, 260]
    member = np.repeat([0, 1], sizes)
    within = blocks(sizes, np.diag(np.divide(sum(sizes), sizes)))
    each = (member == np.arange(2)[:, None]) * 1.0
    sites = np.concatenate([everyone(360), each / np.array(sizes)[:, None]])
    made = kernel("bvdp", Tissue(within.weights_in, within.weights_out, each, sites))
    before, given = made.state.copy(), kicks(1, 300, 2)
    seen = made.advance(given)[0]
    for b in range(2):
        own = native.Kernel("bvdp", [0.1, 0.8, 0.7], DT, 1, sizes[b])
        own.state[:], own.current[:] = before[:, :, member == b], made.current[:, member == b]
        own.coupling[:] = made.coupling
        expected = own.advance(given[:, :, b], 1)[0]
        np.testing.assert_allclose(seen[:, 2 + b], expected[:, 0], rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(made.state[0][:, member == b], own.state[0], rtol=1e-12, atol=1e-12)


def test_rk4_converges_with_the_fourth_power_of_the_step():
    where = random_tissue(40, 3)

    def state_after(dt: float) -> np.ndarray:
        made = kernel("bvdp", where, dt=dt)
        made.coupling[:] = 3.0
        made.advance(np.zeros((1, round(8.0 / dt), CONTACTS)))
        return made.state.copy()

    exact = state_after(0.0025)
    errors = [np.abs(state_after(dt) - exact).max() for dt in (0.08, 0.04, 0.02)]
    np.testing.assert_allclose(np.log2(np.divide(errors[:-1], errors[1:])), 4.0, atol=0.15)


@pytest.mark.parametrize(("neurons", "modes"), [(300, 24), (100, None)])
@pytest.mark.parametrize("model", RATES)
def test_instruction_set_threads_batch_and_split_change_no_bit(model, neurons, modes):
    where, given = random_tissue(neurons, modes), kicks(3, 20)
    with native.use_instruction_set(native.SUPPORTED[0]):
        first = kernel(model, where, 3)
        expected = first.advance(given)
    for name in native.SUPPORTED:
        with native.use_instruction_set(name):
            for threads in (1, 2, 7):
                made = kernel(model, where, 3)
                np.testing.assert_array_equal(made.advance(given, threads), expected)
                np.testing.assert_array_equal(made.state, first.state)
    alone = kernel(model, where, 1)
    parts = [alone.advance(given[:1, begin:end]) for begin, end in ((0, 0), (0, 1), (1, 15), (15, 20))]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1)[0], expected[0])
    np.testing.assert_array_equal(alone.state[0], first.state[0])


def test_an_environment_step_of_a_closed_loop_is_the_same():
    where, waveform = random_tissue(50, 3), np.array([0.2, 0.1, -0.3])
    columns, actions = 2 + SITES, np.random.default_rng(0).uniform(-1.0, 1.0, (2, CONTACTS))
    alone, looped = kernel("bvdp", where, 2), kernel("bvdp", where, 2)
    history, given = np.zeros((columns, 2, 9)), np.empty((2, 3, CONTACTS))
    step = Step(looped, history, 3, 3, 100.0, waveform, False, None, None)
    del looped  # the step keeps what it needs
    assert step.take(3, actions.copy(), given, 2)[0] == DONE
    assert step.rest(3, 2, np.zeros((2, 3, CONTACTS)), None, 1) == 2
    kicked = alone.advance(actions[:, None] * waveform[:, None])
    expected = np.concatenate([kicked, alone.advance(np.zeros((2, 6, CONTACTS)))], axis=1)
    np.testing.assert_array_equal(history.transpose(1, 2, 0), expected)


def test_contacts_and_sites_may_move_at_any_time():
    where = random_tissue(50, 2)
    made, given = kernel("bvdp", where), kicks(1, 1)
    made.conductance[:] = 0.0
    made.conductance[1, 7] = 2.0
    made.recording[2] = np.arange(50.0)
    before = made.state.copy()
    seen = made.advance(given)
    moved = Tissue(where.weights_in, where.weights_out, made.conductance, made.recording)
    state, expected = textbook("bvdp", moved, before[0], made.current[0], made.coupling[0], given[0])
    np.testing.assert_allclose(made.state[0], state, rtol=0, atol=1e-12)
    np.testing.assert_allclose(seen[0], expected, rtol=0, atol=1e-10)


def test_a_kernel_that_was_pickled_goes_on_to_the_bit():
    made = kernel("hr", random_tissue(33, 3), 2)
    made.conductance[0] *= 0.5
    copied = pickle.loads(pickle.dumps(made))
    np.testing.assert_array_equal(copied.advance(kicks(2)), made.advance(kicks(2)))
    np.testing.assert_array_equal(copied.conductance, made.conductance)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (np.zeros((1, 4)), r"kicks: must be real numbers with 3 axes, is float64 \(1, 4\)"),
        (np.zeros((2, 4, CONTACTS)), r"must be \(populations, steps, contacts\) = \(1, …, 3\), is \(2, 4, 3\)"),
        (np.zeros((1, 4, 1)), r"is \(1, 4, 1\)"),
        (np.full((1, 4, CONTACTS), np.inf), "kicks: must be finite"),
        ("kicks", "kicks: must be an array of numbers"),
        (np.broadcast_to(0.0, (1, 2**27, CONTACTS)), "at most 268435456 numbers"),
    ],
)
def test_kicks_that_do_not_fit_are_refused(given, words):
    made = kernel("bvdp", random_tissue(9, 2))
    before = made.state.copy()
    with pytest.raises(SettingError, match=words):
        made.advance(given)
    np.testing.assert_array_equal(made.state, before)


def test_kicks_of_a_caller_who_has_looked_are_still_of_the_right_kind():
    made = kernel("bvdp", random_tissue(9, 2))
    place = native.Place(native.address(np.empty((1, 4, 4))), (16, 4, 1))
    for given in (np.zeros((1, 4, 3), np.float32), np.zeros((1, 4)), np.zeros((2, 4, 3)), np.zeros((1, 4, 2))):
        with pytest.raises(TypeError, match="kicks: must be float64"):
            made.step(given, place, 1)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        (None, "tissue: must be a Tissue, is None"),
        (
            Tissue(np.ones((1, 2)), np.ones((1, 2)), np.ones((1, 2)), [[0.9, 0.1]]),
            "the first site must record all neurons alike, 1/neurons = 0.5 of each",
        ),
        (
            Tissue(*np.ones((2, MOST_MODES + 1, 1)), np.ones((1, 1)), np.ones((1, 1))),
            f"tissue: {MOST_MODES + 1} modes are too many, at most {MOST_MODES}",
        ),
    ],
)
def test_tissue_in_which_neurons_cannot_be_is_refused(where, words):
    with pytest.raises(SettingError, match=words):
        SpatialKernel("bvdp", [0.1, 0.8, 0.7], DT, 1, where)


def test_too_large_a_batch_is_refused():
    with pytest.raises(SettingError, match="do not fit into 64 GiB"):
        SpatialKernel("bvdp", [0.1, 0.8, 0.7], DT, 10**8, tissue(line(1000, 1.0)))
