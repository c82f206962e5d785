"""Pulses: timed by the phase, by the clock, or on demand."""

import numpy as np
import pytest

from rldbs.core.errors import SettingError
from tests.agents.classical.listening import PERIOD, controller, environment, kicks, kicks_of_contacts, sine, times

LOOP = environment("stimulus.amplitude=100")
STEPS = 2100
LATE = times(STEPS, LOOP) >= 1100
SHARP = {"frequency": 1.0, "damping": 0.3, "integrator": 2.0}
FIXED = {**SHARP, "gain": 0.1, "largest_gain": 0.1, "rate": 0.0, "target": 0.2}
TRAIN = {"size": 0.02, "period": 0.2, "duty": 0.5}


def phases(given: np.ndarray) -> np.ndarray:
    """The rhythm's phase, in degrees, where there are pulses."""
    return np.sort(times(STEPS, LOOP)[LATE][given] % PERIOD * 360 / PERIOD)


@pytest.mark.parametrize("amplitude", [0.3, 1.0])
def test_pulses_come_at_their_phase_as_large_as_the_rhythm(amplitude):
    found = kicks("phase_pulses", sine(STEPS, amplitude), LOOP, **FIXED, phase=90.0, width=36.0, pulses=1)[LATE, 0]
    assert phases(found != 0).min() == pytest.approx(90 - 18, abs=4)
    assert phases(found != 0).max() == pytest.approx(90 + 18, abs=4)
    np.testing.assert_allclose(found[found != 0], -0.1 * amplitude, rtol=0.01)


def test_a_second_pulse_in_each_cycle_balances_the_first():
    found = kicks("phase_pulses", sine(STEPS), LOOP, **FIXED, phase=90.0, width=36.0, pulses=2)[LATE, 0]
    assert np.median(phases(found > 0)) == pytest.approx(270, abs=4)
    assert abs(found[: 10 * PERIOD].sum()) < 0.05 * np.abs(found[: 10 * PERIOD]).sum()


@pytest.mark.parametrize("every", [1, 7])
def test_no_cycle_is_without_its_pulse_however_narrow(every):
    loop = environment("stimulus.amplitude=100", f"stimulus.every={every}")
    found = kicks("phase_pulses", sine(STEPS), loop, **FIXED, phase=90.0, width=0.1, pulses=1)[:, 0]
    acting = np.where(np.arange(len(found)) % every == 0, found, 0.0)
    late = times(STEPS, loop) >= 1000
    cycles = (times(STEPS, loop)[late] - 1000) // PERIOD
    assert all((acting[late][cycles == cycle] < 0).sum() in (1, 2) for cycle in range(11))


def test_periodic_pulses_keep_their_period_duty_and_size():
    found = kicks("open_loop", np.zeros(2080), LOOP, **TRAIN)[:2000, 0]
    np.testing.assert_allclose(found.reshape(-1, 20), np.tile([0.02] * 10 + [0.0] * 10, (100, 1)), rtol=1e-6)


def test_a_pulse_lasts_a_decision_at_least():
    loop = environment("stimulus.amplitude=100", "stimulus.interval=5", "stimulus.every=2")
    found = kicks("open_loop", np.zeros(5080), loop, size=0.02, period=0.47, duty=0.01)[:1000, 0]
    assert found.reshape(-1, 2).std(axis=1).max() == 0, "the same until the stimulus acts again"
    begins = np.flatnonzero(found.reshape(-1, 2)[:, 0]) * 10
    assert len(begins) == pytest.approx(5000 / 47, abs=1)
    assert np.abs(begins - np.arange(len(begins)) * 47).max() <= 10


def test_high_frequency_is_so_many_pulses_a_second_of_so_many_milliseconds():
    loop = environment("model=kuramoto", "stimulus.interval=1")
    seconds = 2000  # steps of 0.5 ms
    found = kicks("high_frequency", np.zeros(seconds + 78), loop, size=40.0, frequency=125.0, width=1.5)[:seconds, 0]
    np.testing.assert_allclose(found.reshape(-1, 16), np.tile([40.0] * 3 + [0.0] * 13, (125, 1)))
    odd = kicks("high_frequency", np.zeros(2 * seconds + 78), loop, size=40.0, frequency=130.0, width=0.1)[:, 0]
    begins = np.flatnonzero(odd) * 0.5
    assert np.abs(begins - np.ceil(np.arange(len(begins)) * 1000 / 130 * 2) / 2).max() < 0.51
    assert len(begins) == 260


@pytest.mark.parametrize(
    ("interval", "every", "words"),
    [
        (8, 20, "up to 12.5 times a second; for more, a smaller stimulus.every"),
        (20, 1, "up to 100 times a second; for more, a shorter stimulus.interval"),
        (20, 20, "up to 5 times a second; for more, a smaller stimulus.every and a shorter stimulus.interval"),
    ],
)
def test_a_stimulus_that_acts_too_rarely_is_told_why(interval, every, words):
    loop = environment("model=kuramoto", f"stimulus.interval={interval}", f"stimulus.every={every}")
    with pytest.raises(SettingError) as error:
        kicks("high_frequency", np.zeros(100), loop, size=40.0, frequency=130.0, width=0.1)
    assert str(error.value).endswith(words)


@pytest.mark.parametrize(("name", "chosen"), [("high_frequency", {"frequency": 125.0}), ("open_loop", {"period": 0.2})])
@pytest.mark.parametrize("together", [False, True])
def test_each_of_several_contacts_gets_the_train(name, chosen, together):
    """As kicks of the controller's own, and of a stimulus that makes trains itself."""
    contacts = ("model=kuramoto", "model.neurons=27", "tissue=cube", "electrode=four", f"stimulus.together={together}")
    plain = environment(*contacts, "stimulus.interval=2", "stimulus.amplitude=100")
    found = kicks_of_contacts(name, np.zeros(478), plain, size=40.0, **chosen)[:, 0]
    assert found.shape[1] == (1 if together else 4)
    assert set(np.unique(found)) == {0.0, 40.0}
    assert (found == found[:, :1]).all()
    pulses = ("stimulus=train", "stimulus.interval=200", "stimulus.width=500", "stimulus.recovery=500")
    train = environment(*contacts, *pulses, "stimulus.amplitude=100")
    action = controller(name, train, size=40.0, **chosen).act(np.zeros((2, train.recording.size), np.float32))
    assert action.shape == (2, train.stimulus.action_size) == (2, 2 if together else 8)
    given = train.stimulus.kicks(action.astype(np.float64))
    rate = chosen.get("frequency", 1000.0 / (0.2 * PERIOD * 0.5))
    np.testing.assert_allclose(np.abs(given).sum(axis=1), 2 * 40.0 * round(rate * 0.1), rtol=1e-6)


@pytest.mark.parametrize(
    ("overrides", "changes", "message"),
    [
        ([], {}, "counts in Hz, but the time of model=bvdp has no unit; use agent=open_loop"),
        (
            ["model=kuramoto", "stimulus.interval=20"],
            {},
            r"agent\.frequency=130: the stimulus acts every 10 ms, so up to 100 times a second",
        ),
    ],
)
def test_a_frequency_that_cannot_be_is_refused(overrides, changes, message):
    with pytest.raises(SettingError, match=message):
        controller("high_frequency", environment(*overrides), **changes)


def test_pulses_on_demand_begin_above_the_threshold_and_end_below():
    x = np.r_[sine(500, 0.1), sine(1000, 1.0), sine(1000, 0.1)]
    found = kicks("on_off", x, LOOP, **SHARP, **TRAIN, threshold=0.5)[:, 0]
    clock, now = kicks("open_loop", x, LOOP, **TRAIN)[:, 0], times(2500, LOOP)
    assert not found[(now < 500) | (now > 2000)].any()
    on = (now > 800) & (now < 1500)
    np.testing.assert_array_equal(found[on], clock[on])


def test_two_thresholds_ramp_pulses_up_and_down_and_hold_them_between():
    x = np.r_[sine(1000, 1.0), sine(1000, 0.5), sine(2000, 0.1)]
    found = kicks("dual_threshold", x, LOOP, **SHARP, **TRAIN, lower=0.3, upper=0.7, ramp=25.0)[:, 0]
    now = times(4000, LOOP)

    def level(time: int) -> float:
        return found[(now >= time) & (now < time + PERIOD)].max() / 0.02

    assert level(900) - level(500) == pytest.approx(400 / 2500, rel=0.02)
    assert level(1500) == level(1900) == pytest.approx(0.37, abs=0.06)
    assert level(2500) - level(2700) == pytest.approx(200 / 2500, rel=0.05)
    assert level(3800) == 0


def test_thresholds_in_the_wrong_order_are_refused():
    with pytest.raises(SettingError, match=r"agent\.lower=0\.5: must be at most agent\.upper=0\.4"):
        controller("dual_threshold", LOOP, lower=0.5, upper=0.4)


def test_kicks_by_chance_are_spread_as_they_say_and_follow_the_seed():
    silence = np.zeros((2, 4000))
    uniform = kicks("random", silence, LOOP, seed=3, size=0.5, distribution="uniform")
    normal = kicks("random", silence, LOOP, seed=3, size=0.5, distribution="normal")
    assert 0.49 < np.abs(uniform).max() <= 0.5
    assert uniform.std() == pytest.approx(0.5 / np.sqrt(3), rel=0.05)
    assert normal.std() == pytest.approx(0.5, rel=0.05)
    assert np.abs(np.r_[uniform, normal].mean()) < 0.02
    other = kicks("random", silence, LOOP, seed=4, size=0.5, distribution="uniform")
    np.testing.assert_array_equal(uniform[:, 1], other[:, 0])
    assert (uniform[:, 0] != uniform[:, 1]).any()
