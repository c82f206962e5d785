"""Numbers are shown with three digits, and never as powers of ten where they are large."""

import pytest

from rldbs.analysis.three_digits import three_digits


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (2214.4, "2,214"),
        (-1234567.0, "-1,234,567"),
        (999.4, "999"),
        (0.0, "0"),
        (0.00824, "0.00824"),
        (1.349e-4, "1.35e-4"),
    ],
)
def test_three_digits(value, shown):
    assert three_digits(value) == shown
