"""Ranges as they are written."""

import pytest

from rldbs.commands.curve_axes import curve_request
from rldbs.config.overrides import read_override
from rldbs.core.errors import SettingError
from rldbs.sweep.definition import define
from rldbs.tune.ranges import read_axis
from rldbs.tune.search_settings import Axis


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
        ("range(0.1,0.5,0.1)", {"low": 0.1, "high": 0.4, "step": 0.1}),
        ("range(0.01,0.05,0.01)", {"low": 0.01, "high": 0.04, "step": 0.01}),
        ("range(0,0.35,0.1)", {"low": 0.0, "high": 0.3, "step": 0.1}),
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


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("range(0.01,0.05,0.01)", ["0.01", "0.02", "0.03", "0.04"]),
        ("range(0.1,0.5,0.1)", ["0.1", "0.2", "0.3", "0.4"]),
        ("range(0,1,0.1)", ["0.0", *(f"0.{k}" for k in range(1, 10))]),
        ("range(1e-3,5e-3,1e-3)", ["0.001", "0.002", "0.003", "0.004"]),
        ("range(1,0.1,-0.3)", ["1.0", "0.7", "0.4"]),
        ("range(0.1,0.45,0.1)", ["0.1", "0.2", "0.3", "0.4"]),
        ("range(2,8,3)", ["2", "5"]),
        ("sort(range(3,0,-1))", ["1", "2", "3"]),
    ],
)
def test_a_range_has_exact_decimals_and_not_its_end(text, values):
    """In sweeps and response curves, where the values are names of folders, as in a search."""
    override = read_override(f"model.coupling={text}", {})
    assert list(override.sweep_string_iterator()) == values
    assert [job.values for job in define([f"model.coupling={text}"], None).jobs] == [(value,) for value in values]
    (axis,) = curve_request(["agent=none", f"model.coupling={text}"], None).axes
    assert [str(value) for value in axis.values] == values


def test_what_a_search_suggests_is_as_it_is_written():
    axis = read_axis("agent.gain", "range(0.1,1,0.1)")
    assert [axis.rounded(0.1 + k * 0.1) for k in range(9)] == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
