"""Fused multiply-add where the processor has none: exact sums of doubles, rounded once."""

import ctypes
import math
import platform
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

NATIVE = Path(__file__).parents[2] / "native"


def rounded_once(a: float, b: float, c: float) -> float:
    """a · b + c by fractions, whose conversion to a float is correctly rounded."""
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    if exact == 0:
        return a * b + c  # the sign of a zero
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


@pytest.fixture(scope="module")
def fused(tmp_path_factory):
    """fma of native/fused.h as it is compiled where a processor has none."""
    if shutil.which("cc") is None or platform.machine() != "x86_64":
        pytest.skip("needs a C compiler for x86-64")
    folder = tmp_path_factory.mktemp("fused")
    source = folder / "fused.c"
    source.write_text(
        '#include "fused.h"\n'
        "void all_fused(long count, const double *a, const double *b, double *c) {\n"
        "    for (long i = 0; i < count; i += WIDTH)\n"
        "        *(vec *)(c + i) = fma(*(const vec *)(a + i), *(const vec *)(b + i), *(const vec *)(c + i));\n"
        "}\n"
    )
    flags = ("-O2", "-ffp-contract=off", "-shared", "-fPIC", "-march=x86-64", f"-I{NATIVE}")
    subprocess.run(["cc", *flags, "-o", folder / "fused.so", source, "-lm"], check=True)
    library = ctypes.CDLL(str(folder / "fused.so"))

    def call(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
        found = c.copy()
        library.all_fused(ctypes.c_long(len(a)), *(array.ctypes.data_as(ctypes.c_void_p) for array in (a, b, found)))
        return found

    return call


@pytest.mark.parametrize("spread", [0, 3, 60, 500, 1000])
def test_emulated_fused_multiply_add_is_rounded_once(fused, spread):
    """Numbers of every size, and sums that nearly cancel."""
    generator = np.random.default_rng(spread)
    count = 2000
    a, b, c = generator.uniform(-2, 2, (3, count)) * 2.0 ** generator.integers(-spread, spread + 1, (3, count))
    with np.errstate(over="ignore", under="ignore"):
        near = -(a * b) * (1 + generator.integers(-3, 4, count) * 2.0**-52)
        c = np.where(np.arange(count) % 2 & np.isfinite(near), near, c)
    expected = [rounded_once(*numbers) for numbers in zip(a.tolist(), b.tolist(), c.tolist(), strict=True)]
    np.testing.assert_array_equal(fused(a, b, c), expected)


def test_a_sum_beside_a_tie_is_not_rounded_twice(fused):
    """The product is half the last digit of the other term, but for less than a rounding of its own would leave."""
    k, odd, sign = (axis.ravel() for axis in np.meshgrid(np.arange(27, 52), np.arange(8), [-1.0, 1.0]))
    a, b, c = sign * 2.0**-53 * (1 + 2.0**-k), 1 - 2.0**-k, 1 + odd * 2.0**-52
    expected = [rounded_once(*numbers) for numbers in zip(a.tolist(), b.tolist(), c.tolist(), strict=True)]
    assert (a * b + c != expected).any()
    np.testing.assert_array_equal(fused(a, b, c), expected)
    np.testing.assert_array_equal(fused(-a, b, -c), np.negative(expected))


def test_emulated_fused_multiply_add_knows_the_ends_of_the_numbers(fused):
    numbers = np.array(
        [0.0, -0.0, 1.0, -1.0, 5e-324, 2.0**-1022, 2.0**-900, 2.0**900, 1.7e308, np.inf, -np.inf, np.nan]
    )
    a, b, c = (axis.ravel().copy() for axis in np.meshgrid(numbers, numbers, numbers))
    found = fused(a, b, c)
    for given, one in zip(zip(a.tolist(), b.tolist(), c.tolist(), strict=True), found.tolist(), strict=True):
        if all(map(math.isfinite, given)):
            expected = rounded_once(*given)
            assert (one, math.copysign(1, one)) == (expected, math.copysign(1, expected)), given
        else:
            with np.errstate(all="ignore"):
                product = np.float64(given[0]) * given[1] if not all(map(math.isfinite, given[:2])) else 0.0
                np.testing.assert_equal(one, float(product + given[2]), str(given))
