"""A price has a model from what was quiet under it and its neighbours."""

import numpy as np
import pytest

from rldbs.agents.regulator.recorded_data import CLIPPED, FEW, HELD_OUT, RecordedData, Stretch, quiet
from tests.agents.regulator.plant import POLES, plant
from tests.agents.regulator.regulators import environment, shipped
from tests.agents.regulator.test_identification import recorded

PRICES = [1.0, 10.0, 100.0]


def data(**changes: object) -> RecordedData:
    return RecordedData(shipped(price=PRICES, **changes), environment())


def counts(of: RecordedData) -> list[float]:
    """Rows of every price that were taken in."""
    return [of.arrays()[f"seen.{k}.sums"][1] for k in range(len(PRICES))]


def stretches(count: int = 12, steps: int = 400) -> list[Stretch]:
    """Of the plant that is known, scaled so that no input is at its limits."""
    y, u = 0.1 * recorded(steps, loops=count)
    return [Stretch(*both) for both in zip(y, u, strict=True)]


def test_what_is_loud_or_at_its_limits_is_not_identified_from():
    taken = stretches()
    taken[3] = Stretch(40.0 * taken[3].y, taken[3].u)
    taken[7] = Stretch(taken[7].y, np.where(np.arange(400) % 20 == 0, 1.0, taken[7].u))  # in 5 % of the steps
    assert taken[7].clipped > CLIPPED
    usable = quiet(taken)
    assert [k for k, one in enumerate(taken) if not any(one is other for other in usable)] == [3, 7]


def test_where_all_are_at_their_limits_the_quietest_few_are_taken():
    taken = [Stretch(one.y * (k + 1), np.ones_like(one.u)) for k, one in enumerate(stretches())]
    assert len(quiet(taken)) == FEW


def test_every_price_takes_in_its_own():
    some = data()
    usable = some.take_in(1, stretches())
    assert counts(some) == [0.0, len(usable) * (400 - int(HELD_OUT * 400) - 4), 0.0]


def test_what_was_louder_is_forgotten_when_a_price_comes_to_rest():
    some, taken, rows = data(), stretches(), 300 - 4
    for size, stretches_there in ((10.0, 12), (6.0, 24), (1.0, 12), (1.5, 24)):
        some.take_in(0, [Stretch(size * one.y, one.u) for one in taken])
        assert counts(some)[0] == stretches_there * rows


@pytest.mark.parametrize("price", [0, 1, 2])
def test_stretches_of_any_loudness_and_rest_show_the_same_plant_and_neighbours_lend_theirs(price):
    some = data()
    sizes = np.linspace(1.0, 1.9, 12)
    taken = [Stretch(0.5 + k * one.y, k * one.u) for k, one in zip(sizes, stretches(steps=4000), strict=True)]
    some.take_in(1, taken)
    model = some.model(price)
    np.testing.assert_allclose(model.outputs, plant().outputs, atol=0.05)
    np.testing.assert_allclose(np.sort_complex(model.poles()[:2]), np.sort_complex(POLES[:2]), atol=0.01)


def test_its_own_data_count_most():
    some, other = data(), plant()
    some.take_in(0, stretches(steps=2000))
    wrong = [Stretch(np.roll(one.y, 3), one.u) for one in stretches(steps=2000)]
    some.take_in(2, wrong)
    errors = [np.abs(some.model(k).inputs[0] - other.inputs[0]) for k in range(3)]
    assert errors[0] < 0.6 * errors[2]


def test_its_arrays_are_all_of_it():
    some, again = data(), data()
    some.take_in(1, stretches())
    again.restore(some.arrays())
    for name, array in some.arrays().items():
        np.testing.assert_array_equal(again.arrays()[name], array)
    np.testing.assert_array_equal(again.model(0).outputs, some.model(0).outputs)
