"""The settings of populations: everything that decides them but the seed."""

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Len

from rldbs.core.equations import Equations
from rldbs.core.models import CoupledNeurons, NeuronModel, Variable, coupled_neurons, neuron_model
from rldbs.core.space import EVERYWHERE, Space
from rldbs.core.tissue import Tissue
from rldbs.core.tissue_shapes import Millimetres, Place


@dataclass(frozen=True)
class ModelSettings(ABC):
    """A model with the settings of its populations: everything but the seed."""

    name: str
    neurons: Annotated[int, Ge(1), Le(10**8)]
    coupling: Annotated[float, Ge(-100), Le(100)]
    dt: Annotated[float, Gt(0), Le(10)]
    transient: Annotated[int, Ge(0), Le(10**9)]
    period: Annotated[int, Ge(2), Le(10**7)]
    set_point: float
    """Mean of x when the population is desynchronised."""
    space: Space = field(default=EVERYWHERE, kw_only=True, metadata={"elsewhere": True})
    """Where the neurons are, how they are hit and heard: sections of the configuration of their own."""

    @property
    def described(self) -> NeuronModel:
        """What the model is."""
        return neuron_model(self.name)

    @property
    def equations_digest(self) -> str | None:
        """The fingerprint of equations of the user's; None where the core has them."""
        return None

    @cached_property
    def model(self) -> NeuronModel:
        """The same, with a variable more for each thing that is recorded at a site, or of a cluster."""
        model = self.described
        recorded = self.space.recorded(self.neurons)
        return (
            replace(model, variables=(*model.variables, *_recorded_variables(model, recorded))) if recorded else model
        )

    @property
    def oscillates(self) -> bool:
        """Whether only the phase of a neuron counts: the one place that says so of a model."""
        return False

    @property
    @abstractmethod
    def difference(self) -> tuple[str, float]:
        """What neurons differ in: the key of its standard deviation, and that in units of ``current``."""

    @property
    def state_shape(self) -> tuple[int, int]:
        """Of the state of a population: rows, numbers in each."""
        return self.model.rows, self.neurons

    @property
    def kicks_per_step(self) -> int:
        """Kicks that a population takes in each step, one after the other."""
        return 1

    @property
    def uncoupled(self) -> "ModelSettings | None":
        """The same neurons, each for itself; None where there is no such thing."""
        return replace(self, coupling=0.0)

    def label(self, coupling: str) -> str:
        """The populations in a few words, for the heading of a picture, from those about their coupling."""
        return f"{self.neurons} neurons, coupling {coupling}"

    @property
    def tissue(self) -> Tissue:
        """Where the neurons are, as arrays."""
        return self.space.of(self.neurons)

    def __hash__(self) -> int:  # of a few that tell most apart: some settings are lists and mappings
        return hash((self.name, self.neurons, self.coupling))


def is_local_x(name: str) -> bool:
    """Whether a variable of that name is x: the mean of all, at a site, or of a cluster."""
    return re.fullmatch(r"x\d*|cluster\d+_x", name) is not None


def _recorded_variables(model: NeuronModel, recorded: Sequence[tuple[str, int]]) -> Iterator[Variable]:
    for kind, number in recorded:
        for variable in model.local:
            name = f"{variable.name}{number}" if kind == "site" else f"cluster{number}_{variable.name}"
            yield replace(variable, name=name, meaning=f"{variable.meaning}, at {kind} {number}")


@dataclass(frozen=True)
class NeuronSettings(ModelSettings):
    """The settings of neurons that are coupled through their mean field."""

    current_mean: Annotated[float, Ge(-1000), Le(1000)]
    current_std: Annotated[float, Ge(0), Le(1000)]
    parameters: Mapping[str, float]

    @property
    def described(self) -> CoupledNeurons:
        """What the model is."""
        return coupled_neurons(self.name)

    @property
    def difference(self) -> tuple[str, float]:
        return "current_std", self.current_std

    __hash__ = ModelSettings.__hash__


@dataclass(frozen=True)
class EquationSettings(NeuronSettings):
    """The settings of neurons whose equations a user has written."""

    title: str
    source: str
    """The paper, or whatever else the equations are from."""
    time_unit: str
    equations: Mapping[str, str]
    """The rate of each variable; the first one is x."""
    meanings: Mapping[str, str]
    """What each variable is, with its unit."""
    ranges: Mapping[str, Annotated[list[float], Len(2, 2)]]
    """Of each variable: no trajectory with sensible kicks leaves it."""
    threshold: float
    """A neuron fires when x rises through this."""

    @property
    def equations_digest(self) -> str:
        """The fingerprint of the equations."""
        return self.described.kernel

    @cached_property
    def described(self) -> CoupledNeurons:
        """What the model is.

        Raises:
            SettingError: a text is no equation.
        """
        equations = Equations.of(self.equations, self.parameters)
        return CoupledNeurons(
            name=self.name,
            title=self.title,
            kernel=equations.digest,
            variables=tuple(
                Variable(name, self.meanings[name], self.ranges[name][0], self.ranges[name][1])
                for name in equations.variables
            ),
            dt=self.dt,
            coupling=self.coupling,
            transient=self.transient,
            period=self.period,
            threshold=self.threshold,
            rows=len(equations.variables),
            time_unit=self.time_unit,
            paper=self.source,
            parameters=MappingProxyType(dict(self.parameters)),
            current_mean=self.current_mean,
            current_std=self.current_std,
            equations=equations,
        )

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
    distribution: Literal["normal", "cauchy", "dbsgym"] = "normal"
    """Of the frequencies; ``frequency_std`` is the half width at half maximum of a Cauchy distribution."""
    cosines: Annotated[list[float], Len(1, 64)] = field(default_factory=lambda: [0.0])
    sines: Annotated[list[float], Len(1, 64)] = field(default_factory=lambda: [0.0])
    """Coefficients of ``response=fourier``."""
    band: Annotated[list[Annotated[float, Gt(0), Le(1000)]], Len(2, 2)] = field(default_factory=lambda: [13.0, 30.0])
    """Lowest and highest frequency of the rhythm that stimulation is to end, in Hz."""

    @property
    def oscillates(self) -> bool:
        return True

    @property
    def difference(self) -> tuple[str, float]:
        return "frequency_std", 2.0 * math.pi * self.frequency_std  # their current is ω, in rad/s

    @property
    def rhythm(self) -> tuple[float, float]:
        """The band."""
        return self.band[0], self.band[1]

    __hash__ = ModelSettings.__hash__


@dataclass(frozen=True)
class LocusSettings(PhaseSettings):
    """The settings of phase oscillators of which some have frequencies of their own."""

    locus: Place = field(kw_only=True)
    """The middle of where these are."""
    locus_radius: Millimetres = field(kw_only=True)
    """How far from it they are at most."""
    locus_band: Annotated[list[Annotated[float, Gt(0), Le(1000)]], Len(2, 2)] = field(kw_only=True)
    """Their frequencies lie between these, each as likely, in Hz."""

    __hash__ = ModelSettings.__hash__


PHASES: Mapping[str, type[PhaseSettings]] = {"kuramoto_dbsgym": LocusSettings}
"""Models of oscillators that have settings of their own."""
