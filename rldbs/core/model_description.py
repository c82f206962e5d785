"""What a model is, whatever kind of neurons it has: its signals, its rhythm, its units, where it comes from."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Variable:
    """A signal of the mean field: most are the mean of a state variable over the neurons."""

    name: str
    meaning: str
    low: float
    """No trajectory with sensible kicks goes below this."""
    high: float
    """No trajectory with sensible kicks goes above this."""
    unit: str = ""
    """Empty where it has no dimension."""


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
    time_unit: str = field(default="", kw_only=True)
    """Of time and dt; empty where the model is dimensionless."""
    kick_unit: str = field(default="", kw_only=True)
    """Of kicks; empty where they are added to x."""
    rows: int = field(kw_only=True)
    """Numbers in the state of one neuron; the first is x."""
    usual: tuple[tuple[str, float | str], ...] = field(default=(), kw_only=True)
    """Settings of commands whose defaults are others for this model, by dotted key."""
    paper: str = field(
        default="Krylov, Dylov, Rosenblum, Chaos 30, 033126 (2020)",
        kw_only=True,
    )

    @property
    def variable_names(self) -> tuple[str, ...]:
        return tuple(variable.name for variable in self.variables)

    @property
    def local(self) -> tuple[Variable, ...]:
        """Variables that a site records: of oscillators, cos θ and sin θ."""
        return self.variables[: 2 if self.kernel == "phase" else 1]
