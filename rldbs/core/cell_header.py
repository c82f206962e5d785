"""The cells of a network as a C header, like those in ``native/cells/``: of a user's equations, or the core's."""

import ast
from collections.abc import Mapping, Sequence

from rldbs.core.cell_equations import AHEAD, CURRENT, CellEquations, of_potential
from rldbs.core.equation_grammar import power
from rldbs.core.equation_terms import Computation

INCLUDED = '#include "gates.h"', "#define ELEMENTARY ALWAYS_INLINE", '#include "elementary.h"'
"""Functions are inlined: a cell calls a dozen of them, and waits for each."""


class AsWritten(Computation):
    """The lines of C that compute values of some trees in the order in which they are written, each value once.

    Args:
        names: what the names in the trees are in C.
        doubles: which of these are plain doubles.
    """

    def __init__(self, names: Mapping[str, str], doubles: Sequence[str]) -> None:
        super().__init__({})
        self._values = dict(names)
        self._doubles |= set(doubles)

    def vector(self, tree: ast.expr) -> str:
        """The C name of a vector that is the value of a tree."""
        return self._vector(self.value(tree))

    def define(self, name: str, tree: ast.expr) -> None:
        """From now on a name is the value of a tree."""
        self._values[name] = self.value(tree)

    def value(self, tree: ast.expr) -> str:
        """The C name of the value of a tree: of a double where nothing in it varies."""
        match tree:
            case ast.Constant(value=int() | float() as value):
                return self._double(float(value).hex())
            case ast.Name(id=name):
                return self._values[name]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self.value(operand)
                return self._named(f"-{inner}", inner)
            case ast.UnaryOp(operand=operand):
                return self.value(operand)
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return self._power_of(left, right)
            case ast.BinOp(left=left, op=op, right=right):
                one, other = self.value(left), self.value(right)
                return self._named(f"{one} {SIGNS[type(op)]} {other}", one, other)
            case ast.Call(func=ast.Name(id="fma"), args=arguments):
                return self._fused(*map(self.vector, arguments))
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._called(name, *map(self.vector, arguments)).powers[0][0]
        raise AssertionError(ast.dump(tree))

    def _power_of(self, base: ast.expr, exponent: ast.expr) -> str:
        number = power(exponent)
        if number is None or not number.is_integer():
            below = self.vector(base)
            if number == 0.5:
                return self._called("sqrt", below).powers[0][0]
            logarithm = self._called("log", below).powers[0][0]
            product = self._multiplied([self.value(exponent), logarithm])
            return self._called("exp", product).powers[0][0]
        if number == 0:
            return self._double((1.0).hex())
        raised = self._raised(self.value(base), abs(int(number)))
        return raised if number > 0 else self._named(f"1.0 / {raised}", raised)


SIGNS: Mapping[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


def cells_header(cells: Sequence[CellEquations | str]) -> str:
    """The text of ``cells.h``, in which these are the cells. Nothing of the equations' own words is in it.

    Args:
        cells: equations, or names of cells of the core's.
    """
    lines, names = [*INCLUDED], []
    for number, cell in enumerate(cells):
        if isinstance(cell, str):
            names.append(cell)
            lines += [f'#include "cells/{cell}.h"', f"#define {cell}_start 0"]
        else:
            names.append(f"own{number}")
            lines += _cell(names[-1], cell)
    return "\n".join([*lines, f"#define RLDBS_CELLS(X) {' '.join(f'X({name})' for name in names)}", ""])


def _cell(name: str, cell: CellEquations) -> list[str]:
    variables = {each: f"s{i}" for i, each in enumerate(cell.variables)}
    inputs = {each: f"i{i}" for i, each in enumerate((CURRENT, *cell.inputs))}
    constants = {each: f"p{i}" for i, each in enumerate(cell.constants)}
    states = [f"const vec {each} = state[{i}];" for i, each in enumerate(variables.values())]
    fields = [f"const vec {each} = input[{i}];" for i, each in enumerate(inputs.values())]
    numbers = [f"const double {each} = parameters[{i}];" for i, each in enumerate(constants.values())]
    doubles, trees = [*constants.values()], cell.trees
    rates = AsWritten({**variables, **inputs, **constants, AHEAD: AHEAD}, [*doubles, AHEAD])
    for each, tree in trees.where.items():
        rates.define(each, tree)
    found = [rates.vector(tree) for tree in trees.rates.values()]
    spike = AsWritten({**variables, **constants}, doubles)
    after = {list(variables).index(each): spike.vector(tree) for each, tree in trees.spike.items()}
    start = AsWritten({**constants, "v": "s0"}, doubles)
    for each in of_potential(trees.where, cell.constants):
        start.define(each, trees.where[each])
    begun = {each: start.vector(tree) for each, tree in trees.start.items()}
    begin = [begun.get(each, "splat(0.0)") for each in cell.variables[1:]]
    counts = {"variables": len(variables), "inputs": len(inputs), "parameters": len(constants)}
    return [
        f"enum {{ {', '.join(f'{name}_{each} = {count}' for each, count in counts.items())} }};",
        f"#define {name}_threshold ({float(cell.threshold).hex()})",
        f"ALWAYS_INLINE void {name}_rate("
        "const vec *state, const vec *input, const double *parameters, double ahead, vec *rate)",
        *_body([*states, *fields, *numbers, *rates.lines, *(f"rate[{i}] = {each};" for i, each in enumerate(found))]),
        f"ALWAYS_INLINE void {name}_spike(mask fired, const double *parameters, vec *state)",
        *_body(
            [
                *states,
                *numbers,
                *spike.lines,
                *(f"state[{i}] = chosen(fired, {each}, s{i});" for i, each in after.items()),
            ]
        ),
        f"__attribute__((unused)) static void {name}_start(const double *parameters, vec *state)",
        *_body([states[0], *numbers, *start.lines, *(f"state[{i}] = {each};" for i, each in enumerate(begin, 1))]),
    ]


def _body(lines: Sequence[str]) -> list[str]:
    return ["{", *(f"    {line}" for line in lines), "}"]
