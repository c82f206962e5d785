"""Numba: STN and GPe as two rates with delays, Euler's method; one compiled loop, the past in one array.

Rows of a problem's state are the past of STN and then that of GPe, oldest first; its neurons are populations. A kick is
a current into STN. ``fastmath`` as in with_numba.py.
"""

import numpy as np
from numba import njit

from tests.speed.peers.population import Floats, Population, Problem, aligned


class RatesPopulation(Population):
    versions = ("numba", "llvmlite")

    def __init__(self, problem: Problem) -> None:
        past = np.asarray(problem.state, np.float64)
        self._memory = len(past) // 2
        self._rates = aligned(past.reshape(2, self._memory, -1))
        self._dt, self._current = problem.dt, aligned(problem.current)
        self._constants = tuple(problem.parameters.values())

    def advance(self, kicks: Floats) -> Floats:
        memory, past = self._memory, self._rates[:, -self._memory :].copy()
        if self._rates.shape[1] != memory + kicks.size:
            self._rates = aligned(np.zeros((2, memory + kicks.size, past.shape[2])))
        self._rates[:, :memory] = past
        _advance(*self._rates, memory, kicks, self._dt, self._current, *self._constants)
        mean: Floats = self._rates[0, memory:].mean(axis=1)
        return mean


@njit(fastmath=True)
def _advance(
    stn,
    gpe,
    memory,
    kicks,
    dt,
    current,
    stn_gpe,
    gpe_stn,
    gpe_gpe,
    cortex,
    striatum,
    delay_stn_gpe,
    delay_gpe_stn,
    delay_gpe_gpe,
    tau_stn,
    tau_gpe,
    most_stn,
    most_gpe,
    rest_stn,
    rest_gpe,
):
    odds_stn, odds_gpe = (most_stn - rest_stn) / rest_stn, (most_gpe - rest_gpe) / rest_gpe
    first, second, third = int(delay_stn_gpe), int(delay_gpe_stn), int(delay_gpe_gpe)
    for step in range(kicks.size):
        now = memory - 1 + step
        for i in range(stn.shape[1]):
            s, g = stn[now, i], gpe[now, i]
            into_stn = cortex - gpe_stn * gpe[now - second, i]
            into_gpe = stn_gpe * stn[now - first, i] - gpe_gpe * gpe[now - third, i] - striatum
            answer_stn = most_stn / (1.0 + odds_stn * np.exp(-4.0 / most_stn * into_stn))
            answer_gpe = most_gpe / (1.0 + odds_gpe * np.exp(-4.0 / most_gpe * into_gpe))
            s += dt / tau_stn * (answer_stn - s + current[i] + kicks[step])
            g += dt / tau_gpe * (answer_gpe - g)
            stn[now + 1, i], gpe[now + 1, i] = max(0.0, s), max(0.0, g)
