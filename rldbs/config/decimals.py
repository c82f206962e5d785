"""Ranges of numbers as they are written: exact decimals, and the end is not one of them, as in Python and Hydra."""

from collections.abc import Sequence
from decimal import Decimal

Number = int | float


def decimals(start: Number, stop: Number, step: Number) -> Sequence[Number]:
    """The numbers from ``start`` on by ``step``, without ``stop``; whole where all three are.

    Example:
        >>> decimals(0.1, 0.5, 0.1), decimals(0.01, 0.05, 0.01)
        ([0.1, 0.2, 0.3, 0.4], [0.01, 0.02, 0.03, 0.04])
    """
    if isinstance(start, int) and isinstance(stop, int) and isinstance(step, int):
        return range(start, stop, step)
    first, last, by = (Decimal(repr(number)) for number in (start, stop, step))
    steps, rest = divmod(last - first, by)
    return [float(first + k * by) for k in range(int(steps) + (rest != 0))]


def on_grid(value: float, start: Number, step: Number) -> float:
    """The number of such a range that ``value`` is, as it is written.

    Example:
        >>> on_grid(0.1 + 2 * 0.1, 0.1, 0.1)
        0.3
    """
    return float(Decimal(repr(start)) + round((value - start) / step) * Decimal(repr(step)))
