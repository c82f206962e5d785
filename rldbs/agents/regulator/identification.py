"""An autoregressive model with inputs of a recorded signal: y(t+1) = Σ aᵢ·y(t−i) + Σ bᵢ·u(t−i) + e(t+1).

u is one number per environment step: the action as it was given, whatever the stimulus makes of it. Ljung, System
Identification: Theory for the User (1999), sections 4.2 and 7.3.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from rldbs.core.errors import MOST_COUNT
from rldbs.core.native import Floats
from rldbs.core.saved_arrays import Named, put, put_within

ROWS = 4096
"""Rows of regressors that are laid out at once."""
PREDICTIONS = 256
"""From so many points of a record, about, predictions begin that are held against it."""


@dataclass(frozen=True)
class Model:
    """y(t+1) = Σ outputs[i]·y(t−i) + Σ inputs[i]·u(t−i) + e(t+1)."""

    outputs: Floats
    """(order,)."""
    inputs: Floats
    """(order of the inputs,), at least one."""
    error: float
    """Standard deviation of e on data that were held out."""
    condition: float
    """Of the scaled normal equations that were solved."""
    between: Floats | None = None
    """(steps, order + order of the inputs): what outputs and inputs say of x at every step from this decision to the
    next; None where the signal at decisions is all that counts."""

    @property
    def order(self) -> int:
        return len(self.outputs)

    def transition(self) -> tuple[Floats, Floats]:
        """z(t+1) = A·z(t) + B·u(t) for z(t) = y(t), y(t−1), …, u(t−1), u(t−2), …: A (size, size) and B (size,)."""
        order, size = self.order, self.order + len(self.inputs) - 1
        a, b = np.zeros((size, size)), np.zeros(size)
        a[0, :order], a[0, order:], b[0] = self.outputs, self.inputs[1:], self.inputs[0]
        a[np.arange(1, order), np.arange(order - 1)] = 1.0
        if size > order:
            b[order] = 1.0
            a[np.arange(order + 1, size), np.arange(order, size - 1)] = 1.0
        return a, b

    def poles(self) -> NDArray[np.complex128]:
        """Roots of z^order − Σ outputs[i]·z^(order−1−i), complex128 (order,), largest first."""
        companion = np.eye(self.order, k=-1)
        companion[0] = self.outputs
        roots = np.linalg.eigvals(companion).astype(np.complex128)
        return roots[np.argsort(-np.abs(roots), kind="stable")]

    def errors_ahead(self, y: Floats, u: Floats, steps: int, most: int = PREDICTIONS) -> Floats:
        """Errors of predictions ``steps`` ahead, all inputs known: for y and u (length,), float64 (predictions,).

        There are at most about ``most``, from all over the record.
        """
        deepest = max(self.order, len(self.inputs))
        starts = np.arange(deepest - 1, len(y) - steps, max(1, (len(y) - steps - deepest) // most))
        past = sliding_window_view(y, self.order)[starts - self.order + 1, ::-1]
        given = sliding_window_view(np.convolve(u, self.inputs, "valid"), steps)[starts - len(self.inputs) + 1, ::-1]
        weights, response = self._ahead(steps)
        errors: Floats = y[starts + steps] - past @ weights - given @ response
        return errors

    def _ahead(self, steps: int) -> tuple[Floats, Floats]:
        """Of y that many steps ahead, the weights of the outputs of the past, (order,), newest first, and of what the
        inputs add at each step from now on, (steps,), last first."""
        weights, response = self.outputs, np.ones(steps)
        for step in range(1, steps):
            response[step] = weights[0]
            weights = np.append(weights[1:], 0.0) + weights[0] * self.outputs
        return weights, response


class Regression:
    """The normal equations of a model of some order, and within them of every lower one.

    Args:
        order: outputs that are looked back at.
        late: inputs that are looked back at in addition.
        between: steps from one decision to the next at which x is explained, too.
    """

    def __init__(self, order: int, late: int = 0, between: int = 0) -> None:
        self._order, self._inputs = order, order + late
        size = self._order + self._inputs
        self._products, self._targets = np.zeros((size, size)), np.zeros((size, 1 + between))
        self._square, self.count = 0.0, 0.0

    def forget(self) -> None:
        """Begin anew."""
        self._products[:], self._targets[:], self._square, self.count = 0.0, 0.0, 0.0, 0.0

    def arrays(self) -> dict[str, Floats]:
        """All that was taken in, by name; the arrays themselves."""
        sums = np.array([self._square, self.count])
        return {"products": self._products, "targets": self._targets, "sums": sums}

    def restore(self, arrays: Named) -> None:
        """Have taken in what another regression had, of which :meth:`arrays` are given.

        Raises:
            RunError: they are not those of such a regression.
        """
        sums = np.zeros(2)
        put(self._products, arrays, "products")
        put(self._targets, arrays, "targets")
        put_within(sums, arrays, "sums", 0.0, MOST_COUNT)
        self._square, self.count = float(sums[0]), float(sums[1])

    def add(self, y: Floats, u: Floats, x: Floats | None = None) -> None:
        """Take in a stretch: outputs and inputs, float64 (length,) each, and x after each input, (length, steps)."""
        deepest = max(self._order, self._inputs)
        if len(y) <= deepest:
            return
        past = sliding_window_view(y, self._order)[deepest - self._order : len(y) - self._order, ::-1]
        given = sliding_window_view(u, self._inputs)[deepest - self._inputs : len(u) - self._inputs, ::-1]
        for begin in range(0, len(past), ROWS):
            rows = np.concatenate([past[begin : begin + ROWS], given[begin : begin + ROWS]], axis=1)
            following = y[deepest + begin : deepest + begin + len(rows)]
            self._products += rows.T @ rows
            self._targets[:, 0] += rows.T @ following
            if x is not None:
                self._targets[:, 1:] += rows.T @ x[deepest - 1 + begin : deepest - 1 + begin + len(rows)]
            self._square += float(following @ following)
        self.count += len(past)

    @classmethod
    def mixed(cls, regressions: "Sequence[Regression]", shares: Sequence[float] | Floats) -> "Regression":
        """One in which the data of several, of the same order, count with a share each."""
        first = regressions[0]
        both = cls(first._order, first._inputs - first._order, first._targets.shape[1] - 1)
        for one, share in zip(regressions, shares, strict=True):
            both._products += share * one._products
            both._targets += share * one._targets
            both._square += share * one._square
            both.count += share * one.count
        return both

    def solved(self, order: int, ridge: float, held_out: "Regression") -> Model:
        """The model of an order by least squares.

        Args:
            order: at most that of the regression.
            ridge: added to the diagonal of the normal equations, after regressors are scaled to a mean square of 1.
            held_out: a regression of the same order on other data, from which the error comes.
        """
        used, scaled, found = self._fitted(order, ridge)
        ahead, between = found[:, 0], found[:, 1:].T if found.shape[1] > 1 else None
        return Model(ahead[:order], ahead[order:], held_out._error(used, ahead), _condition(scaled), between)

    def error_of(self, order: int, ridge: float, held_out: "Regression") -> float:
        """How far that model errs."""
        used, _, found = self._fitted(order, ridge)
        return held_out._error(used, found[:, 0])

    def _fitted(self, order: int, ridge: float) -> tuple[NDArray[np.intp], Floats, Floats]:
        """Which regressors are used, their scaled normal equations, and the weights of each target, (used, targets)."""
        used = np.r_[0:order, self._order : self._order + order + self._inputs - self._order]
        products, targets = self._products[np.ix_(used, used)], self._targets[used]
        scale = 1.0 / np.sqrt(np.maximum(np.diag(products), np.finfo(np.float64).tiny))
        scaled = products * np.outer(scale, scale)
        scaled[np.diag_indices_from(scaled)] += ridge
        found = scipy.linalg.solve(scaled, targets * scale[:, None], assume_a="pos") * scale[:, None]
        return used, scaled, found

    def _error(self, used: NDArray[np.intp], weights: Floats) -> float:
        """Root mean square of the errors of a model with such weights."""
        products, targets = self._products[np.ix_(used, used)], self._targets[used, 0]
        square = self._square - 2.0 * float(weights @ targets) + float(weights @ products @ weights)
        return float(np.sqrt(max(square, 0.0) / max(self.count, 1.0)))


def _condition(matrix: Floats) -> float:
    """Of a symmetric matrix, in the norm of the largest sum of a row."""
    inverse = scipy.linalg.inv(matrix, check_finite=False)
    return float(np.abs(matrix).sum(axis=1).max() * np.abs(inverse).sum(axis=1).max())


def best_model(seen: Regression, held_out: Regression, orders: Sequence[int], ridge: float) -> Model:
    """The model of the order that errs least on what was held out; its weights come from all data.

    Args:
        seen: what every order is fitted to.
        held_out: what they are compared on.
        orders: at most that of the regressions.
        ridge: as in :meth:`Regression.solved`.
    """
    best = min(orders, key=lambda order: seen.error_of(order, ridge, held_out))
    return Regression.mixed([seen, held_out], [1.0, 1.0]).solved(best, ridge, held_out)
