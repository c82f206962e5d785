"""The signal: a line through the newest samples, from the rest point."""

import numpy as np
import pytest

from rldbs.agents.classical.delay_line import Past
from rldbs.agents.classical.linear import ProportionalSettings
from rldbs.core.errors import SettingError
from tests.agents.classical.listening import environment, kicks_of_contacts, windows

RANDOM = np.random.default_rng(0)


def signal(loop, channel=0, offset=0.0, baseline=None, smoothing=1):
    return ProportionalSettings(
        channel=channel, offset=offset, baseline=baseline, smoothing=smoothing, gain=1.0
    ).signal(loop)


@pytest.mark.parametrize("smoothing", [2, 5, 40])
def test_smoothing_is_a_least_squares_line_read_at_its_end(smoothing):
    loop, seen = environment(), RANDOM.normal(size=(3, 40)).astype(np.float32)
    listening = signal(loop, smoothing=smoothing)
    for row in range(3):
        slope, value = np.polyfit(np.arange(1 - smoothing, 1) * 2, seen[row, -smoothing:], 1)
        assert listening.value(seen)[row] == pytest.approx(value)
        assert listening.slope(seen)[row] == pytest.approx(slope)


def test_without_smoothing_it_is_the_newest_sample():
    seen = RANDOM.normal(size=(3, 40)).astype(np.float32)
    assert signal(environment()).value(seen).tolist() == seen[:, -1].astype(np.float64).tolist()


@pytest.mark.parametrize(
    ("overrides", "offset", "rest"),
    [
        ([], None, -0.27),
        ([], 0.5, 0.5),
        (["recording.centered=true"], 0.5, 0.0),
        (["recording.variable=y"], None, 3.0),
        (["recording.sigmoid=1"], None, 3.0),
    ],
    ids=["set-point of x", "given", "centred", "the window's mean of y", "and of what a sigmoid has changed"],
)
def test_the_signal_counts_from_its_rest_point(overrides, offset, rest):
    seen = np.full((1, 40), 3.0, np.float32)
    seen[0, 0], seen[0, -1] = 2.0, 4.0
    assert signal(environment(*overrides), offset=offset).value(seen) == pytest.approx(4.0 - rest)


def test_a_second_channel_is_the_second_variable():
    seen = np.arange(80, dtype=np.float32)[None]
    loop = environment("recording.variable=[x,y]")
    assert [signal(loop, channel).value(seen)[0] for channel in (0, 1)] == [39, 79]


SITES = "electrode.sites=[[3.5,0,0],[-3.5,0,0]]"


@pytest.mark.parametrize(
    ("variables", "channel", "heard"),
    [
        ("[x1,x2,x,y]", "each", [0, 1, 2, 3]),
        ("[x,x1,x2]", "nearest", [2, 2, 1, 1]),
        ("[y2,x2]", "nearest", [1, 1, 1, 1]),
    ],
)
@pytest.mark.parametrize(
    "name", ["proportional", "pd", "delayed_feedback", "passive_oscillator", "phase_pulses", "on_off"]
)
def test_every_contact_does_what_it_would_alone_with_its_channel(name, variables, channel, heard):
    """Contacts are at −3.75, −1.25, 1.25 and 3.75 mm along the line, sites 1 and 2 at 3.5 and −3.5 mm."""
    loop = environment("model=kuramoto_line", SITES, f"recording.variable={variables}")
    x = np.sin(np.arange(300) * 2 * np.pi / 100 + RANDOM.random((loop.recording.channels, 2, 1)))
    found = kicks_of_contacts(name, x, loop, channel=channel)
    assert found.shape[1:] == (2, 4)
    for contact, own in enumerate(heard):
        alone = kicks_of_contacts(name, x, loop, channel=own)
        np.testing.assert_array_equal(found[:, :, contact], alone[:, :, contact])


def test_x_at_a_site_counts_from_the_set_point_like_x():
    loop = environment("model=kuramoto_line", SITES, "recording.variable=[x1,x2,y1]", "model.set_point=0.5")
    seen = np.arange(120, dtype=np.float32)[None]
    assert signal(loop, 1, offset=None).value(seen) == pytest.approx(79 - 0.5)
    assert signal(loop, 2, offset=None).value(seen) == pytest.approx(119 - 99.5)


@pytest.mark.parametrize(
    ("overrides", "channel", "message"),
    [
        (["model=kuramoto_line"], "each", r"there are 4 contacts, so recording\.variable must be as many; it is x$"),
        (["model=kuramoto_line"], "nearest", r"no site is recorded; give electrode\.sites, and recording\.variable="),
        (["model=kuramoto"], "nearest", "electrode=uniform has no place"),
        (["model=kuramoto_line", "stimulus.together=true"], "each", r"kick of its own, but stimulus\.together=true"),
    ],
)
def test_channels_that_contacts_cannot_have_are_refused(overrides, channel, message):
    with pytest.raises(SettingError, match=rf"agent\.channel={channel}: .*{message}"):
        signal(environment(*overrides), channel)


def test_the_baseline_forgets_an_offset_and_leaves_the_rhythm():
    loop = environment()
    listening = signal(loop, baseline=2.0)
    heard = [listening.value(seen)[0] for seen in windows(5.0 + np.sin(np.arange(4000) * 2 * np.pi / 100), loop)]
    assert heard[0] > 3
    assert np.mean(heard[-1000:]) == pytest.approx(0.0, abs=1e-3)
    assert np.std(heard[-1000:]) == pytest.approx(np.sqrt(0.5), rel=0.02)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"channel": 1}, "agent.channel=1: must be below 1"),
        ({"smoothing": 41}, "agent.smoothing=41: must be at most recording.length=40"),
    ],
)
def test_a_signal_that_is_not_recorded_is_refused(setting, words):
    with pytest.raises(SettingError, match=words):
        signal(environment(), **setting)


@pytest.mark.parametrize("delay", [0.0, 0.4, 3.0, 25.7, 70.3])
def test_the_past_is_longer_than_the_window(delay):
    """Samples two decisions apart, of which there are 10; before them, the oldest."""
    x = RANDOM.normal(size=300).cumsum()
    first = 40
    past = Past(delay, x[first - 18 : first + 1 : 2], spacing=2.0)
    known = np.concatenate([np.arange(first - 18, first, 2), np.arange(first, 300)])
    for now in range(first, 300):
        expected = np.interp(now - delay, known[known <= now], x[known[known <= now]])
        nearest = np.floor(now - delay), np.ceil(now - delay)
        expected = (
            np.average(
                np.interp(nearest, known[known <= now], x[known[known <= now]]),
                weights=[1 - delay % 1, delay % 1][::-1],
            )
            if delay % 1
            else expected
        )
        assert past.delayed(x[now : now + 1].reshape(())) == pytest.approx(expected)
