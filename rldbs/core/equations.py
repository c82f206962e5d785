"""A neuron model's equations as text: their grammar, and nothing else that a text could say.

    {"x": "x - x**3/3 - y + input", "y": "rate*(x - recovery*y + offset)"}

A rate is made of numbers, the names of variables and constants, ``input``, ``+ - * / **``, parentheses and the
functions of :data:`FUNCTIONS`. Python's parser reads it and nothing ever runs it: whatever is not in this list is
refused. What is left is arithmetic, whoever wrote the file.
"""

import ast
import hashlib
import keyword
import re
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from rldbs.core.errors import SettingError, shown

FUNCTIONS: Mapping[str, int] = {
    "exp": 1,
    "log": 1,
    "sqrt": 1,
    "tanh": 1,
    "sin": 1,
    "cos": 1,
    "sigmoid": 1,
    "abs": 1,
    "min": 2,
    "max": 2,
    "heaviside": 1,
}
"""The functions, and how many arguments each takes."""
INPUT = "input"
"""What drives a neuron: its current, and the coupling."""
FIRST = "x"
"""The variable that is coupled, kicked and recorded."""
MOST_VARIABLES, MOST_CONSTANTS = 8, 32
MOST_CHARACTERS = 1000
"""Of one equation."""
MOST_DEPTH = 40
"""Operations inside each other."""
MOST_OPERATIONS = 400
"""Of all equations of a model together."""
MOST_CALLS = 24
"""Likewise of functions, which take the compiler longest."""
MOST_POWER = 16
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,23}", re.ASCII)
CHARACTERS = re.compile(r"[A-Za-z0-9_ \n.,()*/+-]*", re.ASCII)
TAKEN = {INPUT, *FUNCTIONS, "null", "true", "false", "inf", "nan", "name"}
"""Names that mean something else already, here or on a command line."""
COLUMN = re.compile(r"x\d+|cluster.*")
"""Names of what is recorded at a site, or of a cluster."""
WAYS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)
SUM, PRODUCT = "sum", "product"


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
    known = _Names(equations.variables, equations.constants)
    trees = tuple(_read(f"model.equations.{name}", text, known) for name, text in equations.rates)
    _check_input(equations.variables, trees)
    inside = [node for tree in trees for node in ast.walk(tree)]
    operations = sum(isinstance(node, ast.BinOp | ast.UnaryOp | ast.Call) for node in inside)
    calls = sum(isinstance(node, ast.Call) for node in inside)
    if operations > MOST_OPERATIONS or calls > MOST_CALLS:
        raise SettingError(
            f"model.equations: {operations} operations, {calls} of them functions, are too many; at most "
            f"{MOST_OPERATIONS}, and {MOST_CALLS}"
        )
    return trees


def power(node: ast.expr) -> float | None:
    """The exponent that a tree is, if it is a number, perhaps with a sign."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        size = power(node.operand)
        return None if size is None else -size if isinstance(node.op, ast.USub) else size
    return float(node.value) if isinstance(node, ast.Constant) else None  # type: ignore[arg-type]


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
    names = [*variables, *constants]
    for name in names:
        if type(name) is not str or not NAME.fullmatch(name):
            raise SettingError(
                f"model.equations: {shown(name)} is no name: a letter, then up to 23 letters, digits and _"
            )
        if name in TAKEN or keyword.iskeyword(name) or COLUMN.fullmatch(name):
            raise SettingError(f"model.equations: {name} means something else; give it another name")
        if names.count(name) > 1:
            raise SettingError(f"model.equations: {name} is there twice, as a variable or a constant")


@dataclass(frozen=True)
class _Names:
    variables: Sequence[str]
    constants: Sequence[str]

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.variables, *self.constants, INPUT)

    def __str__(self) -> str:
        return f"There are numbers, {', '.join(self.all)}, + - * / **, and {', '.join(FUNCTIONS)}"


def _read(key: str, text: object, names: _Names) -> ast.expr:
    if type(text) is not str or not text.strip():
        raise SettingError(f"{key}={shown(text)}: must be an equation as text, such as x - x**3/3 - y + input")
    if len(text) > MOST_CHARACTERS:
        raise SettingError(f"{key}: has {len(text)} characters, at most {MOST_CHARACTERS} are read")
    if not CHARACTERS.fullmatch(text):
        wrong = next(character for character in text if not CHARACTERS.fullmatch(character))
        hint = "; powers are written **" if wrong == "^" else ""
        raise SettingError(f"{key}: {wrong!a} stands for nothing here{hint}\n{names}")
    text = text.replace("\n", " ").strip()
    tree: ast.expr | None = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, Warning):
        raise SettingError(f"{key}={shown(text)}: cannot be read; look for a missing sign or parenthesis") from None
    except (RecursionError, MemoryError):
        pass
    if tree is None or _deeper(tree, MOST_DEPTH):
        raise SettingError(f"{key}: has more than {MOST_DEPTH} operations inside each other")
    _check(key, text, tree, names)
    return tree


def chain(tree: ast.expr) -> list[tuple[ast.operator, ast.expr]]:
    """The terms of a sum, or the factors of a product, each with the sign before it; anything else stands alone."""
    found: list[tuple[ast.operator, ast.expr]] = []
    kind = kind_of(tree)
    while kind and isinstance(tree, ast.BinOp) and kind_of(tree) == kind:
        found.append((tree.op, tree.right))
        tree = tree.left
    return [(ast.Mult() if kind == PRODUCT else ast.Add(), tree), *reversed(found)]


def kind_of(tree: ast.AST) -> str:
    """Whether a tree is a sum, a product, or neither."""
    if not isinstance(tree, ast.BinOp):
        return ""
    return SUM if isinstance(tree.op, ast.Add | ast.Sub) else PRODUCT if isinstance(tree.op, ast.Mult | ast.Div) else ""


def _deeper(tree: ast.AST, most: int) -> bool:
    """Whether operations are inside each other beyond a number; the terms of a sum stand side by side."""
    nodes: list[tuple[ast.AST, int]] = [(tree, 1)]
    while nodes:
        node, depth = nodes.pop()
        if depth > most:
            return True
        for child in ast.iter_child_nodes(node):
            beside = isinstance(node, ast.BinOp) and child is node.left and kind_of(child) == kind_of(node) != ""
            nodes.append((child, depth + (not beside)))
    return False


def _check(key: str, text: str, tree: ast.expr, names: _Names) -> None:
    """Whether a tree holds only what the grammar has."""
    nodes: list[ast.expr] = [tree]
    while nodes:
        node = nodes.pop()
        match node:
            case ast.BinOp(left=left, op=op, right=right) if type(op) in WAYS:
                nodes += [left, right]
                if isinstance(op, ast.Pow):
                    _check_power(key, right, names)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                nodes.append(operand)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
                if len(arguments) != FUNCTIONS[name]:
                    raise SettingError(f"{key}: {name} takes {FUNCTIONS[name]}, {len(arguments)} given")
                nodes += arguments
            case ast.Name(id=name):
                if name not in names.all:
                    near = get_close_matches(name, [*names.all, *FUNCTIONS], n=1)
                    hint = f"\nDid you mean {near[0]}?" if near else ""
                    raise SettingError(f"{key}: there is no variable or constant {shown(name)}{hint}\n{names}")
            case ast.Constant(value=int() | float() as value) if type(value) is not bool:
                if not abs(value) <= 10**100 or 0 < abs(value) < 1e-100:
                    raise SettingError(f"{key}: {shown(value)} is no number from 1e-100 to 1e100")
            case _:
                raise SettingError(f"{key}: {shown(ast.get_source_segment(text, node))} is no arithmetic\n{names}")


def _check_power(key: str, exponent: ast.expr, names: _Names) -> None:
    value = power(exponent)
    if value is not None and abs(value) > MOST_POWER:
        raise SettingError(f"{key}: powers go from -{MOST_POWER} to {MOST_POWER}, {value:g} is beyond")
    for node in ast.walk(exponent):
        if isinstance(node, ast.Name) and node.id in (*names.variables, INPUT):
            raise SettingError(f"{key}: an exponent is a number or made of constants; {node.id} varies")


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
