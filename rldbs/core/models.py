"""What each neuron model is: its state variables, its constants with their defaults, and where they come from.

The equations themselves are in ``native/models/<kernel>.h``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le

from rldbs.core.errors import SettingError, shown


@dataclass(frozen=True)
class Variable:
    """A state variable of one neuron. All models here are dimensionless."""

    name: str
    meaning: str
    low: float
    """No trajectory with sensible kicks goes below this."""
    high: float
    """No trajectory with sensible kicks goes above this."""


@dataclass(frozen=True)
class NeuronModel:
    """A neuron model with its published constants."""

    name: str
    title: str
    kernel: str
    """Name of the C header that holds the equations."""
    variables: tuple[Variable, ...]
    parameters: Mapping[str, float]
    """Constants of the equations, in the order in which the kernel takes them."""
    dt: float
    """Integration step, in the model's time unit."""
    coupling: float
    """Strength ε of the coupling through the mean field."""
    current_mean: float
    current_std: float
    """The constant currents of the neurons are normal with this mean and standard deviation."""
    transient: int
    """Integration steps until the collective rhythm has built up from random initial states."""
    period: int
    """Period of the collective rhythm, in integration steps (measured)."""
    threshold: float
    """A neuron fires when x rises through this."""
    paper: str = field(
        default="Krylov, Dylov, Rosenblum, Chaos 30, 033126 (2020)",
        kw_only=True,
    )

    @property
    def variable_names(self) -> tuple[str, ...]:
        return tuple(variable.name for variable in self.variables)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "parameters": dict(self.parameters)}  # a read-only view cannot be pickled

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, parameters=MappingProxyType(state["parameters"]))


_BVDP = NeuronModel(
    name="bvdp",
    title="Bonhoeffer–van der Pol, regular rhythm",
    kernel="bvdp",
    variables=(
        Variable("x", "membrane potential", -4.0, 4.0),
        Variable("y", "recovery", -4.0, 4.0),
    ),
    parameters=MappingProxyType({"rate": 0.1, "recovery": 0.8, "offset": 0.7}),
    dt=0.2,
    coupling=0.03,
    current_mean=0.6,
    current_std=0.1,
    transient=4000,
    period=162,
    threshold=0.0,
)

_HINDMARSH_ROSE = NeuronModel(
    name="hr",
    title="Hindmarsh–Rose, bursting",
    kernel="hr",
    variables=(
        Variable("x", "membrane potential", -4.0, 4.0),
        Variable("y", "fast recovery", -25.0, 5.0),
        Variable("z", "slow adaptation", -5.0, 10.0),
    ),
    parameters=MappingProxyType({"slow_rate": 0.006, "slow_gain": 4.0, "x_rest": -1.56}),
    dt=0.1,
    coupling=0.2,
    current_mean=3.0,
    current_std=0.02,
    transient=12000,
    period=1400,
    threshold=0.0,
)

MODELS: Mapping[str, NeuronModel] = MappingProxyType(
    {
        "bvdp": _BVDP,
        "bvdp_chaotic": replace(
            _BVDP,
            name="bvdp_chaotic",
            title="Bonhoeffer–van der Pol, weakly coupled, irregular rhythm",
            coupling=0.02,
            transient=14_000,
        ),
        "hr": _HINDMARSH_ROSE,
    }
)


def neuron_model(name: str) -> NeuronModel:
    """The description of the model called ``name``.

    Raises:
        SettingError: there is no such model.
    """
    if type(name) is not str or name not in MODELS:
        raise SettingError(f"model {shown(name)}: must be one of {', '.join(MODELS)}")
    return MODELS[name]


@dataclass(frozen=True)
class ModelSettings:
    """A neuron model with the settings of its populations: everything but the seed."""

    name: str
    neurons: Annotated[int, Ge(1), Le(10**8)]
    coupling: Annotated[float, Ge(-100), Le(100)]
    current_mean: Annotated[float, Ge(-1000), Le(1000)]
    current_std: Annotated[float, Ge(0), Le(1000)]
    dt: Annotated[float, Gt(0), Le(10)]
    transient: Annotated[int, Ge(0), Le(10**9)]
    period: Annotated[int, Ge(2), Le(10**7)]
    set_point: float
    """Mean of x when the population is desynchronised."""
    parameters: Mapping[str, float]

    @property
    def model(self) -> NeuronModel:
        return neuron_model(self.name)

    def __hash__(self) -> int:
        return hash((self.name, self.neurons, self.coupling, tuple(self.parameters.items())))
