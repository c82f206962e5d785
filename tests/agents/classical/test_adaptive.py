"""Adaptive DBS in ms: the amplitude that it follows, thresholds, ramps, and what is refused."""

import numpy as np
import pytest

from rldbs.core.errors import SettingError
from tests.agents.classical.listening import controller, environment, kicks

LOOP = environment("model=stn_gpe", "recording.length=4", "recording.stride=5", "stimulus.amplitude=100")
SECOND = 1000  # steps of 1 ms; a decision takes 10, samples are 5 apart
BETA = {"channel": 0, "low": 13.0, "high": 35.0, "window": 100.0, "size": 10.0, "ramp": 0.0}
ON_OFF = {**BETA, "threshold": 2.0, "percentile": 50.0}
DUAL = {**BETA, "lower": 2.0, "upper": 4.0, "lower_percentile": 25.0, "upper_percentile": 50.0}
PI = {**BETA, "gain": 2.0, "integral_time": 1e4, "target": 1.0, "percentile": 25.0}


def rhythm(*sizes: float, hertz: float = 20.0) -> np.ndarray:
    """A rhythm whose amplitude is another one in each second."""
    time = np.arange(len(sizes) * SECOND)
    return 15.0 + np.repeat(sizes, SECOND) * np.sin(2.0 * np.pi * hertz * time / 1000.0)


def currents(name: str, signal: np.ndarray, **settings: object) -> np.ndarray:
    """The currents, one every 10 ms, with those of the seconds apart."""
    found = kicks(name, signal, LOOP, **settings)[:, 0]
    return found[: len(found) // 100 * 100].reshape(-1, 100)


def test_a_sine_within_the_band_has_its_amplitude_and_one_outside_has_none():
    envelope = controller("beta_on_off", LOOP, **ON_OFF).envelope
    time = np.arange(0, 3000, 5)
    found = envelope.of(15.0 + 3.0 * np.sin(2.0 * np.pi * 22.0 * time / 1000.0)[None])
    assert found[0, 300:].mean() == pytest.approx(3.0, rel=0.03)
    other = controller("beta_on_off", LOOP, **ON_OFF).envelope
    assert other.of(15.0 + 3.0 * np.sin(2.0 * np.pi * 3.0 * time / 1000.0)[None])[0, 300:].max() < 0.3


def test_the_amplitude_is_the_same_whatever_comes_at_once():
    x = rhythm(1.0, 3.0)[None, ::5]
    whole = controller("beta_on_off", LOOP, **ON_OFF).envelope.of(x)
    apart = controller("beta_on_off", LOOP, **ON_OFF).envelope
    np.testing.assert_allclose(np.concatenate([apart.of(x[:, k : k + 7]) for k in range(0, 400, 7)], axis=1), whole)


def test_a_current_comes_with_the_rhythm_and_goes_with_it():
    found = currents("beta_on_off", rhythm(0.5, 5.0, 0.5, 0.5), **ON_OFF)
    assert not found[0].any()
    assert found[1, 40:] == pytest.approx(10.0)
    assert found[1, :4].tolist() == [0.0] * 4, "an average is late"
    assert not found[2, 60:].any()


def test_between_two_thresholds_the_current_stays_what_it_is():
    found = currents("beta_dual", rhythm(3.0, 6.0, 3.0, 0.5, 3.0, 3.0), **DUAL)
    np.testing.assert_allclose(found[:, 80:].mean(axis=1)[:5], [0.0, 10.0, 10.0, 0.0, 0.0], atol=1e-5)


def test_a_ramp_takes_its_time_up_and_down():
    steps = np.diff(currents("beta_on_off", rhythm(0.5, 5.0, 0.5, 0.5), **{**ON_OFF, "ramp": 200.0}).ravel())
    np.testing.assert_allclose(np.abs(steps[np.abs(steps) > 1e-6]), 0.5, atol=1e-5)
    assert (steps > 1e-6).sum() == (steps < -1e-6).sum() == 20


def test_a_current_in_proportion_grows_with_the_rhythm_and_keeps_its_limits():
    found = currents("beta_pi", rhythm(0.5, 2.0, 4.0, 40.0, 0.5, 0.5), **PI)
    late = found[:, 80:].mean(axis=1)
    assert late[0] == late[-1] == 0.0
    assert late[1] == pytest.approx(2.0 * (2.0 - 1.0), rel=0.3)
    assert late[2] == pytest.approx(2.0 * (4.0 - 1.0), rel=0.3)
    assert late[3] == pytest.approx(10.0)
    assert found.min() == 0.0
    faster = currents("beta_pi", rhythm(2.0, 2.0, 2.0), **{**PI, "integral_time": 500.0})
    assert faster[-1, -1] > 2.0 * found[1, -1], "what stays off counts more and more"


def test_percentiles_are_those_of_free_populations():
    values = [
        controller("beta_on_off", environment("model=stn_gpe", f"model.state={state}"), **{**ON_OFF, "threshold": None})
        for state in (0.0, 0.3)
    ]
    healthy, ill = (one.threshold for one in values)
    assert 0.5 < healthy < 1.5
    assert 2.0 < ill < 5.0


@pytest.mark.parametrize(
    ("overrides", "changes", "words"),
    [
        (("model=bvdp",), {}, "agent.window=100: is in ms, but the time of model=bvdp has no unit"),
        (("model=stn_gpe",), {"channel": 1}, "agent.channel=1: must be below 1"),
        (("model=stn_gpe", "recording.stride=5"), {"high": 120.0}, "must rise, and end below 100 Hz"),
        (("model=stn_gpe",), {"low": 40.0}, "must rise"),
        (("model=stn_gpe", "recording.stride=4"), {}, "recording.stride=4: must divide stimulus.interval=10"),
        (("model=stn_gpe", "recording.length=1"), {}, "recording.length must hold that"),
        (("model=stn_gpe", "recording.sigmoid=1"), {"threshold": None}, "no percentiles of a signal behind"),
    ],
)
def test_what_does_not_go_together_is_refused(overrides, changes, words):
    with pytest.raises(SettingError, match=words):
        controller("beta_on_off", environment(*overrides), **{**ON_OFF, **changes})


def test_thresholds_must_rise():
    with pytest.raises(SettingError, match="must be at most the upper threshold, 4"):
        controller("beta_dual", LOOP, **{**DUAL, "lower": 5.0})
