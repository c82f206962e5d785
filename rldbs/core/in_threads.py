"""Independent calculations side by side: each is the same whichever thread it is in."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def in_threads(function: Callable[..., T], arguments: Iterable[tuple[Any, ...]], threads: int) -> list[T]:
    """What ``function`` makes of each of the arguments, in their order.

    Args:
        function: it spends its time outside the interpreter's lock, in matrix products for instance.
        arguments: the positional arguments of each call.
        threads: at most so many calls at once; with 1 in the thread that asks.

    Raises:
        Exception: whatever the first call that fails has raised.
    """
    if threads == 1:
        return [function(*each) for each in arguments]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda each: function(*each), arguments))
