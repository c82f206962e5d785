"""The integrator against the original simulator, against analytic facts, and against itself in other shapes."""

from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rldbs
from rldbs.core import native
from rldbs.core.errors import SettingError
from rldbs.core.models import MODELS

REFERENCE = Path(__file__).parents[1] / "data"
RECORDED = {"bvdp_regular": "bvdp", "bvdp_chaotic": "bvdp_chaotic", "hindmarsh_rose": "hr"}


def kicks_for(populations: int, steps: int, seed: int = 0) -> native.Floats:
    return np.random.default_rng(seed).normal(0.0, 0.1, (populations, steps))


@pytest.mark.parametrize("instruction_set", native.SUPPORTED)
@pytest.mark.parametrize(("recording", "model"), RECORDED.items())
def test_trajectory_of_the_original_simulator_is_reproduced(recording, model, instruction_set):
    with np.load(REFERENCE / f"{recording}.npz", allow_pickle=False) as reference:
        neurons = reference["current"].size
        assert float(reference["coupling"]) == MODELS[model].coupling
        assert float(reference["dt"]) == MODELS[model].dt
        population = rldbs.Ensemble(model, neurons=neurons, transient=0)
        population.state[0] = reference["state0"]
        population.current[0] = reference["current"]
        with native.use_instruction_set(instruction_set):
            mean_field = population.advance(reference["kicks"][None])
        np.testing.assert_allclose(mean_field[0], reference["mean_field"], rtol=0, atol=1e-9)
        np.testing.assert_allclose(population.state[0], reference["state_end"], rtol=0, atol=1e-9)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("neurons", "steps"), [(1, 300), (50, 10_000), (1000, 300), (1025, 300)])
def test_every_instruction_set_gives_the_same_bits(model, neurons, steps):
    kicks = kicks_for(2, steps)
    results = []
    for name in native.SUPPORTED:
        population = rldbs.Ensemble(model, populations=2, neurons=neurons, transient=0)
        with native.use_instruction_set(name):
            results.append((population.advance(kicks), population.state.copy()))
    for mean_field, state in results[1:]:
        assert mean_field.tobytes() == results[0][0].tobytes()
        assert state.tobytes() == results[0][1].tobytes()


@pytest.mark.parametrize(
    ("populations", "neurons"), [(7, 100), (1, 70_000), (3, 33_000)], ids=["many", "one large", "few large"]
)
def test_number_of_threads_does_not_change_a_bit(populations, neurons):
    kicks = kicks_for(populations, 40)
    results = set()
    for threads in (1, 2, 3, 5):
        ensemble = rldbs.Ensemble("hr", populations=populations, neurons=neurons, transient=0)
        mean_field = [ensemble.advance(piece, threads).tobytes() for piece in np.split(kicks, 20, axis=1)]
        results.add((ensemble.state.tobytes(), *mean_field))
    assert len(results) == 1


def textbook_step(rates, state, current, coupling, dt, kick):
    """One classical RK4 step as the books have it: each slope whole, at the mean field of its own stage."""

    def slope(at):
        derivative = np.array(rates(*at))
        derivative[0] += current + coupling * at[0].mean()
        return derivative

    state = state.copy()
    state[0] += kick
    k1 = slope(state)
    k2 = slope(state + 0.5 * dt * k1)
    k3 = slope(state + 0.5 * dt * k2)
    k4 = slope(state + dt * k3)
    return state + dt / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)


RATES = {
    "bvdp": lambda x, y: (x - x**3 / 3.0 - y, 0.1 * (x - 0.8 * y + 0.7)),
    "hr": lambda x, y, z: (y - x**3 + 3.0 * x**2 - z, 1.0 - 5.0 * x**2 - y, 0.006 * (4.0 * (x + 1.56) - z)),
}


def test_every_compiled_model_is_compared_with_a_textbook():
    assert RATES.keys() == set(native.KERNELS)


@pytest.mark.parametrize("model", RATES)
def test_strongly_coupled_and_kicked_steps_are_those_of_a_textbook(model):
    population = rldbs.Ensemble(model, neurons=300, coupling=0.9, transient=0)
    expected, kicks = population.state[0].copy(), kicks_for(1, 60)
    mean_field = population.advance(kicks)[0]
    for kick, mean in zip(kicks[0], mean_field, strict=True):
        expected = textbook_step(RATES[model], expected, population.current[0], 0.9, population.dt, kick)
        np.testing.assert_allclose(mean, expected.mean(axis=1), rtol=0, atol=1e-12)
    np.testing.assert_allclose(population.state[0], expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize("model", MODELS)
def test_population_of_a_batch_equals_the_same_population_alone(model):
    batch = rldbs.Ensemble(model, populations=5, neurons=70, seed=11, transient=200)
    kicks = kicks_for(5, 100)
    together = batch.advance(kicks)
    for k in range(5):
        alone = rldbs.Ensemble(model, neurons=70, seed=11 + k, transient=200)
        assert alone.advance(kicks[k : k + 1]).tobytes() == together[k].tobytes()
        assert alone.state.tobytes() == batch.state[k].tobytes()


@settings(max_examples=30, deadline=None)
@given(
    neurons=st.integers(1, 40),
    lengths=st.lists(st.integers(0, 30), min_size=1, max_size=5),
    model=st.sampled_from(sorted(MODELS)),
)
def test_one_long_call_equals_any_chain_of_short_ones(neurons, lengths, model):
    kicks = kicks_for(2, sum(lengths))
    whole = rldbs.Ensemble(model, populations=2, neurons=neurons, transient=0)
    parts = rldbs.Ensemble(model, populations=2, neurons=neurons, transient=0)
    mean_field = whole.advance(kicks)
    pieces = [parts.advance(piece) for piece in np.split(kicks, np.cumsum(lengths)[:-1], axis=1)]
    assert np.concatenate(pieces, axis=1).tobytes() == mean_field.tobytes()
    assert parts.state.tobytes() == whole.state.tobytes()


def test_rk4_converges_with_the_fourth_power_of_the_step():
    def state_after(dt: float) -> native.Floats:
        population = rldbs.Ensemble("bvdp", neurons=20, transient=0, dt=dt)
        population.advance(np.zeros((1, round(8.0 / dt))))
        return population.state.copy()

    exact = state_after(0.0025)
    errors = [np.abs(state_after(dt) - exact).max() for dt in (0.08, 0.04, 0.02)]
    orders = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    np.testing.assert_allclose(orders, 4.0, atol=0.15)


def test_uncoupled_neurons_do_not_notice_each_other():
    together = rldbs.Ensemble("hr", neurons=33, coupling=0.0, transient=0, seed=3)
    alone = rldbs.Ensemble("hr", neurons=1, coupling=0.0, transient=0)
    alone.state[0], alone.current[0] = together.state[0, :, 20:21], together.current[0, 20:21]
    together.advance(kicks_for(1, 200))
    alone.advance(kicks_for(1, 200))
    assert alone.state[0, :, 0].tobytes() == together.state[0, :, 20].tobytes()


def test_fixed_point_of_a_single_neuron_stays():
    population = rldbs.Ensemble("bvdp", neurons=1, coupling=0.0, transient=0)
    x = -1.2
    y = (x + 0.7) / 0.8
    population.state[0, :, 0] = x, y
    population.current[0, 0] = -(x - x**3 / 3 - y)
    population.advance(np.zeros((1, 1000)))
    np.testing.assert_allclose(population.state[0, :, 0], [x, y], rtol=0, atol=1e-12)


def test_mean_field_is_the_mean_of_the_state():
    population = rldbs.Ensemble("hr", populations=2, neurons=37, transient=0)
    mean_field = population.advance(kicks_for(2, 5))
    np.testing.assert_allclose(mean_field[:, -1], population.state.mean(axis=2), rtol=1e-13)


def test_a_kick_moves_every_x_before_the_step():
    kicked = rldbs.Ensemble("bvdp", neurons=20, transient=0)
    moved = rldbs.Ensemble("bvdp", neurons=20, transient=0)
    moved.state[:, 0] += 0.25
    kicked.advance([[0.25, 0.0]])
    moved.advance([[0.0, 0.0]])
    np.testing.assert_allclose(kicked.state, moved.state, rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    ("model", "std", "mean"),
    [("bvdp", (1.0, 1.2), None), ("bvdp_chaotic", (0.3, 0.6), None), ("hr", (0.33, 0.47), -0.89)],
)
def test_collective_rhythm_is_there_after_the_transient(model, std, mean):
    population = rldbs.Ensemble(model, populations=8, seed=1)
    x = population.advance(np.zeros((8, 6000)))[:, :, 0]
    assert std[0] < x.std(axis=1).mean() < std[1]
    if mean is not None:
        assert x.mean() == pytest.approx(mean, abs=0.03)


def test_coupling_may_change_at_any_time():
    population = rldbs.Ensemble("bvdp", populations=2, neurons=30, seed=[4, 4])
    population.coupling[1] = 0.0
    mean_field = population.advance(np.zeros((2, 50)))
    assert not np.array_equal(mean_field[0], mean_field[1])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"model": "bvpd"}, "must be one of bvdp"),
        ({"populations": 0}, "populations: must be a whole number from 1"),
        ({"neurons": 0}, "neurons: must be a whole number from 1"),
        ({"neurons": 2**31}, "neurons: must be a whole number from 1"),
        ({"neurons": True}, "neurons: must be a whole number"),
        ({"populations": 10**6, "neurons": 10**6}, "do not fit into 64 GiB"),
        ({"seed": -1}, "seed: must be a whole number from 0"),
        ({"seed": 1.5}, "seed: needs one integer, or 1, is 1.5"),
        ({"seed": "x"}, "seed: must be a whole number from 0 .*, is 'x'"),
        ({"seed": [1, 2, 3], "populations": 2}, "seed: needs one integer, or 2; more given"),
        ({"seed": count(), "populations": 2}, "seed: needs one integer, or 2; more given"),
        ({"coupling": float("nan")}, "coupling: must be a finite number"),
        ({"dt": 0.0}, "dt: must be a finite number above 0"),
        ({"current_std": -0.1}, "current_std: must be a finite number of at least 0"),
        ({"transient": -1}, "transient: must be a whole number from 0"),
        ({"parameters": {"speed": 1.0}}, "bvdp has rate, recovery, offset, not 'speed'"),
        ({"parameters": {"rate": "fast"}}, r"parameters\.rate: must be a finite number, is 'fast'"),
        ({"parameters": 3}, "parameters: must map names to numbers, is 3"),
        ({"dt": 10**400}, "dt: must be a finite number above 0, is 1000"),
        ({"neurons": 10**5000}, "neurons: must be a whole number from 1 to 100000000, is a int"),
        ({"threads": 0}, "threads: must be a whole number from 1"),
    ],
)
def test_wrong_argument_is_refused_with_what_is_allowed(arguments, message):
    with pytest.raises(SettingError, match=message):
        rldbs.Ensemble(**{"model": "bvdp", "neurons": 10, "transient": 0} | arguments)


@pytest.mark.parametrize(
    ("kicks", "message"),
    [
        (np.zeros(3), r"\(populations, steps\) = \(2, …\)"),
        (np.zeros((3, 2)), r"is \(3, 2\)"),
        (np.array([[0.0], [np.nan]]), "must be finite"),
        (np.broadcast_to(0.0, (2, 2**40)), "too many for one call"),
        ([np.broadcast_to(0.0, 2**40)] * 2, "make several calls"),
        (np.array([["0.1"], ["0.2"]]), "must be real numbers, are <U3"),
        (np.array([[1j], [0]]), "must be real numbers, are complex128"),
        ([[0.0], [0.0, 0.0]], "the rows are not equally long"),
        ([[0.0]], "1 rows, 2 populations"),
        (None, "must be an array or a list of lists of numbers; None cannot be read"),
    ],
)
def test_wrong_kicks_are_refused(kicks, message):
    with pytest.raises(SettingError, match=message):
        rldbs.Ensemble("bvdp", populations=2, neurons=10, transient=0).advance(kicks)


def test_kicks_that_look_at_the_state_are_what_it_was_before_the_call():
    population = rldbs.Ensemble("bvdp", populations=2, neurons=20, transient=0)
    other = rldbs.Ensemble("bvdp", populations=2, neurons=20, transient=0)
    population.advance(population.state[:, 0])
    other.advance(other.state[:, 0].copy())
    assert population.state.tobytes() == other.state.tobytes()


def test_kicks_of_any_number_type_and_order_are_taken():
    kicks = kicks_for(3, 20).astype(np.float32)
    results = set()
    forms = [np.asfortranarray(kicks), kicks.astype(np.float64), kicks.astype(">f8"), kicks.view(np.matrix)]
    for form in [kicks, *forms, memoryview(kicks), list(kicks), kicks.tolist()]:
        population = rldbs.Ensemble("bvdp", populations=3, neurons=10, transient=0)
        population.advance(form)
        results.add(population.state.tobytes())
    assert len(results) == 1
