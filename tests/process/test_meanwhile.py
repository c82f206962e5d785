"""Work beside other work is done at the end, and nothing of it is waited for where that goes wrong."""

from threading import Event

import pytest

from rldbs.process.meanwhile import meanwhile
from tests.conftest import HANGS


def test_work_is_begun_at_once_and_done_at_the_end():
    begun, finish, done = Event(), Event(), []

    def work() -> None:
        begun.set()
        assert finish.wait(HANGS)
        done.append(1)

    with meanwhile(work):
        assert begun.wait(HANGS)
        assert not done
        finish.set()
    assert done == [1]


def test_what_goes_wrong_with_it_is_left_to_who_asks_again():
    tried = []

    def work() -> None:
        tried.append(1)
        raise ZeroDivisionError

    with meanwhile(work):
        pass
    assert tried == [1]


def test_nothing_is_waited_for_where_the_block_ends_badly():
    never = Event()
    with pytest.raises(KeyboardInterrupt), meanwhile(never.wait):
        raise KeyboardInterrupt
    never.set()
