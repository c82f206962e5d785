"""How much room the weights of a regulator have, and how they lie in it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rldbs.agents.actor_weights import Shapes
from rldbs.agents.inference import Weights
from rldbs.agents.settings.lqg import LQGSettings
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.native import Floats
from rldbs.core.tissue import MOST_ROWS


class Sizes(NamedTuple):
    """The same whatever order was identified. Matrices lie row by row: with one signal and one contact, as numbers."""

    outputs: int
    inputs: int
    gains: int
    """Prices for which there are gains."""
    prices: int
    """Those of them that may act."""
    signals: int = 1
    """Numbers in an output."""
    contacts: int = 1
    """Numbers in an input."""

    @classmethod
    def of(cls, settings: LQGSettings, loop: LoopSettings) -> "Sizes":
        order, numbers = max(settings.orders), (len(settings.signals(loop)), settings.contacts(loop))
        return cls(order, order + settings.late(loop), len(settings.ladder), len(settings.prices), *numbers)

    @classmethod
    def acting(cls, settings: LQGSettings, loop: LoopSettings, weights: Weights) -> "Sizes":
        """Of weights that may come from an environment that was not as late as this one, or later."""
        own = cls.of(settings, loop)
        shape, each = weights["inputs"].shape if "inputs" in weights else (), own.signals * own.contacts
        if len(shape) != 2 or shape[1] % each or shape[1] < own.outputs * each:
            return own
        return own._replace(inputs=shape[1] // each)

    @property
    def known(self) -> int:
        """Numbers that a regulator knows: outputs, newest first, then inputs."""
        return self.outputs * self.signals + (self.inputs - 1) * self.contacts

    def contacts_in(self, weights: Weights) -> int:
        """For how many contacts weights are that fit in all else; our own number where no other fits."""
        gains, inputs = (weights[name].shape[-1:] if name in weights else () for name in ("gains", "inputs"))
        if not gains or not inputs:
            return self.contacts
        past, first = inputs[0] // self.signals, self.outputs * self.signals
        fit = [c for c in range(1, MOST_ROWS + 1) if past % c == 0 and c * (first + past - c) == gains[0]]
        return self.contacts if self.contacts in fit or not fit else fit[0]

    def shapes(self) -> Shapes:
        return {
            "outputs": (self.prices, self.outputs * self.signals**2),
            "inputs": (self.prices, self.inputs * self.signals * self.contacts),
            "gains": (self.gains, self.contacts * self.known),
            "mixture": (self.gains + 1, self.gains + 2),
            "rest": () if self.signals == 1 else (self.signals,),
            "loudness": (),
            "error": (self.prices,),
            "period_error": (self.prices,),
            "deviation": (self.prices,),
            "chosen": (),
        }

    def used(self, outputs: int, inputs: int) -> NDArray[np.intp]:
        """Which of what is known a model with so many outputs and inputs knows."""
        first = self.outputs * self.signals
        return np.asarray(np.r_[0 : outputs * self.signals, first : first + (inputs - 1) * self.contacts])

    def matrices(self, weights: Weights, price: int) -> tuple[Floats, Floats]:
        """Those of the model of a price: (order, signals, signals) and (order of the inputs, signals, contacts)."""
        outputs = weights["outputs"][price].reshape(-1, self.signals, self.signals)
        inputs = weights["inputs"][price].reshape(-1, self.signals, self.contacts)
        return outputs[: filled(outputs)], inputs[: filled(inputs)]

    def orders(self, weights: Weights) -> tuple[int, int]:
        """The highest orders of outputs and inputs among the models."""
        each = [self.matrices(weights, price) for price in range(self.prices)]
        return max(len(outputs) for outputs, _ in each), max(len(inputs) for _, inputs in each)

    @property
    def plain(self) -> Floats:
        """The mixture in which on every rung that acts which it belongs to."""
        return np.eye(self.gains + 1, self.gains + 2)

    def empty(self) -> dict[str, Floats]:
        """Weights before anything is identified: the stabilising controller acts always."""
        weights = {name: np.zeros(shape) for name, shape in self.shapes().items()}
        return {**weights, "mixture": self.plain}


def filled(matrices: Floats) -> int:
    """How many there are up to the last that is not 0; 1 at least."""
    there = np.flatnonzero(matrices.reshape(len(matrices), -1).any(axis=1))
    return int(there[-1]) + 1 if len(there) else 1
