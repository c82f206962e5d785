"""The settings of networks with plastic synapses, as closed loops take them."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated

from annotated_types import Ge, Gt, Le, Len

from rldbs.core.arguments import number, whole
from rldbs.core.ei_plastic import PLASTIC, PlasticModel
from rldbs.core.errors import SettingError, shown
from rldbs.core.model_settings import ModelSettings
from rldbs.core.plastic_kernel import state_size

SHARES = 4, 1
"""Of so many neurons each are excitatory and inhibitory."""
MULTIPLE = 10
"""Neurons come in this number, so that no memory is left out between the groups."""
MOST_NEURONS = 20_000
MOST_DT = 10.0
"""ms."""
WINDOW = 20.0
"""ms, over which χ is taken, as published."""
KEPT = 3
"""Numbers of the state beside those of the core: the clock, and a seed in two halves."""
ROUNDING = 1e-9


@dataclass(frozen=True)
class PlasticSettings(ModelSettings):
    """The settings of a network with plastic synapses. Time is in ms, and a step is that from one sample to the
    next."""

    neurons: Annotated[int, Ge(10), Le(MOST_NEURONS)]
    """Four fifths of them are excitatory."""
    coupling: Annotated[float, Ge(10), Le(290)]
    """J·w at first, in mV."""
    dt: Annotated[float, Gt(0), Le(MOST_DT)]
    current_std: Annotated[float, Ge(0), Le(100)]
    """Standard deviation, over neurons, of a constant current of their own, in mV."""
    overwrites: bool
    """Whether of two spikes that reach a neuron in one integration step one is lost, as in the published program."""
    band: Annotated[list[Annotated[float, Gt(0), Le(1000)]], Len(2, 2)]
    """Lowest and highest frequency of the rhythm that is told, in Hz."""

    __hash__ = ModelSettings.__hash__

    @property
    def constants(self) -> PlasticModel:
        """What the network is made of."""
        return replace(PLASTIC[self.name], overwrites=self.overwrites)

    @property
    def groups(self) -> tuple[int, int]:
        """How many neurons are excitatory, and inhibitory."""
        each = self.neurons // sum(SHARES)
        return SHARES[0] * each, SHARES[1] * each

    @property
    def difference(self) -> tuple[str, float]:
        return "current_std", self.current_std

    @property
    def rhythm(self) -> tuple[float, float]:
        """The band."""
        return self.band[0], self.band[1]

    @property
    def kicks_per_step(self) -> int:
        return max(1, round(self.dt / PLASTIC[self.name].dt))

    @property
    def window(self) -> int:
        """Integration steps over which χ is taken."""
        return self.constants.steps(WINDOW)

    @cached_property
    def state_shape(self) -> tuple[int, int]:
        return 1, state_size(self.constants, self.groups, self.window, KEPT)

    @property
    def uncoupled(self) -> None:
        return None

    def label(self, coupling: str) -> str:
        return f"{self.groups[0]} + {self.groups[1]} neurons, J·w {self.coupling:g} mV at first"


def checked_plastic(settings: PlasticSettings) -> PlasticSettings:
    """The same settings as plain numbers, if all that makes networks of them is in range.

    Raises:
        SettingError: it is not.
    """
    model = PLASTIC[settings.name]
    neurons = whole("neurons", settings.neurons, MULTIPLE, MOST_NEURONS)
    if neurons % MULTIPLE:
        raise SettingError(f"model.neurons={neurons}: must be a multiple of {MULTIPLE}: a fifth are inhibitory")
    coupling, (low, high) = number("coupling", settings.coupling), model.bounds
    if not low <= coupling <= high:
        raise SettingError(f"model.coupling={coupling:g}: must be from {low:g} to {high:g} mV")
    dt = number("dt", settings.dt, above=0.0)
    if dt > MOST_DT or abs(round(dt / model.dt) * model.dt - dt) > ROUNDING or dt < model.dt:
        raise SettingError(
            f"model.dt={dt:g}: must be a multiple of {model.dt:g} ms, the integration step, up to {MOST_DT:g}"
        )
    if type(settings.overwrites) is not bool:
        raise SettingError(f"overwrites: must be true or false, is {shown(settings.overwrites)}")
    std = number("current_std", settings.current_std, least=0.0)
    return replace(settings, neurons=neurons, coupling=coupling, dt=dt, current_std=std)
