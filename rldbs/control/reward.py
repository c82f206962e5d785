"""Rewards: what one environment step was worth."""

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Protocol

import numpy as np
from annotated_types import Ge, Gt, Le

from rldbs.control.beta_reward import Beta
from rldbs.control.error_index_reward import ErrorIndex
from rldbs.control.lasting_reward import Lasting
from rldbs.core.errors import SettingError
from rldbs.core.native import Floats
from rldbs.core.native_step import Terms
from rldbs.core.plugins import Options
from rldbs.core.window_sums import deviation_rewards, rewards_from, setpoint_rewards

SAMPLES_PER_PERIOD = 64
"""Finest resolution of the transform behind the band power."""


class Reward(Protocol):
    """What the closed loop asks of a reward.

    One that has ``variables``, names of the mean field, is given them in the place of x, (variables, environments, …),
    and all kicks one by one.
    """

    @property
    def memory(self) -> int:
        """Integration steps of the mean field's past that the reward looks at, beside the step itself."""

    def reward(self, past: Floats, kicks: Floats, x: Floats) -> Floats:
        """The rewards of one environment step.

        Args:
            past: float64 (environments, at least memory and interval), mean field of x up to and with this
                environment step, oldest first; a view that holds until the next step, not to be changed.
            kicks: float64 (environments, interval), the kicks of this step; with several contacts, (environments,
                interval, contacts). Of several kicks in an integration step, their mean size.
            x: float64 (environments, neurons), x of every neuron at the end of this step.

        Returns:
            float64 (environments,).
        """


@dataclass(frozen=True)
class Deviation:
    """−(X − ⟨X⟩)² − β·|kick|, where ⟨X⟩ is the mean of X over the last ``window`` integration steps.

    Both terms are means over the integration steps of the environment step.
    (Krylov, Dylov, Rosenblum, Chaos 30, 033126, 2020, eq. 6, with β = 2.)
    """

    window: Annotated[int, Ge(1), Le(1_000_000)] = 160
    beta: Annotated[float, Ge(0)] = 2.0

    @property
    def memory(self) -> int:
        return self.window

    @property
    def terms(self) -> Terms:
        """The same, as the core computes it."""
        return Terms("mean", self.beta, window=self.window)

    def reward(self, past: Floats, kicks: Floats, x: Floats) -> Floats:
        return deviation_rewards(past, self.window, kicks, self.beta)


@dataclass(frozen=True)
class Setpoint:
    """−w·(X − X0)² − β·|kick|, where X0 is the target.

    Both terms are means over the integration steps of the environment step.
    (Krylov et al., IJCAI-20, 2847–2854: w = 2, X0 = −0.4, β = 0.5 for bursting neurons. That X0 pays for shifting
    the mean; the default target of each model is its mean when it is desynchronised.)
    """

    target: float = 0.0
    weight: Annotated[float, Ge(0)] = 1.0
    beta: Annotated[float, Ge(0)] = 0.0
    memory = 1

    @property
    def terms(self) -> Terms:
        """The same, as the core computes it."""
        return Terms("target", self.beta, target=self.target, weight=self.weight)

    def reward(self, past: Floats, kicks: Floats, x: Floats) -> Floats:
        return setpoint_rewards(past, self.target, self.weight, kicks, self.beta)


@dataclass(frozen=True)
class Band:
    """−P − β·|kick|, where P is the power of X in a band around its rhythm.

    P is the part of the variance of X whose frequency is from ``low`` to ``high`` times 1/``period``, over the last
    ``periods`` periods: a discrete Fourier transform with a Hann window, scaled so that a sine in the middle of the
    band counts with its whole variance. The last term is a mean over the integration steps of the environment step.
    (Band power is what implanted stimulators sense: Little et al., Ann. Neurol. 74, 449, 2013.)
    """

    period: Annotated[int, Ge(2), Le(10**7)] = 160
    periods: Annotated[float, Ge(1), Le(1000)] = 2.0
    low: Annotated[float, Gt(0), Le(8)] = 0.5
    high: Annotated[float, Gt(0), Le(8)] = 1.5
    beta: Annotated[float, Ge(0)] = 0.3

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise SettingError(f"reward.low={self.low:g}: must be at most reward.high={self.high:g}")
        if not len(self._bins):
            raise SettingError(
                f"reward.periods={self.periods:g}: too few to tell frequencies from {self.low:g} to {self.high:g} per "
                "period; 2 or more are enough for 0.5 to 1.5"
            )

    @property
    def memory(self) -> int:
        return self._samples * self._block

    def reward(self, past: Floats, kicks: Floats, x: Floats) -> Floats:
        samples = past[:, -self.memory :].reshape(len(past), self._samples, self._block).mean(axis=2)
        samples -= samples.mean(axis=1, keepdims=True)
        amplitudes = np.einsum("es,fs->ef", samples, self._basis)
        power: Floats = np.square(amplitudes).sum(axis=1)
        return rewards_from(power, kicks, self.beta)

    @property
    def _block(self) -> int:
        """Integration steps whose mean is one sample of the transform."""
        return max(1, self.period // SAMPLES_PER_PERIOD)

    @property
    def _samples(self) -> int:
        return int(self.periods * self.period) // self._block

    @property
    def _bins(self) -> Floats:
        """The band's frequencies, in cycles per window."""
        return np.arange(max(1.0, np.ceil(self.low * self.periods)), np.floor(self.high * self.periods) + 1.0)

    @cached_property
    def _basis(self) -> Floats:
        """Tapered cosines and sines, float64 (2·bins, samples)."""
        sample = np.arange(self._samples)
        taper = 0.5 - 0.5 * np.cos(2 * np.pi * (sample + 0.5) / self._samples)
        phase = 2 * np.pi * self._bins[:, None] * sample / self._samples
        scale = np.sqrt(2 / (self._samples * np.square(taper).sum()))
        return np.ascontiguousarray(scale * taper * np.concatenate([np.cos(phase), np.sin(phase)]))


@dataclass(frozen=True)
class Activity(Deviation):
    """−(X − ⟨X⟩)² − β·|kick| + α·⟨(x_i − X)²⟩, the last term the spread of the neurons: silence does not pay.

    ⟨X⟩ is the mean of X over the last ``window`` integration steps, and the first two terms are means over those of
    the environment step. The spread is the variance over the neurons at its end: it is large where they fire out of
    step, and small in synchrony as well as in silence.
    """

    alpha: Annotated[float, Ge(0)] = 0.1

    def reward(self, past: Floats, kicks: Floats, x: Floats) -> Floats:
        spread: Floats = x.var(axis=1)
        return super().reward(past, kicks, x) + self.alpha * spread


REWARDS: Options[Reward] = Options(
    "reward",
    {
        "deviation": Deviation,
        "setpoint": Setpoint,
        "band": Band,
        "activity": Activity,
        "beta": Beta,
        "error_index": ErrorIndex,
        "lasting": Lasting,
    },
    Reward,
)
"""Reward classes by the name that the configuration uses."""
