"""The equations of a kind of cell as text: its rates, what they share, where it begins, and what a spike does.

    where:      {m: "sigmoid((v + 30)/15)"}
    equations:  {v: "current - leak*(v + 60) - gaba*(v + 85)", s: "z", z: "-0.4*z - 0.04*(s + ahead*z)"}
    start:      {z: "0"}
    spike:      {z: "z + 0.2"}

They are made of numbers, names, and what :mod:`.equation_grammar` has; further of ``fma(a, b, c)``, a·b + c with one
rounding. Everything is computed in the order in which it is written.
"""

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rldbs.core.c_core import lib
from rldbs.core.equation_grammar import FUNCTIONS, FUSED, TAKEN, Names, check_length, check_names, read_tree
from rldbs.core.errors import SettingError, shown

POTENTIAL = "v"
"""The variable that comes first, and rises through the threshold at a spike."""
CURRENT = "current"
"""The input that is there always: constant currents, stimulation and pulses, in µA/cm²."""
AHEAD = "ahead"
"""The integration step with Euler's method, 0 with RK4."""
CELL_FUNCTIONS: Mapping[str, int] = {**FUNCTIONS, FUSED: 3}
MOST_VARIABLES, MOST_INPUTS = int(lib.RLDBS_MOST_VARIABLES), int(lib.RLDBS_MOST_INPUTS)
MOST_CONSTANTS = int(lib.RLDBS_MOST_PARAMETERS)
MOST_SHARED = 32
MOST_VOLTAGE = float(lib.RLDBS_MOST_VOLTAGE)
KINDS = "as a variable, an input, a constant or below where"
Texts = tuple[tuple[str, str], ...]
"""Names with equations, in their order."""


@dataclass(frozen=True)
class Trees:
    """The same equations as trees, by name."""

    where: dict[str, ast.expr]
    rates: Mapping[str, ast.expr]
    start: Mapping[str, ast.expr]
    spike: Mapping[str, ast.expr]


@dataclass(frozen=True)
class CellEquations:
    """The equations of a kind of cell.

    Attributes:
        key: under which they stand, such as ``model.cells.stn``, for messages.
        inputs: names of what projections sum, beside the current.
        constants: names of the constants.
        where: what several equations share, each made of those before it.
        rates: of each variable in turn, the first one of v, in mV and ms.
        start: where variables begin, made of v and constants; those that are left out begin at 0.
        threshold: a spike is where v rises through it, in mV.
        spike: what variables are after a spike, made of what they were.

    Raises:
        SettingError: a text is no such equation; the message begins with its key.
    """

    key: str
    inputs: tuple[str, ...]
    constants: tuple[str, ...]
    where: Texts
    rates: Texts
    start: Texts
    threshold: float
    spike: Texts

    def __post_init__(self) -> None:
        self._check_counts()
        own = [*self.inputs, *self.constants, *dict(self.where)]
        taken = {CURRENT, AHEAD, *TAKEN, *CELL_FUNCTIONS}
        check_names(self.key, [*self.variables, *own], taken, KINDS)
        for section, texts in (("start", self.start), ("spike", self.spike)):
            for name, _ in texts:
                if name not in self.variables:
                    there = ", ".join(self.variables)
                    raise SettingError(
                        f"{self.key}.{section}.{shown(name)}: there is no such variable; there are {there}"
                    )
        if POTENTIAL in dict(self.start):
            raise SettingError(f"{self.key}.start.v: v begins as model.v_mean and model.v_std say; leave it out")
        if not abs(self.threshold) < MOST_VOLTAGE:
            raise SettingError(f"{self.key}.threshold={self.threshold:g}: must be within ±{MOST_VOLTAGE:g} mV")
        trees = self.trees
        check_length(self.key, [tree for part in vars(trees).values() for tree in part.values()])
        self._check_inputs()

    @property
    def variables(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(name for name, _ in self.rates)

    @cached_property
    def trees(self) -> Trees:
        """The equations as trees that hold only what the grammar has."""
        varying = [*self.variables, CURRENT, *self.inputs]
        where: dict[str, ast.expr] = {}
        for name, text in self.where:
            where[name] = self._read("where", name, text, [*varying, *where])
        at_rest = [POTENTIAL, *of_potential(where, self.constants)]
        return Trees(
            where,
            {name: self._read("equations", name, text, [*varying, *where]) for name, text in self.rates},
            {name: self._read("start", name, text, at_rest, ahead=False) for name, text in self.start},
            {name: self._read("spike", name, text, self.variables, ahead=False) for name, text in self.spike},
        )

    def _read(self, section: str, name: str, text: str, varying: Sequence[str], ahead: bool = True) -> ast.expr:
        constants = [*self.constants, *([AHEAD] if ahead else [])]
        names = Names(varying, constants, CELL_FUNCTIONS, "current - leak*(v + 60)")
        return read_tree(f"{self.key}.{section}.{name}", text, names)

    def _check_counts(self) -> None:
        counts = (
            ("equations", len(self.rates), 1, MOST_VARIABLES),
            ("inputs", len(self.inputs), 0, MOST_INPUTS - 1),
            ("parameters", len(self.constants), 0, MOST_CONSTANTS),
            ("where", len(self.where), 0, MOST_SHARED),
        )
        for section, count, least, most in counts:
            if not least <= count <= most:
                raise SettingError(f"{self.key}.{section}: there must be {least} to {most}, there are {count}")
        if self.variables[0] != POTENTIAL:
            raise SettingError(
                f"{self.key}.equations.{shown(self.variables[0])}: the first equation must be that of {POTENTIAL}, the "
                "membrane potential, in mV"
            )

    def _check_inputs(self) -> None:
        """Whether whatever flows into a cell reaches it."""
        trees = self.trees
        used = {name for tree in trees.rates.values() for name in names_in(tree)}
        for name in reversed(trees.where):
            used |= names_in(trees.where[name]) if name in used else set()
        for name in (CURRENT, *self.inputs):
            if name not in used:
                what = "stimulation would do nothing" if name == CURRENT else f"what comes to {name} would do nothing"
                raise SettingError(
                    f"{self.key}.equations: {name} stands in no equation, so {what}; add it to that of v"
                )


def names_in(tree: ast.expr) -> set[str]:
    """The names of numbers in a tree."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called}


def of_potential(where: Mapping[str, ast.expr], constants: Collection[str]) -> list[str]:
    """Those of what equations share that are made of v and constants alone, so that a cell can begin with them."""
    found: list[str] = []
    for name, tree in where.items():
        if names_in(tree) <= {POTENTIAL, *constants, *found}:
            found.append(name)
    return found
