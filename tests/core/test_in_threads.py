"""Calculations side by side give what they give one after the other."""

import threading

import pytest

from rldbs.core.in_threads import in_threads


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_the_order_of_the_arguments(threads):
    assert in_threads(divmod, ((k, 3) for k in range(7)), threads) == [divmod(k, 3) for k in range(7)]


def test_one_thread_is_the_one_that_asks():
    assert in_threads(threading.get_ident, [()], 1) == [threading.get_ident()]


def test_two_are_at_work_at_once():
    meeting = threading.Barrier(2)
    assert sorted(in_threads(meeting.wait, [(10,), (10,)], 2)) == [0, 1]


@pytest.mark.parametrize("threads", [1, 2])
def test_the_first_error_comes_through(threads):
    with pytest.raises(ZeroDivisionError):
        in_threads(divmod, [(1, 1), (1, 0), ("a", 1)], threads)
