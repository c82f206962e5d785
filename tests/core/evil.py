"""Arguments that no caller in good faith hands over, and some that only look like it."""

from array import array
from collections.abc import Callable
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

import numpy as np


class Endless:
    """A list that never ends."""

    def __len__(self) -> int:
        return 2**40

    def __getitem__(self, index: object) -> float:
        return 0.0


class Liar:
    """Claims to be an array, an integer and an iterable, and fails at each."""

    def __fail(self, *arguments: object, **options: object) -> Any:
        raise RuntimeError("no")

    __len__ = __getitem__ = __iter__ = __index__ = __int__ = __float__ = __array__ = __repr__ = __bool__ = __fail  # type: ignore[assignment]
    __eq__ = __hash__ = __lt__ = __le__ = __gt__ = __ge__ = __fail  # type: ignore[assignment]

    @property
    def __class__(self) -> Any:
        return np.ndarray


class WrongKind:
    """Answers every conversion, with something else than was asked for."""

    def __array__(self, *arguments: object, **options: object) -> Any:
        return Endless()

    def __index__(self) -> Any:
        return 1.5

    __int__ = __float__ = __len__ = __index__

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


class EvilInt(int):
    """In every range, until it is looked at."""

    def __le__(self, other: object) -> bool:
        return True

    __lt__ = __ge__ = __gt__ = __le__

    def __int__(self) -> int:
        return 2**70

    __index__ = __int__


class EvilStr(str):
    """Equal to the first thing it is compared with, and then to none."""

    asked = 0

    def __eq__(self, other: object) -> bool:
        self.asked += 1
        return self.asked % 2 == 1

    __hash__ = str.__hash__


class EvilArray(np.ndarray):
    """An array that lies about itself."""

    shape = property(lambda self: (1, 2**40))  # type: ignore[assignment]
    dtype = property(lambda self: np.dtype(np.float64))  # type: ignore[assignment]
    size = property(lambda self: 0)  # type: ignore[assignment]

    def __array_finalize__(self, other: object) -> None:
        if other is None:
            raise RuntimeError("no")

    def __array_ufunc__(self, *arguments: object, **options: object) -> Any:
        return np.True_

    def __array_function__(self, *arguments: object, **options: object) -> Any:
        raise RuntimeError("no")


def released() -> memoryview:
    view = memoryview(np.zeros((2, 2)))
    view.release()
    return view


VALUES: list[Callable[[], Any]] = [
    *(
        lambda value=value: value
        for value in (None, True, False, -1, 0, 1, 257, 2**31, 2**40, 2**63, -(2**63), 10**400)
    ),
    *(
        lambda value=value: value
        for value in (1.5, -0.0, 5e-324, 1e308, np.nan, np.inf, -np.inf, 1j, "x", "", "1", b"abc")
    ),
    *(
        lambda value=value: value
        for value in (10**5000, Decimal("nan"), Decimal(1), range(10**12), int, np, ..., {1: 2})
    ),
    *(kind for kind in (object, list, dict, tuple, set, Endless, Liar, WrongKind, count, released)),
    lambda: EvilInt(3),
    lambda: EvilStr("bvdp"),
    lambda: iter(()),
    lambda: (_ for _ in count()),
    lambda: [1, [2, [3]]],
    lambda: np.float32(np.nan),
    lambda: np.int8(-1),
    lambda: np.longdouble("1e4000"),
    lambda: np.bool_(True),
    lambda: np.datetime64("2020-01-01"),
    lambda: np.array(3.0),
    lambda: np.array("1"),
    lambda: np.zeros(0),
    lambda: np.zeros((2, 2)).view(EvilArray),
    lambda: np.broadcast_to(0.0, (2**40,)),
    lambda: np.frompyfunc(lambda _: Liar(), 1, 1)(np.zeros((1, 2))),
]


def value(random: Random) -> Any:
    """A hostile value of any kind."""
    return random.choice(VALUES)()


def kicks(random: Random, rows: int) -> Any:
    """Something for kicks, of ``rows`` populations: most of it hostile, some of it right but unusual."""
    steps = random.choice([0, 1, 3])
    plain = np.full((rows, steps), 0.01)
    forms: list[Callable[[], Any]] = [
        lambda: plain,
        lambda: plain.tolist(),
        lambda: list(plain),
        lambda: np.asfortranarray(plain),
        lambda: plain[::-1, ::-1],
        lambda: plain.astype(random.choice([">f8", "f2", "f4", "i1", "?", "g", "O", "U8", "m8[s]", "c16", "V8"])),
        lambda: plain.view(EvilArray),
        lambda: plain.view(np.matrix),
        lambda: np.ma.masked_array(plain, mask=True),
        lambda: memoryview(plain) if steps else plain,
        lambda: array("d", [0.0] * rows),
        lambda: np.frombuffer(bytearray(8 * rows * steps + 1), np.float64, rows * steps, 0).reshape(rows, steps),
        lambda: np.ndarray((rows, steps), np.float64, bytearray(8 * rows * steps + 8), 3),
        lambda: np.broadcast_to(np.float64(0.0), (rows, 2**40)),
        lambda: np.lib.stride_tricks.as_strided(np.zeros(1), (rows, 2**40), (0, 0)),
        lambda: np.broadcast_to(np.int8(0), (2**20, 2**20)),
        lambda: [np.broadcast_to(0.0, 2**40)] * rows,
        lambda: [[0.0] * 10**5] * 10**5,
        lambda: [value(random) for _ in range(rows)],
        lambda: [[value(random)] for _ in range(rows)],
        lambda: np.full((rows, 2), random.choice([np.nan, np.inf, -np.inf])),
        lambda: np.zeros(random.choice([(), (3,), (rows + 1, 2), (rows, 2, 2), (0, 0), (rows, 0, 5)])),
        lambda: value(random),
    ]
    return random.choice(forms)()
