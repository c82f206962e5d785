"""What each neuron model is: its state variables, its constants with their defaults, and where they come from.

The equations themselves are in ``native/models/<kernel>.h``, and those of phase oscillators in ``native/phase.c``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Len

from rldbs.core.errors import SettingError, shown


@dataclass(frozen=True)
class Variable:
    """A signal of the mean field: most are the mean of a state variable over the neurons."""

    name: str
    meaning: str
    low: float
    """No trajectory with sensible kicks goes below this."""
    high: float
    """No trajectory with sensible kicks goes above this."""


@dataclass(frozen=True)
class NeuronModel:
    """What a model is, whatever kind of neurons it has."""

    name: str
    title: str
    kernel: str
    """Name of what holds the equations in C."""
    variables: tuple[Variable, ...]
    dt: float
    """Integration step, in the model's time unit."""
    coupling: float
    """Strength of the coupling."""
    transient: int
    """Integration steps until the collective rhythm has built up from random initial states."""
    period: int
    """Period of the collective rhythm, in integration steps (measured)."""
    threshold: float
    """A neuron fires when x rises through this."""
    rows: int = field(kw_only=True)
    """Numbers in the state of one neuron; the first is x."""
    paper: str = field(
        default="Krylov, Dylov, Rosenblum, Chaos 30, 033126 (2020)",
        kw_only=True,
    )

    @property
    def variable_names(self) -> tuple[str, ...]:
        return tuple(variable.name for variable in self.variables)


@dataclass(frozen=True, kw_only=True)
class CoupledNeurons(NeuronModel):
    """Neurons that are coupled through their mean field, with the published constants. They are dimensionless."""

    parameters: Mapping[str, float]
    """Constants of the equations, in the order in which the kernel takes them."""
    current_mean: float
    current_std: float
    """The constant currents of the neurons are normal with this mean and standard deviation."""

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "parameters": dict(self.parameters)}  # a read-only view cannot be pickled

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, parameters=MappingProxyType(state["parameters"]))


_BVDP = CoupledNeurons(
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
    rows=2,
)

_HINDMARSH_ROSE = CoupledNeurons(
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
    rows=3,
)

MODELS: Mapping[str, CoupledNeurons] = MappingProxyType(
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
"""Models of neurons that are coupled through their mean field."""

OSCILLATORS: Mapping[str, NeuronModel] = MappingProxyType(
    {
        "kuramoto": NeuronModel(
            name="kuramoto",
            title="Kuramoto oscillators, β rhythm",
            kernel="phase",
            variables=(
                Variable("x", "cosine of the phase", -1.0, 1.0),
                Variable("y", "sine of the phase", -1.0, 1.0),
                Variable("rate", "how fast the phase advances, in Hz", -200.0, 200.0),
            ),
            dt=0.5,
            coupling=16.0,
            transient=4000,
            period=111,
            threshold=0.0,
            rows=3,
            paper="Kuramoto, Chemical Oscillations, Waves, and Turbulence (1984)",
        ),
    }
)
"""Models of phase oscillators. Their time is in ms, their frequencies in Hz, all that drives them in rad/s."""


def neuron_model(name: str) -> NeuronModel:
    """The description of the model called ``name``.

    Raises:
        SettingError: there is no such model.
    """
    models = {**MODELS, **OSCILLATORS}
    if type(name) is not str or name not in models:
        raise SettingError(f"model {shown(name)}: must be one of {', '.join(models)}")
    return models[name]


def coupled_neurons(name: str) -> CoupledNeurons:
    """The same of a model whose neurons are coupled through their mean field.

    Raises:
        SettingError: there is no such model.
    """
    if type(name) is not str or name not in MODELS:
        raise SettingError(f"model {shown(name)}: must be one of {', '.join(MODELS)}")
    return MODELS[name]


@dataclass(frozen=True)
class ModelSettings:
    """A model with the settings of its populations: everything but the seed."""

    name: str
    neurons: Annotated[int, Ge(1), Le(10**8)]
    coupling: Annotated[float, Ge(-100), Le(100)]
    dt: Annotated[float, Gt(0), Le(10)]
    transient: Annotated[int, Ge(0), Le(10**9)]
    period: Annotated[int, Ge(2), Le(10**7)]
    set_point: float
    """Mean of x when the population is desynchronised."""

    @property
    def model(self) -> NeuronModel:
        return neuron_model(self.name)

    def __hash__(self) -> int:  # of a few that tell most apart: some settings are lists and mappings
        return hash((self.name, self.neurons, self.coupling))


@dataclass(frozen=True)
class NeuronSettings(ModelSettings):
    """The settings of neurons that are coupled through their mean field."""

    current_mean: Annotated[float, Ge(-1000), Le(1000)]
    current_std: Annotated[float, Ge(0), Le(1000)]
    parameters: Mapping[str, float]

    __hash__ = ModelSettings.__hash__


@dataclass(frozen=True)
class PhaseSettings(ModelSettings):
    """The settings of phase oscillators."""

    frequency_mean: Annotated[float, Ge(0), Le(1000)]
    """In Hz; so is the next one."""
    frequency_std: Annotated[float, Ge(0), Le(1000)]
    noise: Annotated[float, Ge(0), Le(1000)]
    """In rad/√s."""
    response: Literal["flat", "type1", "type2", "gaussian", "fourier"]
    """The phase response curve Z."""
    distribution: Literal["normal", "cauchy"] = "normal"
    """Of the frequencies; ``frequency_std`` is the half width at half maximum of a Cauchy distribution."""
    cosines: Annotated[list[float], Len(1, 64)] = field(default_factory=lambda: [0.0])
    sines: Annotated[list[float], Len(1, 64)] = field(default_factory=lambda: [0.0])
    """Coefficients of ``response=fourier``."""

    __hash__ = ModelSettings.__hash__
