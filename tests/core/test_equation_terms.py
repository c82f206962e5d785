"""The order in which equations are computed is that of the rules, and the value is that of the text."""

import math
import random
import re
from fractions import Fraction

import pytest

from rldbs.core.equation_header import models_header
from rldbs.core.equations import Equations
from tests.core.equation_texts import FUNCTIONS, sound, value_of


def lines(text: str, variables: str = "xyz", constants: str = "abc") -> str:
    """The rate of y, each name in it replaced by what it stands for."""
    rates = {"x": "x + input"} | {name: text for name in variables if name != "x"}
    known: dict[str, str] = {f"s{i}": name for i, name in enumerate(variables)}
    known |= {f"p{i}": name for i, name in enumerate(constants)}
    header = models_header(Equations.of(rates, tuple(constants)))
    for line in header.splitlines():
        found = re.fullmatch(r"\s*const (?:vec|double) (\w+) = (.*);", line)
        if found and found[1][0] in "kt":
            words = re.sub(r"\b[kspt]\d+\b", lambda match: known[match[0]], found[2])
            number = re.fullmatch(r"0x.*", found[2])
            simple = number or found[2].startswith(("fma(", "splat(")) or "_of(" in found[2]
            known[found[1]] = f"{float.fromhex(found[2]):g}" if number else words if simple else f"({words})"
    last = re.search(r"rate\[1\] = (\w+);", header)
    assert last is not None
    return known[last[1]]


@pytest.mark.parametrize(
    ("text", "computed"),
    [
        ("x + y + z", "((x + y) + z)"),
        ("x - y", "(x - y)"),
        ("x + a*y", "fma(a, y, x)"),
        ("a*y + x", "fma(a, y, x)"),
        ("a*x + b*y + z", "fma(a, x, fma(b, y, z))"),
        ("a*(x - b*y + c)", "fma(a, x, fma((-(a * b)), y, (a * c)))"),
        ("x/3", "((1.0 / 3) * x)"),
        ("x/y", "(x / y)"),
        ("2/3*x", "((2 / 3) * x)"),
        ("x*y*z", "((x * y) * z)"),
        ("x**3", "((x * x) * x)"),
        ("x**4", "((x * x) * (x * x))"),
        ("1 - x**2/3", "fma((-(1.0 / 3)), (x * x), 1)"),
        ("x - x**3/3", "(x * fma((-(1.0 / 3)), (x * x), 1))"),
        ("3*x**2 - x**3", "((x * x) * (3 - x))"),
        ("x**2 + y", "fma(x, x, y)"),
        ("-x*y + z", "fma((-x), y, z)"),
        ("(x + y)*(x - y)", "((x + y) * (x - y))"),
        ("(a + b)*x", "((a + b) * x)"),
        ("1/(1 + x)", "(1 / (1 + x))"),
        ("x**-2", "(1.0 / (x * x))"),
        ("x**0.5", "sqrt_of(x)"),
        ("x**a", "exp_of((a * log_of(x)))"),
        ("tanh((x - a)/b)", "tanh_of(fma((1.0 / b), x, (-(a * (1.0 / b)))))"),
        ("exp(a)*x", "(exp_of(splat(a)) * x)"),
        ("a", "splat(a)"),
        ("x**0 + y", "(1 + y)"),
    ],
)
def test_terms_are_computed_in_the_order_of_the_rules(text, computed):
    assert lines(text) == computed


def fma(a: float, b: float, c: float) -> float:
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    return float(exact)


def computed(text: str, values: dict[str, float]) -> float:
    """What the lines of C give, in Python."""
    names = {f"s{i}": values[name] for i, name in enumerate("xy")}
    names |= {f"p{i}": values[name] for i, name in enumerate(("rate", "k"))}
    known: dict[str, object] = {f"{name}_of": function for name, function in FUNCTIONS.items()}
    known |= {"fma": fma, "splat": float, "input": 0.0, **names}
    header = models_header(Equations.of({"x": "x + input", "y": text}, ("rate", "k")))
    for line in header.splitlines():
        found = re.fullmatch(r"\s*const (?:vec|double) (\w+) = (.*);", line)
        if found and found[1][0] in "kt":
            known[found[1]] = (
                float.fromhex(found[2]) if found[2].startswith("0x") else eval(found[2], {"__builtins__": {}}, known)
            )
    last = re.search(r"rate\[1\] = (\w+);", header)
    assert last is not None
    return float(known[last[1]])  # type: ignore[arg-type]


def check_values(count: int, seed: int) -> None:
    generator = random.Random(seed)
    done = 0
    while done < count:
        text = sound(generator)
        values = {name: generator.uniform(-1.5, 1.5) for name in ("x", "y", "rate")} | {"k": generator.uniform(1, 2)}
        expected, largest = value_of(text, values)
        if len(text) > 400 or not largest < 1e8:
            continue
        assert math.isclose(computed(text, values), expected, rel_tol=1e-9, abs_tol=1e-12 * max(1.0, largest**2)), text
        done += 1


def test_the_value_is_that_of_the_text():
    check_values(100, 0)


@pytest.mark.slow
def test_the_value_is_that_of_the_text_twenty_thousand_times():
    check_values(20_000, 1)
