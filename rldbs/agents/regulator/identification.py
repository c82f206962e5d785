"""An autoregressive model with inputs of recorded signals: y(t+1) = Σ Aᵢ·y(t−i) + Σ Bᵢ·u(t−i) + e(t+1).

y has a number for every signal, u one for every contact that acts by itself, at each environment step: the action as it
was given, whatever the stimulus makes of it. Ljung, System Identification: Theory for the User (1999), sections 4.2 and
7.3.
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
    """(order, signals, signals)."""
    inputs: Floats
    """(order of the inputs, signals, contacts), at least one."""
    error: float
    """Standard deviation of e on data that were held out; of several signals, the root of their mean square."""
    condition: float
    """Of the scaled normal equations that were solved."""
    between: Floats | None = None
    """(steps, past outputs + past inputs), as z has them, with u(t) before u(t−1): what they say of x at every step
    from this decision to the next; None where the signals at decisions are all that counts."""

    @property
    def order(self) -> int:
        return len(self.outputs)

    @property
    def signals(self) -> int:
        return int(self.outputs.shape[1])

    @property
    def contacts(self) -> int:
        return int(self.inputs.shape[2])

    def transition(self) -> tuple[Floats, Floats]:
        """z(t+1) = A·z(t) + B·u(t) for z = y(t), y(t−1), …, u(t−1), u(t−2), …: A (size, size), B (size, contacts)."""
        signals, contacts = self.signals, self.contacts
        seen = self.order * signals
        size = seen + (len(self.inputs) - 1) * contacts
        a, b = np.zeros((size, size)), np.zeros((size, contacts))
        a[:signals, :seen], a[:signals, seen:], b[:signals] = _row(self.outputs), _row(self.inputs[1:]), self.inputs[0]
        a[np.arange(signals, seen), np.arange(seen - signals)] = 1.0
        if size > seen:
            b[np.arange(seen, seen + contacts), np.arange(contacts)] = 1.0
            a[np.arange(seen + contacts, size), np.arange(seen, size - contacts)] = 1.0
        return a, b

    def poles(self) -> NDArray[np.complex128]:
        """Where det(z^order − Σ outputs[i]·z^(order−1−i)) is 0, complex128 (order·signals,), largest first."""
        companion = np.eye(self.order * self.signals, k=-self.signals)
        companion[: self.signals] = _row(self.outputs)
        roots = np.linalg.eigvals(companion).astype(np.complex128)
        return roots[np.argsort(-np.abs(roots), kind="stable")]

    def errors_ahead(self, y: Floats, u: Floats, steps: int, most: int = PREDICTIONS) -> Floats:
        """Errors of predictions ``steps`` ahead, all inputs known, float64 (predictions, signals).

        There are at most about ``most``, from all over the record.

        Args:
            y: (length, signals).
            u: (length, contacts).
        """
        deepest = max(self.order, len(self.inputs))
        starts = np.arange(deepest - 1, len(y) - steps, max(1, (len(y) - steps - deepest) // most))
        past = _newest_first(y, self.order)[starts - self.order + 1]
        driven = np.stack([self._driven(signal, u) for signal in range(self.signals)], axis=1)
        given = _newest_first(driven, steps)[starts - len(self.inputs) + 1]
        weights, response = self._ahead(steps)
        errors: Floats = y[starts + steps] - past @ _row(weights).T - given @ _row(response).T
        return errors

    def _driven(self, signal: int, u: Floats) -> Floats:
        """What inputs (length, contacts) add to a signal from the first moment on at which all of them are known."""
        each = [np.convolve(u[:, contact], self.inputs[:, signal, contact], "valid") for contact in range(u.shape[1])]
        return np.asarray(sum(each[1:], each[0]))

    def _ahead(self, steps: int) -> tuple[Floats, Floats]:
        """Of y that many steps ahead, the weights of the outputs of the past, (order, signals, signals), newest first,
        and of what the inputs add at each step from now on, (steps, signals, signals), last first."""
        weights, response = self.outputs, np.tile(np.eye(self.signals), (steps, 1, 1))
        for step in range(1, steps):
            response[step] = weights[0]
            later = np.concatenate([weights[1:], np.zeros_like(weights[:1])])
            weights = later + weights[0] @ self.outputs
        return weights, response


class Regression:
    """The normal equations of a model of some order, and within them of every lower one.

    Args:
        order: outputs that are looked back at.
        late: inputs that are looked back at in addition.
        between: steps from one decision to the next at which x is explained, too.
        signals: numbers in an output.
        contacts: numbers in an input.
    """

    def __init__(self, order: int, late: int = 0, between: int = 0, signals: int = 1, contacts: int = 1) -> None:
        self._order, self._inputs, self._between = order, order + late, between
        self._signals, self._contacts = signals, contacts
        size = self._order * signals + self._inputs * contacts
        self._products, self._targets = np.zeros((size, size)), np.zeros((size, signals + between))
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
        """Take in a stretch.

        Args:
            y: the outputs, float64 (length, signals).
            u: the inputs, (length, contacts).
            x: after each input, (length, steps), where that is explained.
        """
        deepest = max(self._order, self._inputs)
        if len(y) <= deepest:
            return
        for begin in range(0, len(y) - deepest, ROWS):
            end = min(begin + ROWS, len(y) - deepest)
            past, given = y[deepest - self._order + begin : deepest - 1 + end], u[deepest - self._inputs + begin :]
            given = given[: self._inputs + end - begin - 1]
            rows = np.concatenate([_newest_first(past, self._order), _newest_first(given, self._inputs)], axis=1)
            following = y[deepest + begin : deepest + end]
            self._products += rows.T @ rows
            self._targets[:, : self._signals] += rows.T @ following
            if x is not None:
                self._targets[:, self._signals :] += rows.T @ x[deepest - 1 + begin : deepest - 1 + end]
            for signal in following.T:
                self._square += float(signal @ signal)
        self.count += len(y) - deepest

    @classmethod
    def mixed(cls, regressions: "Sequence[Regression]", shares: Sequence[float] | Floats) -> "Regression":
        """One in which the data of several, of the same order, count with a share each."""
        first = regressions[0]
        late = first._inputs - first._order
        both = cls(first._order, late, first._between, first._signals, first._contacts)
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
        ahead = found[:, : self._signals]
        between = found[:, self._signals :].T if self._between else None
        outputs, inputs = np.split(ahead, [order * self._signals])
        matrices = (_matrices(outputs, self._signals), _matrices(inputs, self._contacts))
        return Model(*matrices, held_out._error(used, ahead), _condition(scaled), between)

    def error_of(self, order: int, ridge: float, held_out: "Regression") -> float:
        """How far that model errs."""
        used, _, found = self._fitted(order, ridge)
        return held_out._error(used, found[:, : self._signals])

    def _fitted(self, order: int, ridge: float) -> tuple[NDArray[np.intp], Floats, Floats]:
        """Which regressors are used, their scaled normal equations, and the weights of each target, (used, targets)."""
        outputs, inputs = self._order * self._signals, (order + self._inputs - self._order) * self._contacts
        used = np.r_[0 : order * self._signals, outputs : outputs + inputs]
        products, targets = self._products[np.ix_(used, used)], self._targets[used]
        scale = 1.0 / np.sqrt(np.maximum(np.diag(products), np.finfo(np.float64).tiny))
        scaled = products * np.outer(scale, scale)
        scaled[np.diag_indices_from(scaled)] += ridge
        found = scipy.linalg.solve(scaled, targets * scale[:, None], assume_a="pos") * scale[:, None]
        return used, scaled, found

    def _error(self, used: NDArray[np.intp], weights: Floats) -> float:
        """Root mean square of the errors of a model with such weights, (used, signals)."""
        products, targets, square = self._products[np.ix_(used, used)], self._targets[used], self._square
        for own, target in zip(weights.T, targets.T, strict=False):
            square = square - 2.0 * float(own @ target) + float(own @ products @ own)
        return float(np.sqrt(max(square, 0.0) / max(self.count, 1.0) / self._signals))


def _newest_first(series: Floats, count: int) -> Floats:
    """Of (length, numbers), at each row from which on there are so many, these: (rows, count·numbers)."""
    windows = sliding_window_view(series, count, axis=0)[:, :, ::-1]
    return np.ascontiguousarray(windows.transpose(0, 2, 1)).reshape(len(windows), -1)


def _row(matrices: Floats) -> Floats:
    """Matrices (count, rows, columns) side by side, (rows, count·columns)."""
    return matrices.transpose(1, 0, 2).reshape(matrices.shape[1], -1)


def _matrices(weights: Floats, each: int) -> Floats:
    """Weights (count·each, signals) as matrices, (count, signals, each)."""
    return weights.reshape(-1, each, weights.shape[1]).transpose(0, 2, 1)


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
