"""Weights of several signals and contacts lie where they are found again, and those of one as numbers."""

import numpy as np
import pytest

from rldbs.agents.regulator import identified_regulator
from rldbs.agents.regulator.design import designed, regulator_gain
from rldbs.agents.regulator.identified_regulator import Regulator
from rldbs.agents.regulator.regulator_sizes import Sizes
from rldbs.agents.regulator.riccati import lifted, riccati
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.errors import RunError
from tests.agents.regulator.plant import NOISE, wide_plant
from tests.agents.regulator.regulators import LENGTH, environment, shipped, weights


def wide(**overrides: object) -> LoopSettings:
    """Two signals, three contacts."""
    places = {"electrode": "four", "electrode.contacts": [[-1, 0, 0], [0, 0, 0], [1, 0, 0]]}
    return environment(**{"recording.variable": ["x", "y"], **places, **overrides})


def test_one_signal_and_one_contact_have_numbers_for_weights():
    shapes = Sizes.of(shipped(orders=[4]), environment(**{"recording.delay": 2})).shapes()
    assert [shapes[name] for name in ("outputs", "inputs", "gains", "rest")] == [(1, 4), (1, 6), (4, 9), ()]


def test_several_have_matrices_and_a_rest_for_each_signal():
    shapes = Sizes.of(shipped(orders=[4], channel="all"), wide()).shapes()
    expected = [(1, 4 * 2 * 2), (1, 4 * 2 * 3), (4, 3 * (4 * 2 + 3 * 3)), (2,)]
    assert [shapes[name] for name in ("outputs", "inputs", "gains", "rest")] == expected


@pytest.mark.parametrize(
    ("channel", "together", "numbers"), [("all", False, (2, 3)), (1, False, (1, 3)), ("all", True, (2, 1))]
)
def test_signals_are_the_variables_that_are_heard_and_contacts_those_that_act_apart(channel, together, numbers):
    sizes = Sizes.of(shipped(channel=channel), wide(**{"stimulus.together": together}))
    assert (sizes.signals, sizes.contacts) == numbers


def test_a_model_and_its_gains_are_found_again_in_more_room_than_they_need():
    settings, loop = shipped(orders=[2, 5], channel="all"), wide()
    sizes = Sizes.of(settings, loop)
    made = designed(settings, loop, [wide_plant()], sizes.empty())
    outputs, inputs = sizes.matrices(made, 0)
    np.testing.assert_array_equal(outputs, wide_plant().outputs)
    np.testing.assert_array_equal(inputs, wide_plant().inputs)
    assert sizes.orders(made) == (2, 2)
    gains = made["gains"][0].reshape(3, sizes.known)
    np.testing.assert_array_equal(gains[:, sizes.used(2, 2)], regulator_gain(settings, loop, wide_plant(), 1.0))
    assert np.count_nonzero(gains) == 3 * (2 * 2 + 3)


def test_it_acts_by_its_gains_on_what_it_has_seen_and_given():
    settings, loop = shipped(orders=[3], channel="all", price=3.0), wide()
    acting = Regulator(settings, loop, weights(settings, loop, model=wide_plant()))
    feedback = regulator_gain(settings, loop, wide_plant(), 3.0)
    generator = np.random.default_rng(0)
    outputs, inputs = np.zeros((2, 2)), np.zeros(3)
    for step in range(40):
        window = 0.05 * generator.standard_normal((1, 2 * LENGTH)).astype(np.float32)
        acting(window, 0.1 * generator.standard_normal((1, 3)))
        np.testing.assert_array_equal(acting.signal[0], window[0, [LENGTH - 1, -1]])
        outputs = np.stack([acting.output[0], outputs[0]])
        np.testing.assert_allclose(acting.wanted[0, 0], -feedback @ np.r_[outputs.ravel(), inputs], atol=1e-12)
        assert acting.rung[0] == 0 or step < 10
        inputs = acting.given[0]
    assert np.ptp(inputs) > 0


def test_the_plant_is_as_quiet_as_theory_promises_and_batch_member_acts_as_alone(monkeypatch):
    """The trace of the solution and the covariance of noise, which is on both signals."""
    monkeypatch.setattr(identified_regulator, "AVERAGED", 1e9)  # it follows no mean
    settings, loop, size = shipped(orders=[2], channel="all", mean_rate=0.0), wide(), 0.05
    made = weights(settings, loop, model=wide_plant())
    acting, alone = Regulator(settings, loop, made), Regulator(settings, loop, made)
    a, b = wide_plant().transition()
    generator, z, costs = np.random.default_rng(1), np.zeros((400, len(a))), []
    for step in range(400):
        window = np.repeat(z[:, :2], LENGTH, axis=1).astype(np.float32)
        acting(window)
        alone(window[7:8])
        np.testing.assert_allclose(alone.given[0], acting.given[7], atol=1e-6)
        if step >= 150:
            costs.append(np.mean(np.square(z[:, :2]).sum(axis=1) + np.square(acting.given).sum(axis=1)))
        z = z @ a.T + acting.given @ b.T
        z[:, :2] += size * NOISE * generator.standard_normal((400, 2))
    solution = riccati(*lifted(a, b, 1.0, signals=2))
    assert np.mean(costs) == pytest.approx(np.trace(solution[:2, :2]) * (size * NOISE) ** 2, rel=0.03)


def test_weights_of_another_number_of_contacts_are_refused():
    settings = shipped(channel="all")
    made = weights(settings, wide(), model=wide_plant())
    with pytest.raises(
        RunError,
        match="policy: gives 3 numbers at each decision, one for each contact or level, but here an action has 1: ",
    ):
        Regulator(settings, wide(**{"stimulus.together": True}), made)
