"""The course of a disease: how severe it is when an episode begins, and that it comes and goes as it says."""

import pickle

import numpy as np
import pytest

from rldbs.config.composition import compose
from rldbs.config.python_arguments import make_loop_settings
from rldbs.config.schema import evaluate_settings
from rldbs.control.course import Spells, Switching
from rldbs.control.loop import ClosedLoop
from rldbs.core.errors import RunError, SettingError

SMALL = {"start.populations": 4, "start.snapshots": 1, "model.transient": 20, "model.substeps": 5, "interval": 200}
QUICK = {"course": "switching", "course.shortest": 40.0, "course.longest": 60.0}
NONE = np.array([0.0, -1.0])


def loop(environments: int, seed: int = 0, **overrides: object) -> ClosedLoop:
    made = ClosedLoop(make_loop_settings("so2012", SMALL | overrides), environments, seed)
    made.reset()
    return made


def severities(made: ClosedLoop, steps: int) -> np.ndarray:
    found = [made.ensemble.coupling.copy()]
    for _ in range(steps):
        made.step(np.tile(NONE, (made.environments, 1)))
        found.append(made.ensemble.coupling.copy())
    return np.array(found)


def spells(step: float, course: Switching, seed: int = 0) -> np.ndarray:
    """Severities at 4000 steps of one environment."""
    made, severity = Spells(course, 1, step), np.array([course.high])
    made.seed(0, np.random.default_rng(seed))
    made.begin(np.array([0]))
    found = []
    for _ in range(4000):
        found.append(severity[0])
        made.follow(severity)
    return np.array(found)


def test_each_state_stays_for_a_time_within_the_range():
    found = spells(1.0, Switching(0.1, 0.9, 30.0, 50.0))
    assert {*np.unique(found).tolist()} == {0.1, 0.9}
    lengths = np.diff(np.flatnonzero(np.diff(found)))
    assert lengths.min() >= 29
    assert lengths.max() <= 51
    assert len({*lengths.tolist()}) > 10
    assert lengths.mean() == pytest.approx(40.0, abs=2.0)


def test_times_are_kept_whatever_the_step():
    """A step longer than a spell takes the spells that have passed within it, and half of the time is in either."""
    fine, coarse = (
        spells(1.0, Switching(shortest=30.0, longest=30.0)),
        spells(100.0, Switching(shortest=20.0, longest=40.0)),
    )
    assert {*np.diff(np.flatnonzero(np.diff(fine))).tolist()} == {30}
    assert coarse.mean() == pytest.approx(0.5, abs=0.05)


def test_episodes_begin_anywhere_within_a_state_and_in_either():
    first, left = [], []
    for seed in range(60):
        made = Spells(Switching(), 1, 100.0)
        made.seed(0, np.random.default_rng(seed))
        made.begin(np.array([0]))
        left.append(made.saved()["left"][0])
        first.append(Switching().first(1.0, np.random.default_rng(seed)))
    assert np.mean(left) == pytest.approx(300.0, abs=60.0)
    assert min(left) > 0.0
    assert 15 < sum(first) < 45


def test_the_state_of_the_network_is_that_of_the_course():
    made = loop(2, **QUICK)
    found = severities(made, 12)
    assert {*np.unique(found).tolist()} == {0.0, 1.0}
    names = made.model.variable_names
    assert made.mean_field[:, -1, names.index("severity")].tolist() == found[-2].tolist()  # in which the step was taken


def test_a_course_goes_on_where_it_was_saved_and_is_the_same_alone():
    batch, alone = loop(3, 5, **QUICK), loop(1, 6, **QUICK)
    before = severities(batch, 4)
    np.testing.assert_array_equal(severities(alone, 4)[:, 0], before[:, 1])
    saved, copy = alone.saved(), pickle.loads(pickle.dumps(alone))
    after = severities(alone, 6)
    np.testing.assert_array_equal(severities(batch, 6)[:, 1], after[:, 0])
    np.testing.assert_array_equal(severities(copy, 6), after)
    alone.restore(saved)
    np.testing.assert_array_equal(severities(alone, 6), after)


@pytest.mark.parametrize(("name", "value"), [("changes.left", 61.0), ("changes.left", -1.0)])
def test_a_state_that_none_can_be_in_is_refused(name, value):
    made = loop(1, **QUICK)
    saved = made.saved()
    saved[name] = np.array([value])
    with pytest.raises(RunError, match="left"):
        made.restore(saved)


def test_nothing_switches_while_environments_rest():
    made = loop(2, **QUICK)
    before = made.ensemble.coupling.copy()
    made.rest(4)
    np.testing.assert_array_equal(made.ensemble.coupling, before)


def test_severity_is_drawn_for_each_episode():
    made = loop(40, course="drawn", **{"course.low": 0.2, "course.high": 0.8})
    first = made.ensemble.coupling.copy()
    assert first.min() < 0.35
    assert first.max() > 0.65
    assert ((first >= 0.2) & (first <= 0.8)).all()
    made.reset()
    assert (made.ensemble.coupling != first).all()


def test_without_a_course_nothing_is_saved_of_one():
    assert not [name for name in loop(1).saved() if "left" in name or "spells" in name]


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["model=bvdp", "course=switching"], "course=switching: is not for model=bvdp, which has no disease"),
        (["model=so2012", "course=drawn", "course.low=0.5", "course.high=0.5"], "course.low=0.5: must be below"),
        (["model=so2012", "course=switching", "course.shortest=900"], "course.shortest=900: must be at most"),
        (["model=so2012", "course=switching", "course.high=2"], "course.high=2: must be a number from 0 to 1"),
        (["model=so2012", "coupling=drawn"], "is not for model=so2012, whose severity changes by course="),
    ],
)
def test_what_cannot_be_is_refused(overrides, words):
    with pytest.raises(SettingError, match=words.replace(".", r"\.")):
        evaluate_settings(compose("evaluate", ["agent=none", *overrides]))
