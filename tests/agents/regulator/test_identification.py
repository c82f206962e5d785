"""A plant that is known is found from what it does in the closed loop."""

import numpy as np
import pytest

from rldbs.agents.regulator.identification import ROWS, Model, Regression, best_model
from rldbs.agents.regulator.riccati import gain, lifted, riccati
from rldbs.core.errors import RunError
from tests.agents.regulator.plant import NOISE, POLES, of_one, plant, simulated, wide_plant

RIDGE = 1e-12
ORDERS = (2, 4, 8)


def recorded(steps: int = 8000, loops: int = 1, seed: int = 0, model: Model | None = None) -> np.ndarray:
    """Outputs and inputs, (2, loops, steps, 1), of the excited plant under a regulator that is not the best one."""
    model = plant() if model is None else model
    a, b, cost = lifted(*model.transition(), 1.0)
    noise, excitation = np.random.default_rng(seed).standard_normal((2, loops, steps, 1))
    return np.array(simulated(model, gain(a, b, cost, riccati(a, b, cost)), noise, excitation))


def regression(order: int, *stretches: np.ndarray, late: int = 0) -> Regression:
    found = Regression(order, late)
    for y, u in stretches:
        found.add(y, u)
    return found


def least_squares(y: np.ndarray, u: np.ndarray, order: int, inputs: int) -> np.ndarray:
    """Outputs and inputs of the model that errs least, from all rows at once."""
    deepest = max(order, inputs)
    rows = [np.r_[y[t - order : t][::-1], u[t - inputs : t][::-1]].ravel() for t in range(deepest, len(y))]
    return np.linalg.lstsq(np.array(rows), y[deepest:], rcond=None)[0][:, 0]


def test_the_poles_of_an_unstable_plant_are_found_from_its_closed_loop():
    seen, held_out = recorded(30_000)[:, 0], recorded(5000, seed=1)[:, 0]
    model = regression(4, seen).solved(4, RIDGE, regression(4, held_out))
    np.testing.assert_allclose(model.outputs, plant().outputs, atol=0.03)
    np.testing.assert_allclose(model.inputs, plant().inputs, atol=0.01)
    growing = model.poles()[:2]
    np.testing.assert_allclose(np.sort_complex(growing), np.sort_complex(POLES[:2]), atol=0.005)
    np.testing.assert_allclose(np.sort_complex(model.poles()), np.sort_complex(POLES), atol=0.05)
    assert (np.abs(growing) > 1).all()
    assert model.error == pytest.approx(NOISE, rel=0.05)


def test_what_outputs_and_inputs_say_of_x_between_decisions_is_found():
    y, u = recorded(20_000)[:, 0]
    generator = np.random.default_rng(2)
    said = generator.standard_normal((3, 8))
    rows = np.stack([np.r_[y[t - 3 : t + 1][::-1], u[t - 3 : t + 1][::-1]].ravel() for t in range(3, len(y))])
    x = np.concatenate([np.zeros((3, 3)), rows @ said.T + 1e-3 * generator.standard_normal((len(rows), 3))])
    found = Regression(4, between=3)
    found.add(y, u, x)
    model = found.solved(4, RIDGE, found)
    assert model.between is not None
    np.testing.assert_allclose(model.between, said, atol=1e-2 * np.abs(said).max())
    alone = regression(4, np.stack([y, u])).solved(4, RIDGE, found)
    np.testing.assert_array_equal(alone.outputs, model.outputs)
    assert alone.between is None


def test_poles_are_those_of_the_transition_and_begin_with_the_largest():
    model = plant()
    np.testing.assert_allclose(np.sort_complex(model.poles()), np.sort_complex(POLES.astype(complex)), atol=1e-9)
    assert (np.diff(np.abs(model.poles())) <= 1e-12).all()
    of_transition = np.linalg.eigvals(model.transition()[0])
    assert sum(np.abs(of_transition) > 1) == 2


@pytest.mark.parametrize(("order", "inputs"), [(4, 1), (4, 4), (2, 5), (1, 1)])
def test_the_transition_says_what_the_equation_says(order, inputs):
    generator = np.random.default_rng(4)
    outputs, given = (0.3 * generator.standard_normal(size) for size in (order, inputs))
    a, b = of_one(outputs, given).transition()
    y, u = [*generator.standard_normal(9)], generator.standard_normal(20)
    z = np.array([*y[-1 : -order - 1 : -1], *u[8 - np.arange(1, inputs)]])
    for t in range(8, 20):
        y.append(outputs @ np.array(y)[t - np.arange(order)] + given @ u[t - np.arange(inputs)])
        z = a @ z + b @ u[t : t + 1]
        assert z[0] == pytest.approx(y[-1])


def test_predictions_err_by_the_noise_that_came_after_them():
    """One step ahead by its last; k steps ahead by what the last k have become."""
    model, (y, u) = plant(), recorded(3000)[:, 0]
    noise = NOISE * np.random.default_rng(0).standard_normal((2, 1, 3000, 1))[0, 0]
    once = model.errors_ahead(y, u, 1, most=5000)
    assert len(once) == 3000 - 4
    np.testing.assert_allclose(once, noise[3:-1], atol=1e-9)
    a, _ = model.transition()
    third = model.errors_ahead(y, u, 3, most=5000)
    assert len(third) == 3000 - 6
    powers = [np.linalg.matrix_power(a, k)[0, 0] for k in range(3)]
    np.testing.assert_allclose(third, powers[2] * noise[3:-3] + powers[1] * noise[4:-2] + noise[5:-1], atol=1e-9)


@pytest.mark.parametrize("late", [0, 3])
@pytest.mark.parametrize("order", [1, 3, 6])
def test_a_regression_is_least_squares_and_holds_those_of_lower_orders(order, late):
    y, u = recorded(600)[:, 0]
    model = regression(6, (y, u), late=late).solved(order, 0.0, regression(6, (y, u), late=late))
    assert (len(model.outputs), len(model.inputs)) == (order, order + late)
    deepest = 6 + late  # all orders are compared on the same rows
    expected = least_squares(y[deepest - order - late :], u[deepest - order - late :], order, order + late)
    np.testing.assert_allclose(np.r_[model.outputs, model.inputs].ravel(), expected, atol=1e-6)
    errors = model.errors_ahead(y, u, 1, most=5000)[deepest - len(y) :]
    assert model.error == pytest.approx(np.sqrt(np.mean(errors**2)))


def test_a_plant_with_late_inputs_is_found_where_they_are_looked_back_at():
    late = plant(inputs=(0.0, 0.0, 0.5, 0.3, -0.2))
    seen = recorded(20_000, model=late)[:, 0]
    model = regression(4, seen, late=2).solved(4, RIDGE, regression(4, seen, late=2))
    np.testing.assert_allclose(model.inputs.ravel(), [*late.inputs.ravel(), 0.0], atol=0.02)


@pytest.mark.parametrize("late", [0, 2])
def test_two_regressions_together_are_that_of_all_data(late):
    stretches = recorded(500, loops=3).transpose(1, 0, 2, 3)
    both = Regression.mixed(
        [regression(4, *stretches[:2], late=late), regression(4, stretches[2], late=late)], [1.0, 1.0]
    )
    whole = regression(4, *stretches, late=late)
    assert both.count == whole.count == 3 * (500 - 4 - late)
    for name, array in whole.arrays().items():
        np.testing.assert_allclose(both.arrays()[name], array, rtol=1e-12)


def test_a_stretch_that_is_laid_out_in_parts_counts_as_in_one():
    y, u = recorded(2 * ROWS + 100)[:, 0]
    long = regression(4, (y, u))
    parts = regression(4, (y[: ROWS + 4], u[: ROWS + 4]), (y[ROWS:], u[ROWS:]))
    assert long.count == parts.count == 2 * ROWS + 96
    for name, array in parts.arrays().items():
        np.testing.assert_allclose(long.arrays()[name], array, rtol=1e-12)


def test_a_stretch_that_is_too_short_says_nothing():
    short = regression(4, np.ones((2, 6, 1)), late=2)
    assert short.count == 0
    assert regression(4, np.ones((2, 7, 1)), late=2).count == 1


def test_what_a_regression_has_taken_in_comes_back_and_is_forgotten():
    first = regression(4, recorded(500)[:, 0])
    again = regression(4, recorded(300, seed=7)[:, 0])
    again.restore({name: array.copy() for name, array in first.arrays().items()})
    for name, array in first.arrays().items():
        np.testing.assert_array_equal(again.arrays()[name], array)
    assert again.count == first.count
    held_out = regression(4, recorded(300, seed=8)[:, 0])
    np.testing.assert_array_equal(again.solved(4, RIDGE, held_out).outputs, first.solved(4, RIDGE, held_out).outputs)
    again.forget()
    assert again.count == 0
    assert not any(array.any() for array in again.arrays().values())
    assert first.count == 496


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("products", np.zeros((7, 7))),
        ("products", np.full((8, 8), np.nan)),
        ("targets", np.zeros((8, 1), np.float32)),
        ("sums", np.array([-1.0, 3.0])),
        ("sums", np.array([1.0, -3.0])),
        ("sums", np.array([1.0, np.inf])),
    ],
)
def test_what_no_regression_has_taken_in_is_refused(name, wrong):
    saved = Regression(4).arrays()
    with pytest.raises(RunError, match=name):
        Regression(4).restore({**saved, name: wrong})
    with pytest.raises(RunError, match=name):
        Regression(4).restore({key: array for key, array in saved.items() if key != name})


def test_of_several_orders_that_which_errs_least_on_other_data_is_fitted_to_all():
    seen, held_out = (regression(8, recorded(3000, seed=seed)[:, 0]) for seed in (0, 1))
    model = best_model(seen, held_out, ORDERS, RIDGE)
    errors = [seen.solved(order, RIDGE, held_out).error for order in ORDERS]
    assert model.order == ORDERS[int(np.argmin(errors))] != 2
    np.testing.assert_array_equal(
        model.outputs, Regression.mixed([seen, held_out], [1.0, 1.0]).solved(model.order, RIDGE, held_out).outputs
    )


def test_too_high_an_order_loses_where_data_is_short():
    seen, held_out = regression(8, recorded(60)[:, 0]), regression(8, recorded(20_000, seed=1)[:, 0])
    assert best_model(seen, held_out, ORDERS, RIDGE).order == 4


def test_the_ridge_keeps_weights_small_and_the_condition_says_so():
    constant = np.ones((2, 200, 1))
    held_out = regression(4, constant)
    model = held_out.solved(4, 1e-3, held_out)
    assert np.abs(np.r_[model.outputs, model.inputs]).max() < 1
    scaled = np.ones((8, 8)) + 1e-3 * np.eye(8)
    assert model.condition == pytest.approx(np.linalg.cond(scaled, 1), rel=1e-3)


def recorded_wide(steps: int, seed: int = 0) -> np.ndarray:
    """Outputs and inputs of the plant with two signals and three contacts, excited under a regulator."""
    a, b, cost = lifted(*wide_plant().transition(), 1.0, signals=2)
    generator = np.random.default_rng(seed)
    noise, excitation = (generator.standard_normal((1, steps, numbers)) for numbers in (2, 3))
    return simulated(wide_plant(), gain(a, b, cost, riccati(a, b, cost)), noise, excitation)


def test_what_each_contact_does_to_each_signal_is_found_from_the_closed_loop():
    found = Regression(2, signals=2, contacts=3)
    y, u = (stretch[0] for stretch in recorded_wide(2 * ROWS))
    found.add(y, u)
    model, plant_itself = found.solved(2, RIDGE, found), wide_plant()
    np.testing.assert_allclose(model.outputs, plant_itself.outputs, atol=0.02)
    np.testing.assert_allclose(model.inputs, plant_itself.inputs, atol=0.01)
    growing = np.sort_complex(model.poles()[:2])
    np.testing.assert_allclose(growing, np.sort_complex(plant_itself.poles()[:2]), atol=0.01)
    assert (np.abs(growing) > 1).all()
    assert model.error == pytest.approx(NOISE, rel=0.05)
    rows = np.stack([np.r_[y[t - 1], y[t - 2], u[t - 1], u[t - 2]] for t in range(2, len(y))])
    expected = np.linalg.lstsq(rows, y[2:], rcond=None)[0]
    weights = np.concatenate([matrix.T for matrix in (*model.outputs, *model.inputs)])
    np.testing.assert_allclose(weights, expected, atol=1e-6)
    errors = y[2:] - rows @ weights
    assert model.error == pytest.approx(np.sqrt(np.mean(errors**2)))


def test_predictions_of_several_signals_err_by_what_noise_has_become():
    model, (y, u) = wide_plant(), (stretch[0] for stretch in recorded_wide(600))
    generator = np.random.default_rng(0)
    noise = NOISE * generator.standard_normal((600, 2))
    np.testing.assert_allclose(model.errors_ahead(y, u, 1, most=5000), noise[1:-1], atol=1e-9)
    a, _ = model.transition()
    later = [np.linalg.matrix_power(a, k)[:2, :2] for k in range(3)]
    expected = sum(noise[1 + 2 - k : len(noise) - 1 - k] @ later[k].T for k in range(3))
    np.testing.assert_allclose(model.errors_ahead(y, u, 3, most=5000), expected, atol=1e-9)


def test_a_lower_order_of_several_signals_is_held_by_a_higher_one():
    y, u = (stretch[0] for stretch in recorded_wide(400))
    high, low = (Regression(order, 1, signals=2, contacts=3) for order in (5, 2))
    high.add(y, u)
    low.add(y[3:], u[3:])  # all orders are compared on the same rows
    one, other = high.solved(2, RIDGE, high), low.solved(2, RIDGE, low)
    assert one.outputs.shape == (2, 2, 2)
    assert one.inputs.shape == (3, 2, 3)
    for name in ("outputs", "inputs", "error"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-9)
    both = Regression.mixed([high, high], [0.5, 1.5]).solved(2, RIDGE, high)
    np.testing.assert_allclose(both.outputs, one.outputs, atol=1e-9)
