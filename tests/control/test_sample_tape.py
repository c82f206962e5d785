"""The tape gives back any window that is still on it, and goes on where it was saved."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rldbs.control.sample_tape import Tape
from rldbs.core.errors import RunError

MEMORY, LENGTH = 5, 23


class Remembered:
    """A tape beside the whole series of each environment."""

    def __init__(self, channels: int, environments: int) -> None:
        self.tape = Tape(channels, environments, MEMORY, LENGTH)
        self.series = [np.zeros((0, channels)) for _ in range(environments)]
        self.rng = np.random.default_rng(0)
        self.channels = channels

    def go_on(self, steps: int, restarts: list[int]) -> None:
        environments = len(self.series)
        values = self.rng.standard_normal((environments, steps, self.channels))
        self.tape.append(values)
        self.series = [np.concatenate([a, b]) for a, b in zip(self.series, values, strict=True)]
        rows = np.array(sorted({row % environments for row in restarts}), np.int64)
        past = self.rng.standard_normal((len(rows), MEMORY, self.channels))
        self.tape.restart(rows, past)
        for row, own in zip(rows, past, strict=True):
            self.series[row] = np.concatenate([self.series[row], own])

    def check(self, tape: Tape) -> None:
        assert tape.now.tolist() == list(map(len, self.series))
        for row, series in enumerate(self.series):
            for end in range(max(MEMORY, len(series) - LENGTH + MEMORY), len(series) + 1):
                window = tape.windows(np.array([row]), np.array([end]))[:, 0]
                np.testing.assert_array_equal(window, series[end - MEMORY : end].T)


MOVES = st.lists(st.tuples(st.integers(0, 4), st.lists(st.integers(0, 9), max_size=2)), max_size=30)


@settings(max_examples=30, deadline=None)
@given(channels=st.integers(1, 3), environments=st.integers(1, 3), before=MOVES, after=MOVES)
def test_every_window_on_it_is_what_was_recorded_also_after_it_was_saved(channels, environments, before, after):
    remembered = Remembered(channels, environments)
    for steps, restarts in before:
        remembered.go_on(steps, restarts)
    remembered.check(remembered.tape)
    saved = remembered.tape.saved()
    assert saved["values"].shape[2] == min(max(map(len, remembered.series)), LENGTH)
    again = Tape(channels, environments, MEMORY, LENGTH)
    again.restore(saved)
    remembered.check(again)
    remembered.tape = again
    for steps, restarts in after:
        remembered.go_on(steps, restarts)
    remembered.check(again)


def test_it_knows_which_windows_it_holds():
    tape = Tape(1, 2, MEMORY, LENGTH)
    tape.append(np.zeros((2, 30, 1)))
    for end, back, held in (
        (30, 0, True),
        (31, 0, False),
        (12, 0, True),
        (11, 0, False),
        (13, 1, True),
        (12, 1, False),
    ):
        assert tape.holds(np.array([[30, end]]), back) is held


@pytest.mark.parametrize("now", [[-1, 3], [2**62, 3], [3], [[3, 3]], [3.0, 3.0]])
def test_what_no_tape_was_is_refused(now):
    with pytest.raises(RunError, match="saved state now"):
        Tape(1, 2, MEMORY, LENGTH).restore({"now": np.array(now), "values": np.zeros((1, 2, 3))})


def test_values_of_another_length_are_refused():
    with pytest.raises(RunError, match="saved state values"):
        Tape(1, 2, MEMORY, LENGTH).restore({"now": np.array([3, 4]), "values": np.zeros((1, 2, 3))})
