"""What each cell of a conductance network is: its state, what flows into it, and where its gates rest.

The equations themselves are in ``native/cells/<name>.h``, or a user's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from rldbs.core import native
from rldbs.core.arguments import Floats
from rldbs.core.c_core import ffi, lib
from rldbs.core.cell_equations import CURRENT, CellEquations

CELLS = tuple(ffi.string(lib.rldbs_cell_name(i)).decode() for i in range(lib.rldbs_cell_count()))
"""Names of the compiled cells."""


@dataclass(frozen=True)
class Cell:
    """A kind of cell. Potentials are in mV, times in ms, currents in µA/cm²; C is 1 µF/cm²."""

    name: str
    variables: tuple[str, ...]
    """The first one is the membrane potential v."""
    inputs: tuple[str, ...]
    """The current, then the synaptic conductances, in mS/cm²."""
    threshold: float
    """A spike is where v rises through this, in mV."""
    gates: Mapping[str, tuple[float, float]]
    """Middle and slope, in mV, of the gates that are variables: they rest at σ((v − middle)/slope)."""
    others: Mapping[str, float]
    """Where other variables begin, if not at 0."""
    equations: CellEquations | None = None
    """Those that a user has written, which say too where variables begin; None: they are in the core."""

    @property
    def holds(self) -> CellEquations | str:
        """What holds the equations: what a user has written, or a header of the core's by its name."""
        return self.equations or self.name

    def at_rest(self, v: Floats) -> Floats:
        """The state in which gates are at rest, of the core's cells: (variables, cells) from v (cells,)."""
        rows = {"v": v}
        for gate, (middle, slope) in self.gates.items():
            rows[gate] = 1.0 / (1.0 + native.curve("exponential", -(v - middle) / slope))
        state = native.zeros(len(self.variables), len(v))
        for row, name in zip(state, self.variables, strict=True):
            row[:] = rows.get(name, self.others.get(name, 0.0))
        return state


def _cell(
    name: str,
    variables: str,
    inputs: str,
    threshold: float,
    gates: Mapping[str, tuple[float, float]],
    others: Mapping[str, float],
) -> Cell:
    return Cell(name, tuple(variables.split()), tuple(inputs.split()), threshold, gates, others)


_PALLIDAL = {"n": (-50.0, 14.0), "h": (-58.0, -12.0), "r": (-70.0, -2.0)}
_STN = {"n": (-32.0, 8.0), "h": (-39.0, -3.1), "r": (-67.0, -2.0), "c": (-20.0, 8.0)}

TH = _cell("so2012_th", "v h r", "current gaba", -40.0, {"h": (-41.0, -4.0), "r": (-84.0, -4.0)}, {})
STN = _cell("so2012_stn", "v n h r c ca s z", "current gaba", -10.0, _STN, {"ca": 0.1})
GPE = _cell("so2012_gpe", "v n h r ca s", "current gaba ampa", -10.0, _PALLIDAL, {"ca": 0.1})
GPI = _cell("so2012_gpi", "v n h r ca s z", "current gaba ampa", -10.0, _PALLIDAL, {"ca": 0.1})

BUILT_IN: Mapping[str, Cell] = {cell.name: cell for cell in (TH, STN, GPE, GPI)}
"""The core's cells by name."""


def own_cell(name: str, equations: CellEquations) -> Cell:
    """A kind of cell that a user has written."""
    return Cell(name, equations.variables, (CURRENT, *equations.inputs), equations.threshold, {}, {}, equations)
