"""The regulator acts by what it has seen and given, knows what its device makes of it, and is careful."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.linalg

from rldbs.agents.learned_controller import LearnedController
from rldbs.agents.regulator import identified_regulator
from rldbs.agents.regulator.design import designed, regulator_gain
from rldbs.agents.regulator.identified_regulator import Regulator
from rldbs.agents.regulator.regulator_sizes import Sizes
from rldbs.agents.regulator.riccati import lifted, riccati
from rldbs.agents.settings.lqg import LOUDER
from rldbs.control.loop import ClosedLoop
from rldbs.control.stimulus import level_values
from rldbs.core.errors import RunError
from tests.agents.regulator.plant import NOISE, plant
from tests.agents.regulator.regulators import Seen, environment, regulator, shipped, weights

DEVICES = {
    "delta": {},
    "levels": {"levels": 5},
    "saturation": {"saturation": 0.3},
    "resolution": {"resolution": 0.15, "saturation": 0.5},
    "levels and saturation": {"levels": 9, "saturation": 0.4, "resolution": 0.2},
    "every third step": {"every": 3},
    "every second step, levels": {"every": 2, "levels": 4},
    "rectangular": {"stimulus": "rectangular", "stimulus.width": 2},
    "charge balanced": {"stimulus": "charge_balanced", "resolution": 0.1},
    "pulses": {"stimulus": "pulse", "every": 2, "saturation": 0.7},
}


FAINT = 0.1
"""Of the plant's noise: with so much of it, inputs stay within their limits."""


def noise(environments: int = 1, steps: int = 200, size: float = FAINT) -> np.ndarray:
    return size * np.random.default_rng(0).standard_normal((environments, steps))


@pytest.mark.parametrize("device", DEVICES.values(), ids=DEVICES)
def test_it_knows_what_the_stimulus_makes_of_its_input(device):
    settings = shipped(price=0.01, gain=0.3)
    chosen = environment(**{"episode.steps": 30, "stimulus.amplitude": 0.2, **device})
    loop, acting = ClosedLoop(chosen, 3), regulator(settings, chosen)
    loop.reset()
    levels = None if chosen.stimulus.levels is None else level_values(chosen.stimulus.levels)
    given = []
    for excitation in noise(3, 70, size=1.0).T:
        moves = acting(loop.observe(), excitation[:, None])
        _, ended = loop.step(moves if levels is None else levels[moves][:, None])
        np.testing.assert_allclose(loop.kicks[:, 0], 0.2 * acting.given[:, 0], atol=1e-7)
        given.append(acting.given)
        if ended.any():
            loop.reset(ended)
            acting.restart(np.flatnonzero(ended))
    assert len(np.unique(given)) > 2
    assert np.ptp(given) > 0.5


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("delay", [0, 2])
def test_it_acts_by_its_gain_on_the_last_outputs_and_inputs(every, delay):
    settings, loop = shipped(), environment(**{"every": every, "recording.delay": delay})
    model = replace(plant(), inputs=np.r_[np.zeros((delay, 1, 1)), plant().inputs]) if delay else plant()
    acting = Regulator(settings, loop, weights(settings, loop, model=model))
    (gain,) = regulator_gain(settings, loop, model, 1.0)
    assert len(gain) == 4 + 4 + delay - 1
    outputs, inputs, seen = [0.0] * 9, [0.0] * 9, Seen(noise(), model=model)
    for step in seen.go(acting):
        outputs.append(float(acting.output[0, 0]))
        z = np.array([*outputs[-1:-5:-1], *inputs[-1 : -4 - delay : -1]])
        assert acting.wanted[0, 0, 0] == pytest.approx(-gain @ z, abs=1e-12)
        assert acting.rung[0] == 0 or step < 10
        if acting.rung[0] == 0:
            assert acting.given[0, 0] == pytest.approx(-gain @ z if step % every == 0 else 0.0, abs=1e-6)
        inputs.append(float(acting.given[0, 0]))
    assert np.abs(inputs).max() < 1


def test_the_plant_costs_what_theory_promises_where_the_mean_is_known(monkeypatch):
    monkeypatch.setattr(identified_regulator, "AVERAGED", 1e9)  # it follows no mean
    settings, loop = shipped(mean_rate=0.0), environment()
    acting, seen, costs = regulator(settings, loop), Seen(noise(300, 1500)), []
    for step in seen.go(acting):
        if step >= 500:
            costs.append(np.mean(seen.z[:, 0] ** 2 + acting.given[:, 0] ** 2))
    optimum = riccati(*lifted(*plant().transition(), 1.0))[0, 0] * (FAINT * NOISE) ** 2
    assert np.mean(costs) == pytest.approx(optimum, rel=0.01)


def test_the_price_is_that_of_a_kick_whatever_the_amplitude():
    settings = shipped(price=5.0)
    small, large = (environment(**{"stimulus.amplitude": amplitude}) for amplitude in (0.01, 1.0))
    model = plant()
    scaled = replace(model, inputs=0.01 * model.inputs)  # the same plant, whose input is an action of 0.01
    gains = regulator_gain(settings, small, scaled, 5.0)[0], regulator_gain(settings, large, model, 5.0)[0]
    np.testing.assert_allclose(0.01 * gains[0][:4], gains[1][:4], rtol=1e-6)
    np.testing.assert_allclose(gains[0][4:], gains[1][4:], rtol=1e-6)


def test_there_is_a_gain_for_every_price_and_for_louder_signals():
    settings, loop = shipped(price=[100.0, 1.0]), environment()
    assert settings.prices == [1.0, 100.0]
    assert settings.ladder == [1.0, 100.0, *(100.0 * 10.0**k for k in range(1, LOUDER + 1))]
    made = designed(settings, loop, [plant()] * 2, Sizes.of(settings, loop).empty())
    assert {name: array.shape for name, array in made.items()} == Sizes.of(settings, loop).shapes()
    for k, price in enumerate(settings.ladder):
        np.testing.assert_array_equal(made["gains"][k], regulator_gain(settings, loop, plant(), price)[0])


def test_what_lies_between_decisions_counts_where_the_model_tells_of_it():
    """Of a model that says x between decisions is the input as it is and the output of before, by SciPy."""
    settings, loop, price = shipped(), environment(), 2.0
    said = np.zeros((2, 8))
    said[0, 4], said[1, :2] = 3.0, 1.0  # u(t); y(t) + y(t−1)
    found = regulator_gain(settings, loop, replace(plant(), between=said), price)
    a, b = plant().transition()
    of_state = np.zeros((2, 7))
    of_state[1, :2] = 1.0
    q, r = of_state.T @ of_state / 2, price + 9.0 / 2
    solution = scipy.linalg.solve_discrete_are(a, b, q, np.array([[r]]))
    np.testing.assert_allclose(found, b.T @ solution @ a / (r + b.T @ solution @ b), rtol=1e-6, atol=1e-9)
    assert not np.allclose(found, regulator_gain(settings, loop, plant(), price), rtol=0.1)


def test_a_lower_order_than_there_is_room_for_acts_the_same():
    small, large, loop = shipped(orders=[4]), shipped(orders=[4, 9]), environment()
    each = [Seen(noise()) for _ in range(2)]
    acting = [regulator(settings, loop) for settings in (small, large)]
    for _ in zip(*(seen.go(one) for seen, one in zip(each, acting, strict=True)), strict=True):
        np.testing.assert_allclose(acting[0].wanted, acting[1].wanted, atol=1e-12)


def test_where_a_model_has_no_regulator_the_gain_before_is_kept():
    settings, loop = shipped(price=[1.0, 100.0]), environment()
    unreached = replace(plant(), inputs=np.zeros((4, 1, 1)))
    with pytest.raises(ValueError, match="out of reach of the input"):
        regulator_gain(settings, loop, unreached, 1.0)
    before = designed(settings, loop, [plant()] * 2, Sizes.of(settings, loop).empty())
    after = designed(settings, loop, [unreached, plant()], {**before, "gains": 2.0 * before["gains"]})
    np.testing.assert_array_equal(after["gains"][0], 2.0 * before["gains"][0])
    np.testing.assert_array_equal(after["gains"][1:], before["gains"][1:])


@pytest.mark.parametrize("device", ["delta", "levels", "pulses"])
def test_before_anything_is_identified_the_stabilising_controller_acts(device):
    settings, loop = shipped(gain=0.5), environment(**{**DEVICES[device], "every": 1})
    acting = Regulator(settings, loop, Sizes.of(settings, loop).empty())
    stabilizer, _ = settings.stabilizers(loop)
    seen = Seen(noise(2, 60, size=2.0))
    for _ in seen.go(acting):
        np.testing.assert_array_equal(acting.rung, len(settings.ladder))
        alone = stabilizer.act(seen.window)[:, 0]
        np.testing.assert_allclose(np.clip(acting.wanted[:, -2, 0], -1, 1), alone, rtol=1e-6)
        np.testing.assert_array_equal(acting.loud, True)
        within = 0.25 if device == "levels" else 0.31 if device == "pulses" else 1e-7  # pulses are cut off at 0.7
        np.testing.assert_allclose(acting.given[:, 0], alone, atol=within)
    assert np.abs(acting.given).max() > 0.1


def test_inputs_of_a_late_recording_are_looked_back_at_further():
    settings = shipped()
    late = environment(**{"recording.delay": 5})
    assert (settings.late(environment()), settings.late(late)) == (0, 5)


def test_a_loud_signal_is_left_to_the_stabilising_controller_until_it_is_quiet_for_a_while():
    settings, loop = shipped(trust=2.0, hold=0.5), environment()
    acting, last = regulator(settings, loop, loudness=0.1), len(settings.ladder)
    rungs = []
    for size in [0.1] * 40 + [5.0] * 5 + [0.1] * 200:
        acting(np.full((1, 10), size * (-1.0) ** len(rungs), np.float32))
        rungs.append(int(acting.rung[0]))
    assert set(rungs[:10]) == {last}  # nothing is known yet
    assert set(rungs[10:40]) == {0}
    assert set(rungs[40:60]) == {last}
    assert rungs[-1] == 0


def test_a_price_acts_where_the_signal_is_as_quiet_as_where_it_was_identified_and_as_for_a_higher_one():
    """Of three prices, the middle one has been the loudest."""
    settings, loop = shipped(price=[0.01, 1.0, 100.0], own_trust=2.0, trust=1.0), environment()
    made = {**weights(settings, loop, loudness=5.0), "deviation": np.array([0.2, 3.0, 1.0]), "gains": np.zeros((6, 7))}
    for size, rung in ((0.39, 0), (0.41, 1), (1.99, 1), (2.01, 3), (4.9, 3), (5.1, 6)):
        acting = Regulator(settings, loop, made)
        for step in range(200):
            acting(np.full((1, 10), size * (-1.0) ** step, np.float32))
        assert acting.rung[0] == rung, size


def test_the_second_stabilising_controller_is_a_quarter_of_a_cycle_later():
    settings, loop = shipped(gain=0.5, frequency=1.0), environment()
    made = Sizes.of(settings, loop).empty()
    made["mixture"][-1, -1] = 0.5
    acting, steps = Regulator(settings, loop, made), np.arange(400)
    signal = np.sin(2 * np.pi * steps / 20)
    wanted = []
    for step in steps[10:]:
        acting(signal[None, step - 9 : step + 1].astype(np.float32))
        wanted.append(acting.wanted[0, -2:, 0].copy())
    first, later = np.array(wanted[200:]).T
    np.testing.assert_allclose(later[5:], first[:-5], atol=0.05 * np.abs(first).max())


def test_a_price_whose_regulator_wants_more_than_can_be_gives_way_to_a_higher_one():
    settings, loop = shipped(price=[0.01, 1.0, 100.0]), environment(**{"stimulus.amplitude": 1.0})
    made = weights(settings, loop)
    rungs, size = [], np.abs(made["gains"][:, 0])
    assert (np.diff(size[:3]) < 0).all()
    for level in (0.5 / size[0], 1.01 / size[0], 0.99 / size[1], 1.01 / size[1]):
        acting = Regulator(settings, loop, made)
        for step in range(30):
            level_now = level * (step >= 12)
            acting(np.full((1, 10), level_now, np.float32))
            rungs.append(int(acting.rung[0])) if step == 12 else None
            limited = np.abs(acting.wanted[0, acting.rung[0], 0])
            assert limited <= 1.0 or acting.rung[0] == len(settings.ladder)
    assert rungs == [0, 1, 1, 2]


def test_the_chosen_price_is_the_lowest_that_acts():
    settings, loop = shipped(price=[0.01, 1.0, 100.0]), environment()
    made = {**weights(settings, loop), "chosen": np.array(1.0)}
    acting, seen = Regulator(settings, loop, made), Seen(noise(1, 60))
    assert {int(acting.rung[0]) for _ in seen.go(acting)} == {1, len(settings.ladder)}
    several = regulator(settings, loop)
    several.choose(np.array([0, 1, 2]))
    for _ in Seen(noise(3, 60)).go(several):
        pass
    np.testing.assert_array_equal(several.rung, [0, 1, 2])


def test_a_mixture_shares_what_all_regulators_want():
    settings, loop = shipped(price=[0.01, 100.0]), environment()
    made = weights(settings, loop)
    made["mixture"] = np.random.default_rng(0).uniform(0, 0.3, made["mixture"].shape)
    acting, seen = Regulator(settings, loop, made), Seen(noise(2, 80))
    own = np.stack([made["mixture"], Sizes.of(settings, loop).plain])
    for _ in seen.go(acting):
        mixed = (made["mixture"][acting.rung] * acting.wanted[:, :, 0]).sum(axis=1)
        np.testing.assert_allclose(acting.given[:, 0], np.clip(mixed, -1, 1), atol=1e-6)
    acting.mix(own)
    for _ in seen.go(acting, 40):
        mixed = (own[[0, 1], acting.rung] * acting.wanted[:, :, 0]).sum(axis=1)
        np.testing.assert_allclose(acting.given[:, 0], np.clip(mixed, -1, 1), atol=1e-6)


def test_the_signal_is_counted_from_where_it_was_at_rest_and_follows_its_mean():
    settings, loop = shipped(mean_rate=1e-3), environment()
    acting = regulator(settings, loop, rest=0.5)
    acting(np.full((1, 10), 0.7, np.float32))
    assert acting.output[0, 0] == pytest.approx(0.2, abs=1e-6)
    for _ in range(200):
        acting(np.full((1, 10), 0.7, np.float32))
    assert abs(acting.output[0, 0]) < 0.02
    moved = [Seen(noise(), offset) for offset in (0.0, 0.5)]
    acting = [regulator(settings, loop, rest=seen.offset) for seen in moved]
    for _ in zip(*(seen.go(one) for seen, one in zip(moved, acting, strict=True)), strict=True):
        np.testing.assert_allclose(acting[0].given, acting[1].given, atol=1e-5)


@pytest.mark.parametrize("device", ["delta", "levels"])
def test_batch_member_acts_as_a_single_environment(device):
    """But for the last digits, which BLAS takes from the size of the batch."""
    settings, loop = (
        shipped(price=[0.01, 1.0], gain=0.1),
        environment(**DEVICES[device], **{"recording.centered": True}),
    )
    acting = regulator(settings, loop, loudness=0.3)
    signal = np.cumsum(noise(3, 150), axis=1).astype(np.float32)
    alone, given = [regulator(settings, loop, loudness=0.3) for _ in range(3)], []
    for now in range(10, 150):
        window = signal[:, now - 10 : now]
        window = window - window.mean(axis=1, keepdims=True)
        acting(window)
        for i, one in enumerate(alone):
            one(window[i : i + 1])
            assert one.rung[0] == acting.rung[i]
            np.testing.assert_allclose(one.given[0], acting.given[i], atol=1e-6)
        given.append(acting.given)
    assert len(np.unique(given)) > 2


def test_a_restarted_environment_is_as_a_fresh_one_and_the_others_go_on():
    settings, loop = shipped(price=[0.01, 1.0]), environment(every=3)
    acting, other = (regulator(settings, loop, loudness=0.5, rest=0.1) for _ in range(2))
    first, second = Seen(noise(2, 100)), Seen(noise(2, 100))
    for _ in zip(first.go(acting, 40), second.go(other, 40), strict=True):
        pass
    acting.restart(np.array([1]))
    fresh = regulator(settings, loop, loudness=0.5, rest=0.1)
    for _ in first.go(acting, 60):
        fresh(first.window)
        other(first.window)
        np.testing.assert_array_equal(acting.wanted[0], other.wanted[0])
        np.testing.assert_array_equal(acting.wanted[1], fresh.wanted[1])
        assert (acting.rung[0], acting.rung[1]) == (other.rung[0], fresh.rung[1])
        np.testing.assert_array_equal(acting.given, [other.given[0], fresh.given[1]])
    assert (other.wanted[1] != acting.wanted[1]).any()


def test_a_restarted_environment_is_no_longer_loud():
    settings, loop = shipped(), environment()
    acting, rungs = regulator(settings, loop, loudness=0.1), []
    for size in [5.0] * 5 + [0.1] * 30:
        if len(rungs) == 5:
            acting.restart(np.array([0]))
        acting(np.full((1, 10), size * (-1.0) ** len(rungs), np.float32))
        rungs.append(int(acting.rung[0]))
    assert set(rungs[:15]) == {len(settings.ladder)}
    assert set(rungs[15:]) == {0}


def test_a_branch_acts_as_its_source_and_leaves_it_alone():
    settings, loop = shipped(price=[0.01, 1.0]), environment()
    acting, seen = regulator(settings, loop), Seen(noise(3, 100))
    for _ in seen.go(acting, 40):
        pass
    sources = np.array([2, 0, 2, 1])
    branch = acting.branched(sources)
    for _ in seen.go(acting, 60):
        branch(seen.window[sources])
        np.testing.assert_allclose(branch.wanted, acting.wanted[sources], atol=1e-12)
        np.testing.assert_array_equal(branch.rung, acting.rung[sources])


def test_its_weights_are_copied():
    settings, loop = shipped(), environment()
    made = weights(settings, loop)
    acting = Regulator(settings, loop, made)
    first = [acting.given[0, 0] for _ in Seen(noise()).go(acting)]
    again = Regulator(settings, loop, made)
    for array in made.values():
        array[...] = 0
    assert [again.given[0, 0] for _ in Seen(noise()).go(again)] == first


@pytest.mark.parametrize(
    ("name", "wrong", "words"),
    [
        ("gains", np.zeros((4, 5)), r"gains: shape \(4, 5\), but .* need \(4, 7\)"),
        ("outputs", None, r"outputs: shape missing, but .* need \(1, 4\)"),
        ("more", np.zeros(3), r"more: shape \(3,\), but .* need none"),
        ("inputs", np.zeros((1, 4), np.float32), "inputs: must be float64, are float32"),
        ("rest", np.array(np.nan), "rest: not finite"),
        ("loudness", np.array(np.inf), "loudness: not finite"),
        ("mixture", np.full((5, 6), -np.inf), "mixture: not finite"),
        ("chosen", np.array(-1.0), "chosen: must be from 0 to 0, is -1.0"),
        ("chosen", np.array(4.0), "chosen: must be from 0 to 0, is 4.0"),
        ("chosen", np.array(0.5), "chosen: must be from 0 to 0, is 0.5"),
    ],
)
def test_weights_that_are_none_of_a_regulator_are_refused(name, wrong, words):
    settings, loop = shipped(), environment()
    made = {key: array for key, array in weights(settings, loop).items() if key != name}
    if wrong is not None:
        made[name] = wrong
    with pytest.raises(RunError, match="policy weights " + words):
        Regulator(settings, loop, made)
    with pytest.raises(RunError, match="policy weights"):
        LearnedController(settings, loop, made)


def test_a_controller_of_levels_gives_one_of_them():
    settings, loop = shipped(), environment(levels=5)
    acting, seen = LearnedController(settings, loop, weights(settings, loop)), Seen(noise(2, 50))
    observed = [acting.act(seen.window) for _ in seen.go(regulator(settings, loop))]
    assert set(np.unique(observed)) <= {-1.0, -0.5, 0.0, 0.5, 1.0}
    assert (observed[0].shape, observed[0].dtype) == ((2, 1), np.float32)


def test_a_regulator_acts_where_the_recording_is_later_than_where_it_was_identified():
    settings, loop, late = shipped(), environment(), environment(**{"recording.delay": 5})
    made = weights(settings, loop)
    one, other, seen = Regulator(settings, loop, made), Regulator(settings, late, made), Seen(noise(2, 60))
    for _ in seen.go(one):
        other(seen.window)
        np.testing.assert_array_equal(one.wanted[:, :-1], other.wanted[:, :-1])


def test_a_regulator_may_want_more_than_can_be_where_that_is_allowed():
    loop = environment(**{"stimulus.amplitude": 1.0})
    for demand, rung in ((1.0, 1), (1.4, 1), (1.6, 0)):
        settings = shipped(price=[0.01, 100.0], demand=demand)
        made = weights(settings, loop)
        acting, size = Regulator(settings, loop, made), np.abs(made["gains"][0, 0])
        for step in range(13):
            acting(np.full((1, 10), 1.5 / size * (step >= 12), np.float32))
        assert acting.rung[0] == rung, demand
        assert np.abs(acting.given[0, 0]) <= 1.0
