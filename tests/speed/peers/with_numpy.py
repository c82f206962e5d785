"""NumPy: whole arrays, every operation into memory that is there already, all variables of a stage in one operation."""

import numpy as np

from tests.speed.peers.population import Floats, Population, Problem, aligned


class NumpyPopulation(Population):
    versions = ("numpy",)

    def __init__(self, problem: Problem) -> None:
        self._state, self._current = aligned(problem.state), aligned(problem.current)
        self._at, self._slope, self._sum = (aligned(problem.state) for _ in range(3))
        self._weights = np.full(self._current.size, 1 / self._current.size)
        self._rate = {"bvdp": self._bvdp, "hr": self._hr}[problem.model]
        self._constants = tuple(problem.parameters.values())
        self._dt, self._coupling = problem.dt, problem.coupling

    def advance(self, kicks: Floats) -> Floats:
        state, at, slope, total, dt = self._state, self._at, self._slope, self._sum, self._dt
        x, rate, means = state[0], self._rate, np.empty(kicks.size)
        for t, kick in enumerate(kicks.tolist()):
            x += kick
            rate(state)
            np.copyto(total, slope)
            for step in (dt / 2, dt / 2, dt):
                slope *= step
                np.add(state, slope, at)
                rate(at)
                total += slope
                if step == dt:
                    break
                total += slope
            total *= dt / 6
            state += total
            means[t] = self._weights @ x
        return means

    def _input(self, x: Floats) -> float:
        return self._coupling * float(self._weights @ x)

    def _bvdp(self, state: Floats) -> None:
        (x, y), (slope_x, slope_y) = state, self._slope
        rate, recovery, offset = self._constants
        np.multiply(x, x, slope_x)
        slope_x *= -1 / 3
        slope_x += 1.0
        slope_x *= x
        slope_x -= y
        slope_x += self._current
        slope_x += self._input(x)
        np.multiply(y, -recovery, slope_y)
        slope_y += x
        slope_y += offset
        slope_y *= rate

    def _hr(self, state: Floats) -> None:
        (x, y, z), (slope_x, slope_y, slope_z) = state, self._slope
        slow_rate, slow_gain, x_rest = self._constants
        np.multiply(x, x, slope_y)
        np.subtract(3.0, x, slope_x)
        slope_x *= slope_y
        slope_x += y
        slope_x -= z
        slope_x += self._current
        slope_x += self._input(x)
        slope_y *= -5.0
        slope_y += 1.0
        slope_y -= y
        np.subtract(x, x_rest, slope_z)
        slope_z *= slow_gain
        slope_z -= z
        slope_z *= slow_rate
