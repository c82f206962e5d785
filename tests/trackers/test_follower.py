"""A tracker hears of everything in turn; whatever fails there is told once, and hinders nothing."""

import threading

import pytest

from rldbs.process.stop import Stopped
from rldbs.trackers import follower
from rldbs.trackers.follower import followed
from rldbs.trackers.tracked_run import TrackedRun
from tests.trackers.recorded import TOLD, Recorded


@pytest.fixture
def run(tmp_path):
    TOLD.clear()
    return TrackedRun("0" * 16, "a run", None, tmp_path, {"agent": {"name": "ppo", "hidden": [64, 64]}}, "", ())


def test_rows_and_files_come_in_turn_and_numbers_that_are_none_are_left_out(run, tmp_path):
    said = []
    with followed("own", Recorded(), run, said.append) as following:
        following.row({"steps": 8.0, "reward": -1.0, "suppression": float("nan")})
        following.keep({"a": tmp_path})
    assert [what for what, _ in TOLD] == ["follow", "row", "keep", "end"]
    assert [one for _, one in TOLD] == [run, (8, {"reward": -1.0}), {"a": tmp_path}, "done"]
    assert said == []
    assert run.settings() == {"agent.name": "ppo", "agent.hidden": [64, 64]}


@pytest.mark.parametrize("fails", ["follow", "row", "keep", "end"])
def test_what_fails_is_told_once_in_one_line_that_upsets_no_terminal(run, fails):
    said = []
    with followed("own", Recorded(fails), run, said.append) as following:
        for steps in range(50):
            following.row({"steps": steps, "reward": 0.0})
        following.keep({})
    assert len(said) == 1
    assert said[0].startswith(f"tracker=own: OSError: no {fails} \\x1b[31m!")
    assert said[0].endswith("!\nThe run goes on without it; all is in its folder")
    assert len(said[0]) < 320
    assert fails not in [what for what, _ in TOLD]


@pytest.mark.parametrize(
    ("error", "status"),
    [(ValueError(), "failed"), (Stopped("", 2), "interrupted"), (KeyboardInterrupt(), "interrupted")],
)
def test_how_a_run_ends_is_told_and_the_error_stays_what_it_is(run, error, status):
    with pytest.raises(type(error)) as raised, followed("own", Recorded(), run, print):
        raise error
    assert raised.value is error
    assert TOLD[-1] == ("end", status)


def test_a_tracker_that_is_not_installed_any_more_is_told_at_once(run):
    said = []
    with followed("own", Recorded(lacks="needs a package"), run, said.append) as following:
        assert said == ["tracker=own: needs a package\nThe run goes on without it; all is in its folder"]
        following.row({"steps": 8.0})
    assert TOLD == []
    assert len(said) == 1


def test_one_that_does_not_answer_is_not_waited_for(run, monkeypatch):
    monkeypatch.setattr(follower, "PATIENCE", 0.01)
    answers, said = threading.Event(), []

    class Silent(Recorded):
        def follow(self, run):
            answers.wait()
            return super().follow(run)

    with followed("own", Silent(), run, said.append) as following:
        following.row({"steps": 8.0})
    answers.set()
    assert said == [
        "tracker=own: is not done after 0.01 s, and is not waited for\nThe run goes on without it; all is in its folder"
    ]
