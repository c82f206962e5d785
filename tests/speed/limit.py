"""How near the kernel is to what one core can do: its arithmetic, and moving data to where they lie.

What a neuron takes in a step of classical RK4, with A additions and M multiplications, most of them fused with another
addition, in its equations (counted in native/models/*.h), and V variables. The equations, four times; what the coupling
adds to x and to the current, 2 + 2 additions; the states at which stages 2 to 4 are evaluated, 3V fused; the step
itself, s + dt/6·(k1 + 2(k2 + k3)) + dt/6·k4, V additions and 3V fused; the kick, 1; the sums for the mean field, 3, and
for the means of all variables, V. That is 4A + 8 + 2V additions and 4M + 6V multiplications, held against a loop that
has as many of both and nothing else: what they share of a processor's units is its own affair.

A step is two passes over the neurons. With V variables of the state, V of work and the current, each reads 2V + 1
numbers and writes 2V of them: 8V + 2 numbers of 8 bytes in all.
"""

import ctypes
import math
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rldbs.bench.timed_turns import Timer, in_turns, timer
from rldbs.core import native
from rldbs.core.ensemble import Ensemble
from rldbs.core.models import MODELS
from tests.speed import ROOT
from tests.speed.peers.population import LINE, aligned
from tests.speed.race import ours

SIZES = (10**3, 10**5, 10**6)
"""Neurons of a population: in the core's caches, in the cache that cores share, and in memory."""
ADDITIONS = {"bvdp": 1, "hr": 4}
"""Additions and subtractions in the equations of a neuron that are not fused."""
MULTIPLICATIONS = {"bvdp": 5, "hr": 5}
"""Multiplications, fused or not."""
NEURON_STEPS = 10**5
LEAST_STEPS = 4
"""A call has one more pass over the neurons."""


def operations(model: str) -> tuple[int, int]:
    """Multiplications, fused or not, and additions for themselves, of a neuron in a step."""
    variables = _variables(model)
    return 4 * MULTIPLICATIONS[model] + 6 * variables, 4 * ADDITIONS[model] + 8 + 2 * variables


def moved(model: str) -> int:
    """Bytes that a neuron's step moves between the core and the memory that holds the population."""
    return 8 * (8 * _variables(model) + 2)


def _variables(model: str) -> int:
    return len(MODELS[model].variables)


@dataclass(frozen=True)
class Reached:
    """A population of one size, all times in nanoseconds for a step of a neuron."""

    neurons: int
    kernel: float
    arithmetic: float
    """What its arithmetic alone would take."""
    moving: float
    """What moving its data alone would take."""
    part: float
    """Of the limit that binds: that limit over the kernel's time."""

    @property
    def binds(self) -> str:
        return "arithmetic" if self.arithmetic > self.moving else "moving data"


def reached(model: str) -> list[Reached]:
    """The kernel, in the best instruction set, against both limits, in turns."""
    machine, rows = _machine(model), []
    for neurons in SIZES:
        population = Ensemble(model, neurons=neurons, transient=100)
        steps = max(LEAST_STEPS, NEURON_STEPS // neurons)
        turns = in_turns(
            {
                "kernel": ours(population, native.SUPPORTED[-1], steps),
                "arithmetic": _arithmetic(machine, neurons),
                "moving": _moving(machine, neurons * (2 * _variables(model) + 1), neurons * moved(model)),
            }
        )
        kernel, arithmetic, moving = (turns.median(name) / neurons * 1e9 for name in turns.seconds)
        part = turns.ratio("arithmetic" if arithmetic > moving else "moving", "kernel")
        rows.append(Reached(neurons, kernel, arithmetic, moving, part))
    return rows


def _machine(model: str) -> ctypes.CDLL:
    """What limit.c measures, built for this processor and a model."""
    library = ROOT / "build" / f"limit-{model}.so"
    library.parent.mkdir(exist_ok=True)
    source = Path(__file__).with_suffix(".c")
    fused, additions = operations(model)
    flags = ["-O3", "-march=native", "-ffp-contract=fast", "-shared", "-fPIC"]
    flags += [f"-DFUSED={fused}", f"-DADDITIONS={additions}"]
    subprocess.run(["cc", *flags, "-o", library, source], check=True)
    machine = ctypes.CDLL(str(library))
    number, integer, address = ctypes.c_double, ctypes.c_int64, ctypes.c_void_p
    machine.arithmetic.argtypes, machine.arithmetic.restype = (integer, number, number, address), integer
    machine.moving.argtypes, machine.moving.restype = (integer, integer, address, address), integer
    return machine


def _arithmetic(machine: ctypes.CDLL, count: int) -> Timer:
    """Times the operations of so many neurons, as fast as they go."""
    result = aligned(np.zeros(1))
    return _per_unit(lambda: machine.arithmetic(10**5, 0.5, 1.0, result.ctypes.data), count)


def _moving(machine: ctypes.CDLL, numbers: int, count: int) -> Timer:
    """Times moving so many bytes, in two arrays that together have as many numbers as the kernel's."""
    size = numbers // 2 // (LINE // 8) * (LINE // 8)
    arrays = [aligned(np.zeros(size)) for _ in range(2)]
    rounds = math.ceil(NEURON_STEPS * LEAST_STEPS / size)
    return _per_unit(lambda: machine.moving(rounds, size, *(array.ctypes.data for array in arrays)), count)


def _per_unit(call: Callable[[], int], count: int) -> Timer:
    """Times a call that says how much it has done; a unit of work is ``count`` of that."""
    done = call()
    return timer(call, done / count)
