"""A train on demand: when it begins and ends, and from which recordings it knows."""

import numpy as np
import pytest

from rldbs.agents.classical.on_demand import OnDemandSettings
from rldbs.config.python_arguments import make_loop_settings
from rldbs.core.errors import SettingError

TRAIN = {"size": 850.0, "frequency": 100.0, "idle": 0.0}
GIVEN = {"channel": 0, "side": "below", "threshold": 20.0, "hysteresis": 3.0, **TRAIN}


def made(settings: dict[str, object], **overrides: object):
    loop = make_loop_settings("so2012", {"recording.variable": ["lfp", "x"], "recording.length": 4} | overrides)
    return OnDemandSettings(**settings).make(loop, 0)  # type: ignore[arg-type]


def windows(*means: float) -> np.ndarray:
    """Observations of several environments: the samples of lfp about a mean, then those of x."""
    return np.array([[mean - 1.0, mean + 1.0, mean, mean, 0.3, 0.3, 0.3, 0.3] for mean in means], np.float32)


def test_it_begins_below_the_threshold_and_ends_above_it_by_the_hysteresis():
    agent = made(GIVEN)
    given = np.array([agent.act(windows(mean))[0] for mean in (21.0, 19.0, 22.0, 23.5, 21.0)])
    assert given[:, 0] == pytest.approx(0.34)
    assert given[:, 1] == pytest.approx([-1.0, 0.0, 0.0, -1.0, -1.0])  # 100 of 0 to 200 Hz, or none


def test_where_the_lowest_frequency_gives_pulses_the_amplitude_ends():
    given = made(GIVEN, **{"stimulus.lowest": 40}).act(windows(21.0, 19.0))
    assert given[:, 0] == pytest.approx([0.0, 0.34])
    assert given[1, 1] == pytest.approx(-0.25)


def test_while_nothing_is_demanded_it_may_idle():
    given = made({**GIVEN, "idle": 50.0}, **{"stimulus.lowest": 40}).act(windows(21.0, 19.0))
    assert given[:, 0] == pytest.approx(0.34)
    assert given[:, 1] == pytest.approx([-0.875, -0.25])


def test_above_is_the_mirror_image_and_each_environment_has_its_own_state():
    agent = made({**GIVEN, "side": "above", "channel": 1, "threshold": 0.25, "hysteresis": 0.0})
    seen = windows(1.0, 2.0)
    seen[1, 4:] = 0.2
    assert agent.act(seen)[:, 1] == pytest.approx([0.0, -1.0])


def test_from_features_it_takes_the_mean_in_units_of_the_variable():
    features = {"recording": "features", "recording.length": 40, "recording.features": ["deviation", "mean"]}
    agent = made({**GIVEN, "hysteresis": 0.0}, **features)
    seen = np.array([[0.9, 0.38, 0.9, 0.9], [0.1, 0.42, 0.1, 0.1]], np.float32)  # of 0 to 50 µA/cm²
    assert agent.act(seen)[:, 1] == pytest.approx([0.0, -1.0])


@pytest.mark.parametrize(
    ("settings", "overrides", "words"),
    [
        (GIVEN, {"stimulus": "biphasic"}, "gives trains; use stimulus=train"),
        ({**GIVEN, "channel": 2}, {}, "agent.channel=2: must be below 2"),
        (GIVEN, {"recording": "features", "recording.length": 40, "recording.features": ["bands"]}, "needs the mean"),
        ({**GIVEN, "frequency": 300.0}, {}, "agent.frequency=300: must be from"),
        ({**GIVEN, "idle": 20.0}, {"stimulus.lowest": 40}, "agent.idle=20: must be from stimulus.lowest=40"),
    ],
)
def test_what_cannot_be_is_refused(settings, overrides, words):
    with pytest.raises(SettingError, match=words.replace(".", r"\.")):
        made(settings, **overrides)
