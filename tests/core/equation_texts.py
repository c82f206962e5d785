"""Equations as texts: what may stand there by chance, and what somebody who means harm may write."""

import ast
import math
import random

MODELS = {
    "bvdp": (
        {"x": "x - x**3/3 - y + input", "y": "rate*(x - recovery*y + offset)"},
        {"rate": 0.1, "recovery": 0.8, "offset": 0.7},
    ),
    "hr": (
        {
            "x": "y - x**3 + 3*x**2 - z + input",
            "y": "1 - 5*x**2 - y",
            "z": "slow_rate*(slow_gain*(x - x_rest) - z)",
        },
        {"slow_rate": 0.006, "slow_gain": 4.0, "x_rest": -1.56},
    ),
}
"""The built-in models as they are published: rates, and constants."""

PIECES = [
    *"xyrk",
    *("x", "y", "rate", "k", "input", "2", "0.5", "1e3", "3", "-1", ".5", "1.", "0"),
    *(" + ", " - ", "*", "/", "**2", "**3", "**-1", "**0.5", "**k", "(", ")", "(", ")", ", "),
    *("exp(", "log(", "tanh(", "sqrt(", "sigmoid(", "min(", "max(", "abs(", "heaviside(", "cos(", "sin("),
]
HOSTILE = [
    "__import__('os').system('true')",
    "().__class__.__bases__[0]",
    "x.real",
    "x.__class__",
    "open",
    "eval(x)",
    "exec",
    "lambda: x",
    "[x for x in x]",
    "{x: y}",
    "x if x else y",
    "x and y",
    "not x",
    "x < y",
    "x := y",
    "f'{x}'",
    "b'x'",
    "'x'",
    '"x"',
    "`x`",
    "$x",
    "${x}",
    "# x",
    "x # y",
    "x\\\ny",
    "\\x",
    "x; y",
    "x\x00",
    "1j",
    "1e999",
    "1e101",
    "x**1000000",
    "x**-17",
    "x**y",
    "True",
    "None",
    "...",
    "*x",
    "**x",
    "f(*x)",
    "exp(x, y)",
    "exp(x=y)",
    "exp",
    "exp()",
    "min(x)",
    "x(y)",
    "1(2)",
    "x y",
    "x[0]",
    "x{",
    "*/ int main(void) { } /*",
    "0; system(0)",
    "x\n#include <stdio.h>",
    "#define x y",
    '__asm__("int3")',
    "х",  # a Cyrillic x
    "ｘ",
    "x²",
    "π",
    "x\u202ey",
    "x\u200b",
    "(" * 300 + "x" + ")" * 300,
    "-" * 800 + "x",
    "+-" * 300 + "x",
    "exp(" * 60 + "x" + ")" * 60,
    "2**" * 60 + "2",
    "1" * 900,
    "x" * 900,
    "x+" * 499 + "x",
    "",
    " ",
    "\n",
    "0x",
    "1_",
    "1__0",
    "01",
    "0b2",
    "1if x else 2",
    "x***y",
    "x//y",
    "x%y",
    "x^2",
    "x@y",
    "~x",
    "x|y",
    "x>>y",
    "await x",
    "yield x",
    "import os",
    "\tx",
    "\rx",
]


def drawn(generator: random.Random) -> str:
    """A text: pieces of equations in any order, or hostile ones, or some of each."""
    kind = generator.random()
    if kind < 0.15:
        return generator.choice(HOSTILE)
    if kind > 0.8:
        return sound(generator)
    pieces = [generator.choice(PIECES) for _ in range(generator.randint(1, 14))]
    if kind < 0.3:
        pieces.insert(generator.randrange(len(pieces)), generator.choice(HOSTILE))
    elif kind < 0.35:
        pieces.insert(generator.randrange(len(pieces)), chr(generator.randrange(1, 0x3000)))
    return "".join(pieces)


def sound(generator: random.Random, depth: int = 4) -> str:
    """A text that is an equation, without the input."""
    kind = generator.random()
    if depth == 0 or kind < 0.15:
        return generator.choice(["x", "y", "rate", "k", "x", "y", "2", "0.3", "1", "3.5"])
    inner = [sound(generator, depth - 1) for _ in range(2)]
    if kind < 0.5:
        return generator.choice([" + ", " - "]).join([*inner, sound(generator, depth - 1)])
    if kind < 0.7:
        return f"({inner[0]})*({inner[1]})"
    if kind < 0.78:
        return f"({inner[0]})/({generator.choice(['3', 'k', '(2 + x**2)', '(1.5 + abs(y))'])})"
    if kind < 0.86:
        return f"({inner[0]})**{generator.choice([2, 3, 4])}"
    if kind < 0.9:
        return f"-({inner[0]})"
    name = generator.choice(["tanh", "sin", "cos", "sigmoid", "abs", "min", "max"])
    return f"{name}({', '.join(inner if name in ('min', 'max') else inner[:1])})"


FUNCTIONS = {
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "tanh": math.tanh,
    "sin": math.sin,
    "cos": math.cos,
    "sigmoid": lambda x: 1.0 / (1.0 + math.exp(-x)),
    "abs": abs,
    "min": min,
    "max": max,
    "heaviside": lambda x: float(x >= 0),
}


def value_of(text: str, names: dict[str, float]) -> tuple[float, float]:
    """What Python makes of an equation, and how large the numbers on the way were, for the rounding."""
    largest = 0.0

    def value(node: ast.expr) -> float:
        nonlocal largest
        match node:
            case ast.Constant(value=number):
                found = float(number)  # type: ignore[arg-type]
            case ast.Name(id=name):
                found = names[name]
            case ast.UnaryOp(op=op, operand=operand):
                found = -value(operand) if isinstance(op, ast.USub) else value(operand)
            case ast.BinOp(left=left, op=op, right=right):
                a, b = value(left), value(right)
                match op:
                    case ast.Add():
                        found = a + b
                    case ast.Sub():
                        found = a - b
                    case ast.Mult():
                        found = a * b
                    case ast.Div():
                        found = a / b
                    case _:
                        found = a**b
            case ast.Call(func=ast.Name(id=name), args=arguments):
                found = FUNCTIONS[name](*map(value, arguments))
            case _:
                raise AssertionError(ast.dump(node))
        largest = max(largest, abs(found))
        return found

    return value(ast.parse(text, mode="eval").body), largest
