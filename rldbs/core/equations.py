"""A neuron model's equations as text.

    {"x": "x - x**3/3 - y + input", "y": "rate*(x - recovery*y + offset)"}

A rate is made of numbers, the names of variables and constants, ``input``, and what :mod:`.equation_grammar` has.
"""

import ast
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rldbs.core.equation_grammar import SUM, TAKEN, Names, chain, check_length, check_names, kind_of, read_tree
from rldbs.core.errors import SettingError, shown

INPUT = "input"
"""What drives a neuron: its current, and the coupling."""
FIRST = "x"
"""The variable that is coupled, kicked and recorded."""
MOST_VARIABLES, MOST_CONSTANTS = 8, 32


@dataclass(frozen=True)
class Equations:
    """The rates of a neuron's variables, as text.

    Attributes:
        rates: of each variable in turn; the first one is x.
        constants: the names of the constants in them, in the order in which the kernel takes them.

    Raises:
        SettingError: a text is no such equation; the message begins with ``equations.VARIABLE``.
    """

    rates: tuple[tuple[str, str], ...]
    constants: tuple[str, ...]

    def __post_init__(self) -> None:
        if type(self.rates) is not tuple or not all(type(rate) is tuple and len(rate) == 2 for rate in self.rates):
            raise SettingError(f"model.equations={shown(self.rates)}: must be variables with their rates")
        if type(self.constants) is not tuple:
            raise SettingError(f"model.equations: constants must be names, are {shown(self.constants)}")
        _check_names(self.variables, self.constants)
        read(self)

    @staticmethod
    def of(rates: Mapping[str, str], constants: Collection[str]) -> "Equations":
        """The equations of some variables, by name, with some constants.

        Raises:
            SettingError: they are no such equations.
        """
        if not isinstance(rates, Mapping):
            raise SettingError(f"model.equations={shown(rates)}: must be variables with their rates")
        if isinstance(constants, str) or not isinstance(constants, Collection):
            raise SettingError(f"model.equations: constants must be names, are {shown(constants)}")
        return Equations(tuple(rates.items()), tuple(constants))

    @property
    def variables(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(name for name, _ in self.rates)

    @property
    def digest(self) -> str:
        """A fingerprint of all that is in them."""
        return hashlib.sha256(repr((self.rates, self.constants)).encode()).hexdigest()


def read(equations: Equations) -> tuple[ast.expr, ...]:
    """The rates as trees that hold only what the grammar has.

    Raises:
        SettingError: a text is no such equation.
    """
    known = Names((*equations.variables, INPUT), equations.constants)
    trees = tuple(read_tree(f"model.equations.{name}", text, known) for name, text in equations.rates)
    _check_input(equations.variables, trees)
    check_length("model.equations", trees)
    return trees


def _check_names(variables: Sequence[str], constants: Sequence[str]) -> None:
    if not 1 <= len(variables) <= MOST_VARIABLES or len(constants) > MOST_CONSTANTS:
        raise SettingError(
            f"model.equations: {len(variables)} variables and {len(constants)} constants; there must be 1 to "
            f"{MOST_VARIABLES} variables, and up to {MOST_CONSTANTS} constants"
        )
    if variables[0] != FIRST:
        raise SettingError(
            f"model.equations.{shown(variables[0])}: the first equation must be that of {FIRST}, which is coupled, "
            "kicked and recorded"
        )
    check_names("model.equations", [*variables, *constants], {INPUT, *TAKEN}, "as a variable or a constant")


def _check_input(variables: Sequence[str], trees: Sequence[ast.expr]) -> None:
    """Whether the input is added to the rate of x, and stands nowhere else."""
    for name, tree in zip(variables, trees, strict=True):
        there = sum(isinstance(node, ast.Name) and node.id == INPUT for node in ast.walk(tree))
        if there != (name == FIRST) or (there and not _is_added(tree)):
            raise SettingError(
                f"model.equations.{name}: {INPUT} is added to the rate of {FIRST} as it is, once, and stands nowhere "
                f"else: {FIRST}: … + {INPUT}\nWhere a current is divided by a capacitance, write it as already divided"
            )


def _is_added(tree: ast.expr) -> bool:
    """Whether the input is one of the terms of a sum."""
    sums = [tree]
    while sums:
        terms = chain(sums.pop())
        if len(terms) == 1 and isinstance(terms[0][1], ast.Name) and terms[0][1].id == INPUT:
            return True
        if len(terms) > 1 and kind_of(ast.BinOp(terms[0][1], terms[1][0], terms[1][1])) == SUM:
            sums += [term for sign, term in terms if isinstance(sign, ast.Add)]
    return False
