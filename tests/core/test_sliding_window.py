"""The window that slides over a signal has the standard deviation that it has by definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rldbs.core.sliding_window import first_window, rolling_std, sum_until


@given(
    arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(2, 60)), elements=st.floats(-1e3, 1e3)),
    st.floats(0.5, 70),
)
def test_rolling_std_is_the_std_of_every_window(x, period):
    width = max(2, round(period))
    rolling = rolling_std(x, period)
    assert rolling.shape == (len(x), max(0, x.shape[1] - width + 1))
    if rolling.size:
        windows = np.lib.stride_tricks.sliding_window_view(x, width, axis=1)
        # The cancellation error of a variance is some 1e-16 of the largest square, its root 1e-8 of x.
        assert rolling == pytest.approx(windows.std(axis=-1), abs=1e-6 * max(1, np.abs(x).max()), rel=1e-6)


def test_the_first_window_counts_to_its_end_and_sums_end_there():
    reached = np.array([[False, True, True], [False, False, False]])
    steps = first_window(reached, 4)
    np.testing.assert_array_equal(steps, [5.0, np.nan])
    np.testing.assert_array_equal(sum_until(np.ones((2, 7)), steps), [5.0, np.nan])


def test_no_window_is_none_that_is_reached():
    assert np.isnan(first_window(np.empty((2, 0), np.bool_), 4)).all()
