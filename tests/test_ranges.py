"""Ranges as they are written."""

import pytest

from rldbs.core.errors import SettingError
from rldbs.experiment.tune.settings import Axis
from rldbs.ranges import read_axis


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("interval(0.001,0.1)", {"low": 0.001, "high": 0.1}),
        ("interval(1,20)", {"low": 1.0, "high": 20.0}),
        ("tag(log,interval(1e-4,1))", {"low": 1e-4, "high": 1.0, "log": True}),
        ("int(interval(1,20))", {"low": 1, "high": 20}),
        ("tag(log, int(interval(1, 20)))", {"low": 1, "high": 20, "log": True}),
        ("range(1,20)", {"low": 1, "high": 19, "step": 1}),
        ("range(1,20,5)", {"low": 1, "high": 16, "step": 5}),
        ("range(0,1,0.25)", {"low": 0.0, "high": 0.75, "step": 0.25}),
        ("0.9,0.95,0.99", {"choices": (0.9, 0.95, 0.99)}),
        ("choice(1, 2)", {"choices": (1, 2)}),
        ("true,false", {"choices": (True, False)}),
        ("uniform,'no rmal'", {"choices": ("uniform", "no rmal")}),
    ],
)
def test_a_range_is_read_as_hydra_has_it(text, expected):
    axis = read_axis("agent.gain", text)
    assert axis == Axis("agent.gain", text, **expected)
    assert axis.whole == (not axis.choices and isinstance(expected["low"], int))
    assert axis.holds(axis.choices[-1] if axis.choices else axis.high)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("3", "is no range; write"),
        ("[1,2]", "is no range; write"),
        ("interval(1,0.1)", "the first number must be below the second"),
        ("interval(1,1)", "the first number must be below the second"),
        ("tag(log,interval(0,1))", "a logarithmic range begins above 0"),
        ("tag(lin,interval(1,2))", "the only tag is log"),
        ("tag(log,choice(1,2))", "the only tag is log"),
        ("shuffle(1,2,3)", "no order that could be shuffled"),
        ("1,1", "two or more values, each once"),
        ("1,[2]", "cannot be searched"),
        ("1,null", "null cannot be searched"),
        ("1,inf", "cannot be searched"),
        ("interval(0,inf)", "is no number"),
        ("range(5,1,-1)", "write the smaller number first"),
        ("range(1,2)", "two or more numbers"),
        ("interval(1", "the value cannot be read"),
    ],
)
def test_mistakes_are_told(text, words):
    with pytest.raises(SettingError) as error:
        read_axis("agent.gain", text)
    assert str(error.value).startswith(f"agent.gain={text}: ")
    assert words in str(error.value)


def test_a_range_holds_its_numbers_and_no_others():
    steps = read_axis("agent.gain", "range(0,1,0.25)")
    assert [steps.holds(value) for value in (0.0, 0.25, 0.5, 0.75, 1.0, 0.3)] == [True] * 4 + [False] * 2
    assert not read_axis("agent.gain", "int(interval(1,9))").holds(2.5)
    assert not read_axis("agent.gain", "0,1").holds(True)
    assert not read_axis("agent.gain", "interval(0,1)").holds(True)
