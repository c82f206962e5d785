"""Brian 2: its own ``rk4``, compiled to a C++ program (standalone mode) with Brian's own flags, no Python in its loop.

It does less than the others: Brian's mean field is a summed variable, taken once a step and held through the four
stages of its ``rk4``. (With a mean field for every stage, RK4 has to be written out as four ``run_regularly``, which
takes three to four times as long.) The time is that of its main loop, which its program measures itself; the start of
the program, which every call needs, is left out.
"""

import shutil
import tempfile
import weakref

import numpy as np
from brian2 import (
    Network,
    NeuronGroup,
    StateMonitor,
    Synapses,
    TimedArray,
    defaultclock,
    device,
    linked_var,
    second,
    set_device,
)

from tests.speed.peers.population import Floats, Population, Problem

EQUATIONS = {
    "bvdp": """
        dx/dt = (x - x*x*x/3 - y + current + coupling*field)/second : 1
        dy/dt = rate*(x - recovery*y + offset)/second : 1
    """,
    "hr": """
        dx/dt = (y + x*x*(3 - x) - z + current + coupling*field)/second : 1
        dy/dt = (1 - 5*x*x - y)/second : 1
        dz/dt = slow_rate*(slow_gain*(x - x_rest) - z)/second : 1
    """,
}
SHARED = """
    current : 1 (constant)
    field : 1 (linked)
"""
STEPS = 2000
"""Integration steps of the program: enough that its first ones do not count."""


class Brian2Population(Population):
    versions = ("brian2",)

    def __init__(self, problem: Problem) -> None:
        self._folder = tempfile.mkdtemp(prefix="brian2-")
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        set_device("cpp_standalone", directory=self._folder, build_on_run=False)
        defaultclock.dt = problem.dt * second
        self._kicks = TimedArray(np.zeros(STEPS), dt=defaultclock.dt)
        constants = {**problem.parameters, "coupling": problem.coupling, "kicks": self._kicks}
        neurons = NeuronGroup(
            len(problem.current), EQUATIONS[problem.model] + SHARED, method="rk4", namespace=constants
        )
        mean = NeuronGroup(1, "field : 1")
        neurons.field = linked_var(mean, "field")
        neurons.current = problem.current
        for name, values in zip("xyz", problem.state, strict=False):
            setattr(neurons, name, values)
        everyone = Synapses(neurons, mean, "field_post = x_pre/N_pre : 1 (summed)")
        everyone.connect()
        neurons.run_regularly("x += kicks(t)", when="start")
        # The field is summed before each step's equations are solved; at its end it is still that of its beginning.
        self._field = StateMonitor(mean, "field", record=True, when="end")
        Network(neurons, mean, everyone, self._field).run(STEPS * defaultclock.dt)
        device.build(run=False, directory=self._folder)

    def advance(self, kicks: Floats) -> Floats:
        """From the start of the problem in every call: the program knows no other."""
        padded = np.zeros(STEPS)
        padded[: kicks.size] = kicks
        device.run(run_args={self._kicks: padded})
        after_kick: Floats = np.asarray(self._field.field[0])[1 : kicks.size + 1]
        return after_kick - padded[1 : kicks.size + 1]

    def seconds(self, steps: int, calls: int) -> list[float]:
        device.run(run_args={self._kicks: np.zeros(STEPS)})
        return [device._last_run_time / STEPS]
