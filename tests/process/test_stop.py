"""Stopping from outside: the first signal asks, the second one ends."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from rldbs.process.stop import NOTICE, SIGNALS, Stopped, StopRequest, end_cleanly, note_signals, stop_requests
from tests.conftest import HANGS


@pytest.fixture(autouse=True)
def _as_before():
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def handlers() -> list[object]:
    return [signal.getsignal(number) for number in SIGNALS]


@pytest.mark.parametrize("number", [number for number in SIGNALS if number != NOTICE])
def test_the_first_signal_asks_and_the_second_ends(number):
    before = handlers()
    with pytest.raises(Stopped, match="Stopped at once") as stopped, stop_requests() as request:  # noqa: PT012
        assert request.number is None
        os.kill(os.getpid(), number)
        assert request.number == number
        os.kill(os.getpid(), number)
    assert stopped.value.code == 128 + number
    assert handlers() == before


def test_a_second_signal_may_be_another_one():
    with pytest.raises(Stopped) as stopped, stop_requests():  # noqa: PT012
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
    assert stopped.value.number == signal.SIGINT


def test_a_notice_asks_and_so_does_the_signal_that_it_announces():
    with pytest.raises(Stopped) as stopped, stop_requests() as request:  # noqa: PT012
        for number in (NOTICE, signal.SIGTERM, NOTICE):
            os.kill(os.getpid(), number)
            assert request.number == NOTICE
    assert (stopped.value.number, str(stopped.value)) == (NOTICE, "")


def test_a_notice_that_follows_a_signal_is_the_one_that_counts():
    with pytest.raises(Stopped) as stopped, stop_requests():  # noqa: PT012
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), NOTICE)
    assert stopped.value.number == NOTICE


def test_the_second_signal_after_a_notice_ends():
    with pytest.raises(Stopped, match="Stopped at once") as stopped, stop_requests():  # noqa: PT012
        for number in (NOTICE, signal.SIGTERM, signal.SIGTERM):
            os.kill(os.getpid(), number)
    assert stopped.value.number == signal.SIGTERM


def test_what_was_ignored_stays_ignored():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    end_cleanly()
    with stop_requests() as request:
        os.kill(os.getpid(), signal.SIGHUP)
        assert request.number is None
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_handlers_are_put_back_whatever_happens_in_the_block():
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    before = handlers()
    with pytest.raises(KeyError), stop_requests():  # noqa: PT012
        assert handlers() != before
        raise KeyError
    assert handlers() == before


def test_outside_the_main_thread_nothing_changes():
    before, seen = handlers(), []

    def block() -> None:
        with stop_requests() as request:
            seen.append((handlers(), request.number))

    thread = threading.Thread(target=block)
    thread.start()
    thread.join()
    assert seen == [(before, None)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, NOTICE])
def test_the_program_ends_cleanly_with_the_number_of_the_signal(number):
    end_cleanly()
    with pytest.raises(Stopped, match="Stopped") as stopped:
        os.kill(os.getpid(), number)
    assert stopped.value.code == 128 + number


LATE = """
import atexit, os, signal
from rldbs.cli import main

atexit.register(lambda: os.kill(os.getpid(), signal.{name}))  # ours comes before it
main(["--version"])
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR2"])
def test_a_signal_that_comes_on_the_way_out_changes_nothing(name):
    ended = subprocess.run(
        [sys.executable, "-c", LATE.format(name=name)], capture_output=True, text=True, check=False, timeout=HANGS
    )
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, NOTICE])
def test_what_came_before_a_request_is_met_by_it(number):
    """A signal comes while a run is still being prepared: its learning must not begin as if nothing had come."""
    seen = []
    with pytest.raises(Stopped), stop_requests() as outer:  # noqa: PT012
        os.kill(os.getpid(), number)
        with stop_requests() as inner:
            seen.append(inner.number)
    assert (seen, outer.number) == ([number], number)


def test_the_second_signal_ends_also_where_the_first_came_to_a_request_around_it():
    with pytest.raises(Stopped, match="Stopped at once"), stop_requests():  # noqa: PT012
        os.kill(os.getpid(), signal.SIGINT)
        with stop_requests():
            os.kill(os.getpid(), signal.SIGINT)


def test_noted_signals_are_requests_and_ignored_ones_stay_ignored():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    request = StopRequest()
    note_signals(request)
    os.kill(os.getpid(), signal.SIGHUP)
    assert request.number is None
    os.kill(os.getpid(), NOTICE)
    assert request.number == NOTICE
