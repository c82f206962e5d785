"""What a controller in C is put together from: constants, tables, memory, and the functions that use them.

All of its memory is one struct, and all of it counts: nothing is allocated, and no array lies on the stack.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

BYTES = {"float": 4, "int32_t": 4, "uint64_t": 8}
"""Of the types that stand in the memory of a controller."""
ON_A_LINE = 6


class Kept(NamedTuple):
    """A number, or several, that a controller keeps from one decision to the next; 0 at the beginning."""

    name: str
    meaning: str
    kind: str = "float"
    length: int = 0
    """How many; 0 for one alone."""


class Effort(NamedTuple):
    """What a decision costs."""

    products: int = 0
    """Multiplications, each with the addition that belongs to it."""
    functions: int = 0
    """Calls of the mathematical library."""

    def plus(self, other: "Effort") -> "Effort":
        return Effort(self.products + other.products, self.functions + other.functions)


NO_EFFORT = Effort()


@dataclass(frozen=True)
class Part:
    """A piece of a controller."""

    code: str
    """Its functions. ``name_`` stands before every name that others see."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Whole numbers, by what C calls them."""
    numbers: Mapping[str, float] = field(default_factory=dict)
    """Other constants."""
    tables: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """Arrays of constants, as float32."""
    kept: Sequence[Kept] = ()
    effort: Effort = NO_EFFORT


def whole(parts: Sequence[Part]) -> Part:
    """Several parts as one, in their order."""
    joined: dict[str, Any] = {"counts": {}, "numbers": {}, "tables": {}}
    for part in parts:
        for name, known in joined.items():
            new = getattr(part, name)
            assert not known.keys() & new.keys(), f"{name} {known.keys() & new.keys()} stand twice"
            known.update(new)
    effort = Effort()
    for part in parts:
        effort = effort.plus(part.effort)
    code = "\n".join(part.code.strip("\n") + "\n" for part in parts if part.code)
    return Part(code, **joined, kept=[kept for part in parts for kept in part.kept], effort=effort)


def number(value: float) -> str:
    """A float32 as C writes it, to the bit."""
    text = np.format_float_scientific(np.float32(value), unique=True, trim="0", exp_digits=1)
    return f"{text.removesuffix('e+0')}f"


def table(name: str, values: NDArray[Any]) -> str:
    """The definition of an array of constants."""
    texts = [number(value) for value in np.ravel(values).tolist()]
    rows = [", ".join(texts[begin : begin + ON_A_LINE]) for begin in range(0, len(texts), ON_A_LINE)]
    lines = "".join(f"    {row},\n" for row in rows)
    return f"static const float {name}[{values.size}] = {{\n{lines}}};\n"


def definitions(part: Part) -> str:
    """Its constants and tables."""
    counts = "".join(f"    {name} = {value},\n" for name, value in part.counts.items())
    numbers = "".join(f"#define {name} {_bracketed(number(value))}\n" for name, value in part.numbers.items())
    tables = "\n".join(table(name, values) for name, values in part.tables.items())
    return "\n".join(text for text in (f"enum {{\n{counts}}};\n" if counts else "", numbers, tables) if text)


def members(part: Part) -> str:
    """The lines of the struct that keeps what it keeps; the widest first, so that there are no gaps."""
    lines = []
    for kept in sorted(part.kept, key=lambda kept: -BYTES[kept.kind]):
        size = f"[{kept.length}]" if kept.length else ""
        lines.append(f"    {kept.kind} {kept.name}{size}; /* {kept.meaning} */\n")
    return "".join(lines)


def flash(part: Part) -> int:
    """Bytes of its tables."""
    return 4 * sum(values.size for values in part.tables.values())


def memory(part: Part) -> int:
    """Bytes of its struct."""
    widest = max(BYTES[kept.kind] for kept in part.kept)
    used = sum(BYTES[kept.kind] * (kept.length or 1) for kept in part.kept)
    return -(-used // widest) * widest


def _bracketed(text: str) -> str:
    return f"({text})" if text.startswith("-") else text
