"""The regulator of a plant that is known is the best one, and costs what theory says."""

import numpy as np
import pytest
import scipy.linalg

from rldbs.agents.regulator.riccati import gain, lifted, riccati, stationary
from tests.agents.regulator.plant import NOISE, plant, simulated, wide_plant

PRICES = (0.01, 1.0, 1000.0)
EVERY = (1, 2, 5)


def residual(a, b, cost, p):
    """Of the Riccati equation, relative to its solution."""
    across, own = a.T @ p @ b + cost.cross, cost.input + b.T @ p @ b
    return np.linalg.norm(a.T @ p @ a - across @ np.linalg.solve(own, across.T) + cost.state - p) / np.linalg.norm(p)


@pytest.mark.parametrize("every", EVERY)
@pytest.mark.parametrize("price", PRICES)
def test_the_solution_solves_the_equation_and_is_that_of_scipy(price, every):
    a, b, cost = lifted(*plant().transition(), price, every)
    assert (np.abs(cost.cross).max() > 0.01) == (every > 1)
    solution = riccati(a, b, cost)
    assert residual(a, b, cost, solution) < 1e-9
    reference = scipy.linalg.solve_discrete_are(a, b, cost.state, cost.input, s=cost.cross)
    np.testing.assert_allclose(solution, reference, rtol=1e-6, atol=1e-6 * np.abs(reference).max())
    np.testing.assert_array_equal(solution, solution.T)
    assert np.abs(np.linalg.eigvals(a - b @ gain(a, b, cost, solution))).max() < 1


def test_the_solution_is_that_of_scipy_whatever_the_cost_of_states_and_inputs_together():
    a, b, cost = lifted(*plant().transition(), 2.0)
    factor = np.random.default_rng(0).standard_normal((len(a) + 1, len(a) + 1))
    whole = factor @ factor.T
    cost = type(cost)(whole[:-1, :-1], whole[:-1, -1:], whole[-1:, -1:])
    solution = riccati(a, b, cost)
    assert residual(a, b, cost, solution) < 1e-9
    reference = scipy.linalg.solve_discrete_are(a, b, cost.state, cost.input, s=cost.cross)
    np.testing.assert_allclose(solution, reference, rtol=1e-6, atol=1e-6 * np.abs(reference).max())


def test_a_cost_over_several_steps_is_the_sum_of_theirs():
    """From any state and for any input, which acts at the first of them."""
    a, b = plant().transition()
    onward, driven, cost = lifted(a, b, 3.0, every=4)
    z, u = np.random.default_rng(0).standard_normal(len(a)), np.array([0.7])
    course = [z]
    for step in range(4):
        course.append(a @ course[-1] + (b @ u if step == 0 else 0.0))
    own = z @ cost.state @ z + 2.0 * z @ cost.cross @ u + u @ cost.input @ u
    assert own == pytest.approx(sum(state[0] ** 2 for state in course[:4]) + 3.0 * u @ u)
    np.testing.assert_allclose(onward @ z + driven @ u, course[4])


@pytest.mark.parametrize("price", PRICES)
def test_the_regulator_costs_what_its_theory_says(price):
    """The trace of the solution and the covariance of the noise, which is on y alone: p₀₀·σ²."""
    a, b, cost = lifted(*plant().transition(), price)
    solution = riccati(a, b, cost)
    feedback = gain(a, b, cost, solution)
    noise = np.random.default_rng(1).standard_normal((400, 2000, 1))
    y, u = simulated(plant(), feedback, noise, np.zeros_like(noise))
    simulated_cost = np.mean(y[:, 500:] ** 2 + price * u[:, 500:] ** 2)
    optimum = solution[0, 0] * NOISE**2
    assert simulated_cost == pytest.approx(optimum, rel=0.01)
    assert cost_of(feedback, price) == pytest.approx(optimum, rel=1e-6)


def cost_of(feedback, price):
    """Mean of y² + price·u² in the closed loop; infinite, or no number, where that is not stable."""
    a, b = plant().transition()
    covariance = stationary(a - b @ feedback, NOISE)
    return covariance[0, 0] + price * float((feedback @ covariance @ feedback.T)[0, 0])


@pytest.mark.parametrize("price", PRICES)
def test_no_other_gain_is_cheaper(price):
    a, b, cost = lifted(*plant().transition(), price)
    feedback = gain(a, b, cost, riccati(a, b, cost))
    generator, best = np.random.default_rng(2), cost_of(feedback, price)
    for size in (1e-4, 1e-3, 1e-2, 1e-1):
        for _ in range(25):
            other = feedback + size * np.linalg.norm(feedback) * generator.standard_normal(feedback.shape)
            with np.errstate(invalid="ignore"):
                assert not cost_of(other, price) < best * (1.0 - 1e-9)
    assert cost_of(feedback * 1.05, price) > best * (1.0 + 1e-6)


def test_where_inputs_come_seldom_the_cost_is_still_the_optimum_of_all_steps():
    """Noise between two inputs adds to the cost, whatever the input does: that is taken off here."""
    every, price = 3, 1.0
    a, b = plant().transition()
    onward, driven, cost = lifted(a, b, price, every)
    solution = riccati(onward, driven, cost)
    feedback = gain(onward, driven, cost, solution)
    noise = np.random.default_rng(3).standard_normal((400, 3000, 1))
    y, u = simulated(plant(), feedback, noise, np.zeros_like(noise), every)
    measured = np.mean(y[:, 600:] ** 2 + price * u[:, 600:] ** 2) * every
    powers = [np.linalg.matrix_power(a, k)[:, 0] for k in range(every)]  # what noise on y has become k steps later
    within = sum(powers[k][0] ** 2 * (every - 1 - k) for k in range(every))
    between = sum(power @ solution @ power for power in powers)
    assert measured == pytest.approx(NOISE**2 * (within + between), rel=0.01)


def test_a_mode_that_grows_out_of_reach_has_no_regulator():
    a, b = np.diag([0.9, 1.1]), np.array([[1.0], [0.0]])
    a[0, 1] = 0.5
    _, _, cost = lifted(a, b, 1.0)
    with pytest.raises(ValueError, match="a mode that grows is out of reach of the input"):
        riccati(a, b, cost)
    a[1, 1] = 0.95  # it fades by itself
    assert np.isfinite(riccati(a, b, cost)).all()


def test_the_covariance_of_a_loop_solves_its_lyapunov_equation_and_is_infinite_where_that_grows():
    a, b = plant().transition()
    assert np.isposinf(stationary(a, NOISE)).all()
    _, _, cost = lifted(a, b, 1.0)
    closed = a - b @ gain(a, b, cost, riccati(a, b, cost))
    noise = np.zeros_like(a)
    noise[0, 0] = NOISE**2
    expected = scipy.linalg.solve_discrete_lyapunov(closed, noise)
    np.testing.assert_allclose(stationary(closed, NOISE), expected, atol=1e-9 * expected.max())


@pytest.mark.parametrize("price", PRICES)
@pytest.mark.parametrize("every", [1, 3])
def test_of_several_signals_and_contacts_the_solution_and_the_gain_are_those_of_scipy(price, every):
    a, b, cost = lifted(*wide_plant().transition(), price, every, signals=2)
    assert b.shape == (7, 3)
    solution = riccati(a, b, cost)
    assert residual(a, b, cost, solution) < 1e-9
    reference = scipy.linalg.solve_discrete_are(a, b, cost.state, cost.input, s=cost.cross)
    np.testing.assert_allclose(solution, reference, rtol=1e-6, atol=1e-8 * np.abs(reference).max())
    found = gain(a, b, cost, solution)
    own = cost.input + b.T @ reference @ b
    expected = np.linalg.solve(own, b.T @ reference @ a + cost.cross.T)
    np.testing.assert_allclose(found, expected, atol=1e-6 * np.abs(expected).max())


def test_of_several_signals_the_cost_is_the_sum_of_their_squares():
    a, b = wide_plant().transition()
    onward, driven, cost = lifted(a, b, 3.0, every=3, signals=2)
    z, u = np.random.default_rng(1).standard_normal(7), np.array([0.7, -0.2, 0.4])
    course = [z, a @ z + b @ u]
    course += [a @ course[-1], a @ a @ course[-1]]
    own = z @ cost.state @ z + 2.0 * z @ cost.cross @ u + u @ cost.input @ u
    assert own == pytest.approx(sum(state[:2] @ state[:2] for state in course[:3]) + 3.0 * u @ u)
    np.testing.assert_allclose(onward @ z + driven @ u, course[3])
