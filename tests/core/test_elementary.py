"""The functions of equations: the mathematical ones, with the same bits whichever instruction set computes them."""

import ctypes
import math
import platform
import shutil
import subprocess

import numpy as np
import pytest

from rldbs.core import native
from rldbs.core.compiler import FLAGS, SETS, SOURCES
from rldbs.core.equation_grammar import FUNCTIONS

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
ONE = [name for name, count in FUNCTIONS.items() if count == 1]
SMALL = 10.0 ** np.arange(-300, 2, 7)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """elementary.h as each instruction set of this processor computes it."""
    folder = tmp_path_factory.mktemp("elementary")
    source = folder / "elementary.c"
    source.write_text(
        '#include "elementary.h"\n'
        + "".join(
            f"void all_{name}(long count, const double *x, double *y) {{\n"
            f"    for (long i = 0; i < count; i += WIDTH) store(y + i, {name}_of(load(x + i)));\n}}\n"
            for name in ONE
        )
        + "".join(
            f"void all_{name}(long count, const double *x, double *y) {{\n"
            f"    for (long i = 0; i < count; i += WIDTH) store(y + i, {name}_of(load(x + i), load(y + i)));\n}}\n"
            for name in ("min", "max")
        )
    )
    libraries = []
    for name in native.SUPPORTED:
        own = [f"-DRLDBS_VECTOR_BYTES={SETS[name][1]}"]
        own += [f"-march={name}"] if platform.machine() == "x86_64" else []
        flags = [flag for flag in FLAGS if not flag.startswith(("-O", "-fvisibility"))]
        output = folder / f"{name}.so"
        command = ["cc", *flags, "-O1", *own, f"-I{SOURCES}", "-shared", "-o", output, source, "-lm"]
        subprocess.run(command, check=True)
        libraries.append(ctypes.CDLL(str(output)))

    def call(name: str, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
        padded = np.concatenate([x, np.ones(-len(x) % 8)])
        results = []
        for library in libraries:
            found = np.zeros(len(padded)) if y is None else np.concatenate([y, np.ones(-len(y) % 8)])
            addresses = [array.ctypes.data_as(ctypes.c_void_p) for array in (padded, found)]
            getattr(library, f"all_{name}")(ctypes.c_long(len(padded)), *addresses)
            results.append(found[: len(x)])
        for other in results[1:]:
            assert np.array_equal(results[0], other, equal_nan=True)
            there = ~np.isnan(other)
            assert results[0][there].tobytes() == other[there].tobytes()
        return results[0]

    return call


def around(low: float, high: float) -> np.ndarray:
    inside = SMALL[(high > SMALL)]
    return np.concatenate([np.linspace(low, high, 4001), inside, -inside[inside < -low]])


@pytest.mark.parametrize(
    ("name", "x", "exact", "error"),
    [
        ("exp", around(-708, 708), math.exp, 4e-16),
        ("log", np.concatenate([np.linspace(1e-3, 5, 4001), 10.0 ** np.arange(-307, 308)]), math.log, 4e-15),
        ("sqrt", around(0, 1e5), math.sqrt, 0.0),
        ("tanh", around(-25, 25), math.tanh, 8e-16),
        ("sigmoid", around(-700, 700), lambda x: 1 / (1 + math.exp(-x)), 6e-16),
        ("abs", around(-5, 5), abs, 0.0),
        ("heaviside", around(-5, 5), lambda x: float(x >= 0), 0.0),
    ],
)
def test_a_function_is_the_mathematical_one(compiled, name, x, exact, error):
    expected = np.array([exact(value) for value in x.tolist()])
    found = compiled(name, x)
    assert np.all(np.abs(found - expected) <= error * np.abs(expected))


@pytest.mark.parametrize(("name", "exact"), [("sin", np.sin), ("cos", np.cos)])
def test_sine_and_cosine_are_right_for_some_thousand_turns(compiled, name, exact):
    x = np.linspace(-2e4, 2e4, 4001)
    assert np.abs(compiled(name, x) - exact(x)).max() < 4e-16


def test_the_smaller_and_the_larger_of_two(compiled):
    x, y = np.random.default_rng(0).normal(size=(2, 100))
    assert np.array_equal(compiled("min", x, y), np.minimum(x, y))
    assert np.array_equal(compiled("max", x, y), np.maximum(x, y))


def test_arguments_at_the_ends_give_what_is_said_of_them(compiled):
    ends = np.array([-np.inf, -1e300, -1.0, -0.0, 0.0, 1e300, np.inf, np.nan])
    held = math.exp(708)
    assert compiled("exp", ends)[[0, 1, 5, 6]] == pytest.approx([1 / held, 1 / held, held, held])
    assert np.array_equal(compiled("log", ends[:5]), [np.nan, np.nan, np.nan, -np.inf, -np.inf], equal_nan=True)
    assert np.array_equal(compiled("tanh", ends[[0, 1, 5, 6]]), [-1, -1, 1, 1])
    assert np.array_equal(compiled("sigmoid", ends[[1, 5]]).round(300), [0, 1])
    assert np.array_equal(compiled("heaviside", ends[:7]), [0, 0, 0, 1, 1, 1, 1])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_is_not_a_number_stays_so(compiled, name):
    nothing, one = np.full(8, np.nan), np.ones(8)
    pairs = [(nothing, None)] if FUNCTIONS[name] == 1 else [(nothing, one), (one, nothing)]
    for x, y in pairs:
        assert np.isnan(compiled(name, x, y)).all()
