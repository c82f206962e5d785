"""What may stand in equations of a user's, and nothing else that a text could say.

An equation is made of numbers, names, ``+ - * / **``, parentheses and functions. Python's parser reads it and nothing
ever runs it: whatever is not in this list is refused. What is left is arithmetic, whoever wrote the file.
"""

import ast
import keyword
import re
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
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
FUSED = "fma"
"""A function that some equations have, and that costs no more than a product."""
MOST_CHARACTERS = 1000
"""Of one equation."""
MOST_DEPTH = 40
"""Operations inside each other."""
MOST_OPERATIONS = 400
"""Of all equations of a model, or of one kind of cell, together."""
MOST_CALLS = 24
"""Likewise of functions, which take the compiler longest; a power that is no product is two, log and exp."""
MOST_POWER = 16
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,23}", re.ASCII)
CHARACTERS = re.compile(r"[A-Za-z0-9_ \n.,()*/+-]*", re.ASCII)
TAKEN = {*FUNCTIONS, "null", "true", "false", "inf", "nan", "name"}
"""Names that mean something else already, here or on a command line."""
COLUMN = re.compile(r"x\d+|cluster.*")
"""Names of what is recorded at a site, or of a cluster."""
WAYS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)
SUM, PRODUCT = "sum", "product"


def check_length(key: str, trees: Sequence[ast.expr]) -> None:
    """Whether equations are short enough for a compiler.

    Raises:
        SettingError: they are not.
    """
    inside = [node for tree in trees for node in ast.walk(tree)]
    operations = sum(isinstance(node, ast.BinOp | ast.UnaryOp | ast.Call) for node in inside)
    calls = sum(isinstance(node, ast.Call) and ast.unparse(node.func) != FUSED for node in inside)
    powers = [node for node in inside if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)]
    calls += sum(_functions(node.right) for node in powers)
    if operations > MOST_OPERATIONS or calls > MOST_CALLS:
        raise SettingError(
            f"{key}: {operations} operations, {calls} of them functions, are too many; at most {MOST_OPERATIONS}, and "
            f"{MOST_CALLS}"
        )


def _functions(exponent: ast.expr) -> int:
    """How many functions a power takes: none of a whole number, sqrt of a half, else log and exp."""
    size = power(exponent)
    if size is not None and size.is_integer():
        return 0
    return 1 if size == 0.5 else 2


def power(node: ast.expr) -> float | None:
    """The exponent that a tree is, if it is a number, perhaps with a sign."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        size = power(node.operand)
        return None if size is None else -size if isinstance(node.op, ast.USub) else size
    return float(node.value) if isinstance(node, ast.Constant) else None  # type: ignore[arg-type]


def check_names(key: str, names: Sequence[str], taken: Collection[str], kinds: str) -> None:
    """Whether what a user has named has names, and each its own.

    Args:
        key: under which they stand.
        names: all of them.
        taken: those that mean something else.
        kinds: what they are names of, for the message.

    Raises:
        SettingError: they have not.
    """
    for name in names:
        if type(name) is not str or not NAME.fullmatch(name):
            raise SettingError(f"{key}: {shown(name)} is no name: a letter, then up to 23 letters, digits and _")
        if name in taken or keyword.iskeyword(name) or COLUMN.fullmatch(name):
            raise SettingError(f"{key}: {name} means something else; give it another name")
        if names.count(name) > 1:
            raise SettingError(f"{key}: {name} is there twice, {kinds}")


@dataclass(frozen=True)
class Names:
    """What an equation may be made of.

    Attributes:
        varying: what changes in time, which no exponent may be made of.
        constants: what does not.
        functions: how many arguments each takes.
        example: an equation.
    """

    varying: Sequence[str]
    constants: Sequence[str]
    functions: Mapping[str, int] = field(default_factory=lambda: FUNCTIONS)
    example: str = "x - x**3/3 - y + input"

    @property
    def all(self) -> tuple[str, ...]:
        """Names of numbers."""
        return (*self.varying, *self.constants)

    def __str__(self) -> str:
        return f"There are numbers, {', '.join(self.all)}, + - * / **, and {', '.join(self.functions)}"


def read_tree(key: str, text: object, names: Names) -> ast.expr:
    """An equation as a tree that holds only what the grammar has.

    Args:
        key: under which it stands.
        text: the equation.
        names: what it may be made of.

    Raises:
        SettingError: it is no such equation.
    """
    if type(text) is not str or not text.strip():
        raise SettingError(f"{key}={shown(text)}: must be an equation as text, such as {names.example}")
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


def _check(key: str, text: str, tree: ast.expr, names: Names) -> None:
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
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in names.functions:
                if len(arguments) != names.functions[name]:
                    raise SettingError(f"{key}: {name} takes {names.functions[name]}, {len(arguments)} given")
                nodes += arguments
            case ast.Name(id=name):
                if name not in names.all:
                    near = get_close_matches(name, [*names.all, *names.functions], n=1)
                    hint = f"\nDid you mean {near[0]}?" if near else ""
                    raise SettingError(f"{key}: there is no variable or constant {shown(name)}{hint}\n{names}")
            case ast.Constant(value=int() | float() as value) if type(value) is not bool:
                if not abs(value) <= 10**100 or 0 < abs(value) < 1e-100:
                    raise SettingError(f"{key}: {shown(value)} is no number from 1e-100 to 1e100")
            case _:
                raise SettingError(f"{key}: {shown(ast.get_source_segment(text, node))} is no arithmetic\n{names}")


def _check_power(key: str, exponent: ast.expr, names: Names) -> None:
    value = power(exponent)
    if value is not None and abs(value) > MOST_POWER:
        raise SettingError(f"{key}: powers go from -{MOST_POWER} to {MOST_POWER}, {value:g} is beyond")
    for node in ast.walk(exponent):
        if isinstance(node, ast.Name) and node.id in names.varying:
            raise SettingError(f"{key}: an exponent is a number or made of constants; {node.id} varies")
