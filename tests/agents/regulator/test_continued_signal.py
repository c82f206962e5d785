"""The windows of a centred recording, each with a zero of its own, are one signal."""

import numpy as np
import pytest

from rldbs.agents.regulator.continued_signal import ContinuedSignal
from rldbs.config.python_arguments import make_loop_settings
from rldbs.control.loop import ClosedLoop
from tests.control.test_loop import actions

SMALL = {"neurons": 30, "transient": 100, "populations": 4, "snapshots": 2, "episode.steps": 2000, "length": 80}
SAMPLED = {
    "every second step": {"recording.stride": 2, "interval": 1},
    "every second step, decisions at odd intervals": {"recording.stride": 2, "interval": 5},
    "every step": {"recording.stride": 1, "interval": 1},
    "every third step": {"recording.stride": 3, "interval": 1},
    "several samples from decision to decision": {"recording.stride": 2, "interval": 4},
}
TOLERANCE, COARSE = 2e-3, 1e-2
"""In a mean field whose range is about 4; the second where windows that are joined by straight lines are ten steps
apart."""


class Followed:
    """A loop whose signal is followed, beside the mean field itself."""

    def __init__(self, environments: int = 3, **overrides: object) -> None:
        self.loop = ClosedLoop(make_loop_settings("bvdp", SMALL | overrides), environments, seed=0)
        self.loop.reset()
        self.channel, self.signal = 0, ContinuedSignal(self.loop.settings, 0)

    def go(self, steps: int, seen: list[np.ndarray] | None = None) -> tuple[np.ndarray, np.ndarray]:
        """The signal and the newest value of the mean field, (steps, environments) each."""
        signal, field = np.empty((2, steps, self.loop.environments))
        for k, action in enumerate(0.3 * actions(self.loop.environments, steps)):
            observed = self.loop.observe()
            signal[k] = self.signal(observed)
            if seen is not None:
                seen.append(observed[:, -1])
            field[k] = self.loop.mean_field[:, -1, self.channel]
            self.loop.step(action)
        return signal, field


def moved(signal: np.ndarray, field: np.ndarray) -> float:
    """How far a signal is from the field, at most, but for one constant in each environment."""
    apart = signal - field
    return float(np.abs(apart - apart[-1]).max())


@pytest.mark.parametrize("sampled", SAMPLED.values(), ids=SAMPLED)
def test_centred_windows_go_on_as_the_mean_field_does(sampled):
    run = Followed(centered=True, **sampled)
    newest = []
    signal, field = run.go(600, seen=newest)
    assert np.ptp(field) > 1
    tolerance = COARSE if sampled["interval"] == 5 else TOLERANCE
    assert moved(signal, field) < tolerance < moved(np.array(newest), field) / 5  # alone it is none: its zero wanders


def test_windows_of_one_chain_go_on_to_the_last_digits():
    for sampled in ({"recording.stride": 1, "interval": 1}, {"recording.stride": 2, "interval": 4}):
        assert moved(*Followed(centered=True, **sampled).go(2000)) < 1e-4


def test_the_zero_is_that_of_the_first_window():
    run = Followed(centered=True)
    observed = run.loop.observe()
    np.testing.assert_array_equal(run.signal(observed), observed[:, -1])


@pytest.mark.parametrize("channel", [0, 1])
def test_an_uncentred_window_is_its_newest_sample(channel):
    run = Followed(centered=False, **{"recording.variable": ["x", "y"]})
    signal = ContinuedSignal(run.loop.settings, channel)
    for action in actions(3, 20):
        observed = run.loop.observe()
        np.testing.assert_array_equal(signal(observed), observed[:, 79 + 80 * channel])
        run.loop.step(action)


def test_of_several_variables_the_channel_is_followed():
    run = Followed(centered=True, **{"recording.variable": ["x", "y"]})
    run.channel, run.signal = 1, ContinuedSignal(run.loop.settings, 1)
    assert moved(*run.go(300)) < TOLERANCE


def test_windows_that_share_no_sample_stay_apart():
    run = Followed(centered=True, length=4, **{"recording.stride": 1, "interval": 5})
    observed = run.loop.observe()
    run.signal(observed)
    run.loop.step(np.ones((3, 1)))
    observed = run.loop.observe()
    np.testing.assert_array_equal(run.signal(observed), observed[:, -1])


@pytest.mark.parametrize("sampled", SAMPLED.values(), ids=SAMPLED)
def test_an_environment_that_restarts_begins_anew_and_the_others_go_on(sampled):
    run, other = Followed(centered=True, **sampled), Followed(centered=True, **sampled)
    run.go(51), other.go(51)
    rows = np.array([False, True, False])
    for each in (run, other):
        each.loop.reset(rows)
    run.signal.restart(np.array([1]))
    fresh = ContinuedSignal(run.loop.settings, 0)
    for action in 0.3 * actions(3, 200, seed=5):
        observed = run.loop.observe()
        now, alone, kept = run.signal(observed), fresh(observed), other.signal(other.loop.observe())
        np.testing.assert_array_equal(now[[0, 2]], kept[[0, 2]])
        np.testing.assert_allclose(now[1], alone[1], atol=1e-12)
        for each in (run, other):
            each.loop.step(action)


def test_a_restart_before_the_first_window_changes_nothing():
    run = Followed(centered=True)
    run.signal.restart(np.array([0, 2]))
    assert moved(*run.go(50)) < TOLERANCE


@pytest.mark.parametrize("sampled", SAMPLED.values(), ids=SAMPLED)
def test_a_branch_goes_on_as_its_source_and_leaves_it_alone(sampled):
    run = Followed(centered=True, **sampled)
    run.go(51)
    sources = np.array([2, 0, 2, 1, 1])
    branch = run.signal.branched(sources)
    for action in 0.3 * actions(3, 100, seed=5):
        observed = run.loop.observe()
        other = branch(observed[sources])
        np.testing.assert_array_equal(other, run.signal(observed)[sources])
        run.loop.step(action)
