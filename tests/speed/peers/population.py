"""What every peer is given and what it offers. Knows NumPy only: the peers' environment has nothing of ours."""

import time
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LINE = 64
"""Bytes of a cache line."""


@dataclass(frozen=True)
class Problem:
    """One population: classical RK4 of fixed step, the mean field taken anew for each of its four stages."""

    model: str
    """``bvdp`` or ``hr``."""
    dt: float
    coupling: float
    parameters: dict[str, float]
    current: list[float]
    state: list[list[float]]
    """(variables, neurons)."""

    def sent(self) -> dict[str, Any]:
        return asdict(self)


class Population(ABC):
    """A population as a peer holds it, at the start of its problem."""

    versions: tuple[str, ...]
    """Distributions whose versions stand beside the figures."""

    @abstractmethod
    def __init__(self, problem: Problem) -> None: ...

    @abstractmethod
    def advance(self, kicks: Floats) -> Floats:
        """Add ``kicks[t]`` to x of every neuron before step t, take the step; the mean of x after each, (steps,)."""

    def seconds(self, steps: int, calls: int) -> list[float]:
        """Time of a step in each of some calls of so many steps without kicks."""
        kicks, times = np.zeros(steps), []
        for _ in range(calls):
            began = time.perf_counter()
            self.advance(kicks)
            times.append((time.perf_counter() - began) / steps)
        return times


def aligned(values: object) -> Floats:
    """A copy that starts with a cache line, as our arrays do: where NumPy puts one by itself costs Numba up to 15 %."""
    array = np.asarray(values, np.float64)
    memory = np.zeros(array.size + LINE // 8)
    start = (-memory.ctypes.data % LINE) // 8
    copy = memory[start : start + array.size].reshape(array.shape)
    copy[:] = array
    return copy
