"""Texts are equations, or are refused: nothing in them is ever code."""

import random
import re

import pytest

from rldbs.core.equation_grammar import MOST_CHARACTERS
from rldbs.core.equation_header import models_header
from rldbs.core.equations import MOST_VARIABLES, Equations
from rldbs.core.errors import SettingError
from tests.core.equation_texts import HOSTILE, MODELS, drawn

X = {"x": "x + input"}
LINES = re.compile(
    r'#include "\w+\.h"|#define RLDBS_MODELS\(X\) X\(own\)|enum \{ own_variables = \d, own_parameters = \d+ \};|[{}]'
    r"|ALWAYS_INLINE void own_rate\(const vec \*state, vec input, const double \*parameters, vec \*rate\)"
    r"|const vec s\d = state\[\d\];|const double p\d+ = parameters\[\d+\];|rate\[\d\] = [\w]+;"
    r"|const (vec|double) [kt]\d+ = -?"
    r"(0x[01]\.[0-9a-f]+p[+-]\d+|[kstp]\d+|1\.0|input|\w+_of\([\w, ]+\)|fma\([\w, ]+\)|splat\(\w+\))"
    r"( [-+*/] ([kstp]\d+|input))*;"
)
"""All that a line of a header can be."""


def refused(text: str, *constants: str) -> str:
    with pytest.raises(SettingError) as error:
        Equations.of({"x": text}, constants)
    assert str(error.value).startswith("model.equations")
    return str(error.value)


@pytest.mark.parametrize("name", MODELS)
def test_published_equations_are_read(name):
    rates, constants = MODELS[name]
    equations = Equations.of(rates, constants)
    assert equations.variables == tuple(rates)
    assert all(LINES.fullmatch(line.strip()) for line in models_header(equations).splitlines())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be an equation as text"),
        ("x + inpt", "there is no variable or constant 'inpt'\nDid you mean input?"),
        ("x^3 + input", "'^' stands for nothing here; powers are written **"),
        ("x + input)", "look for a missing sign or parenthesis"),
        ("2 x + input", "look for a missing sign or parenthesis"),
        ("exp(x, x) + input", "exp takes 1, 2 given"),
        ("x.real + input", "'x.real' is no arithmetic"),
        ("x**17 + input", "powers go from -16 to 16, 17 is beyond"),
        ("2**x + input", "an exponent is a number or made of constants; x varies"),
        ("1e101*x + input", "1e+101 is no number from 1e-100 to 1e100"),
        ("x", "input is added to the rate of x as it is, once"),
        ("x - input", "input is added to the rate of x as it is, once"),
        ("2*input", "input is added to the rate of x as it is, once"),
        ("input + input", "input is added to the rate of x as it is, once"),
        ("(x + input)/20", "write it as already divided"),
        ("х + input", "'\\u0445' stands for nothing here"),
        ("x + " * (MOST_CHARACTERS // 4) + "input", "characters, at most 1000 are read"),
        ("sin(" * 45 + "x" + ")" * 45 + " + input", "more than 40 operations inside each other"),
        (" + ".join(["exp(x)"] * 25) + " + input", "25 of them functions, are too many"),
        (" + ".join(["x**0.3"] * 13) + " + input", "26 of them functions, are too many"),
        (" + ".join(["x**0.5"] * 25) + " + input", "25 of them functions, are too many"),
        ("+".join(["x*x"] * 240) + "+input", "operations, 0 of them functions, are too many"),
    ],
)
def test_what_is_no_equation_is_refused_with_the_reason(text, message):
    assert message in refused(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_code(text):
    for whole in (text, f"{text} + input"):
        refused(whole)


@pytest.mark.parametrize(
    ("rates", "constants", "message"),
    [
        ({"y": "y + input"}, (), "the first equation must be that of x"),
        ({}, (), "0 variables"),
        (X | {f"v{i}": "x" for i in range(MOST_VARIABLES)}, (), "there must be 1 to 8 variables"),
        (X, [f"k{i}" for i in range(33)], "up to 32 constants"),
        (X | {"y": "input"}, (), "model.equations.y: input is added to the rate of x"),
        (X | {"exp": "x"}, (), "exp means something else"),
        (X | {"lambda": "x"}, (), "lambda means something else"),
        (X | {"x2": "x"}, (), "x2 means something else"),
        (X | {"__class__": "x"}, (), "is no name"),
        (X | {"y;": "x"}, (), "is no name"),
        (X, ("x",), "x is there twice"),
        (X, ("input",), "input means something else"),
        (X, ("*/",), "is no name"),
        (X | {"y": 0}, (), "must be an equation as text"),
    ],
)
def test_names_are_names_and_stand_once(rates, constants, message):
    with pytest.raises(SettingError, match=re.escape(message)):
        Equations.of(rates, constants)


def either_refused_or_arithmetic(count: int, seed: int) -> int:
    """How many of so many drawn texts were equations; each of those gives lines of arithmetic alone."""
    generator = random.Random(seed)
    read = 0
    for _ in range(count):
        texts = {"x": f"{drawn(generator)} + input", "y": drawn(generator)}
        for rates in (texts, {"x": texts["x"]}, X | {"y": texts["y"]}):
            try:
                equations = Equations.of(rates, ("rate", "k"))
            except SettingError:
                continue
            read += 1
            header = models_header(equations)
            assert len(header) < 60_000
            assert all(LINES.fullmatch(line.strip()) for line in header.splitlines()), (rates, header)
    return read


def test_two_thousand_texts_are_refused_or_arithmetic():
    assert either_refused_or_arithmetic(1000, 0) > 200


@pytest.mark.slow
def test_a_hundred_thousand_texts_are_refused_or_arithmetic():
    assert either_refused_or_arithmetic(50_000, 1) > 10_000


@pytest.mark.parametrize(
    ("rates", "constants", "message"),
    [
        ([("x", "input")], (), r"model.equations=\[\('x', 'input'\)\]: must be variables with their rates"),
        (None, (), "model.equations=None: must be variables with their rates"),
        (X, "ab", "model.equations: constants must be names, are 'ab'"),
        (X, 3, "model.equations: constants must be names, are 3"),
        (X, [3], "model.equations: 3 is no name"),
    ],
)
def test_what_are_no_texts_with_names_is_refused(rates, constants, message):
    with pytest.raises(SettingError, match=message):
        Equations.of(rates, constants)


def test_equations_hold_what_can_be_read_however_they_are_made():
    for rates, constants in ((["x"], ()), ((("x",),), ()), ((("x", "input"),), ["a"])):
        with pytest.raises(SettingError, match=r"model\.equations"):
            Equations(rates, constants)
