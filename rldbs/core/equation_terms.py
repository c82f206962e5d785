"""Equations in the order in which they are computed: sums of terms, each a constant times powers, as lines of C.

The rules, which the handbook tells (``rldbs guide own_models``), are those by which ``native/models/*.h`` are written:

1. What has no variable in it is a constant, computed in the order written. Division by one is multiplication by 1/c.
2. A constant before or behind parentheses is multiplied into them.
3. Terms of a sum that are powers of one thing are a polynomial: the lowest power times the rest, by Horner's rule.
4. Of a sum, terms that are no products are added first, from left to right; then products are added, the last one
   first, each with one rounding: fma(a, b, sum).

So x − x³/3 − y + input is fma(x, fma(−1/3, x², 1), input − y).
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from rldbs.core.equation_grammar import chain, kind_of, power


@dataclass(frozen=True)
class Term:
    """A constant times powers of values.

    Attributes:
        negative: whether minus that.
        constants: C names of doubles, which are multiplied; none for 1.
        powers: of values, C names of vectors, each with its exponent from 1 on; none where the term is constant.
    """

    negative: bool = False
    constants: tuple[str, ...] = ()
    powers: tuple[tuple[str, int], ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether it is no product of values: a constant, or a value alone."""
        return not self.powers or (not self.constants and len(self.powers) == 1 and self.powers[0][1] == 1)

    def times(self, other: "Term") -> "Term":
        """The product of two terms."""
        powers = dict(self.powers)
        for value, exponent in other.powers:
            powers[value] = powers.get(value, 0) + exponent
        return Term(self.negative != other.negative, self.constants + other.constants, tuple(powers.items()))


Terms = tuple[Term, ...]
"""What is added, in the order written."""
Pair = tuple[str, str]
"""Two C names that are multiplied."""


class Computation:
    """The lines of C that compute values of some trees, each value once.

    Args:
        names: what the names in the trees are.
    """

    def __init__(self, names: Mapping[str, Term]) -> None:
        self._names = names
        self._known: dict[str, str] = {}
        self._doubles: set[str] = {name for term in names.values() for name in term.constants}

    @property
    def lines(self) -> list[str]:
        """What has been computed so far, in its order."""
        kinds = {name: "double" if name in self._doubles else "vec" for name in self._known.values()}
        return [f"const {kinds[name]} {name} = {text};" for text, name in self._known.items()]

    def vector(self, tree: ast.expr) -> str:
        """The C name of a vector that is the value of a tree."""
        return self._vector(self._evaluated(self._terms(tree)))

    def _terms(self, tree: ast.expr) -> Terms:
        match tree:
            case ast.Constant(value=int() | float() as value):
                return (Term(constants=() if value == 1 else (self._double(float(value).hex()),)),)
            case ast.Name(id=name):
                return (self._names[name],)
            case ast.UnaryOp(op=op, operand=operand):
                return _negated(self._terms(operand), isinstance(op, ast.USub))
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return (self._power(self._terms(left), right),)
            case ast.BinOp() if kind_of(tree) == "sum":
                parts = [_negated(self._terms(part), isinstance(sign, ast.Sub)) for sign, part in chain(tree)]
                terms = tuple(term for part in parts for term in part)
                constant = not any(term.powers for term in terms)
                return (Term(constants=(self._evaluated(terms),)),) if constant else terms
            case ast.BinOp():
                (_, first), *rest = chain(tree)
                product = self._terms(first)
                for sign, part in rest:
                    other = self._terms(part)
                    product = (
                        self._product(product, other) if isinstance(sign, ast.Mult) else self._ratio(product, other)
                    )
                return product
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return (self._called(name, *map(self.vector, arguments)),)
        raise AssertionError(ast.dump(tree))

    def _product(self, one: Terms, other: Terms) -> Terms:
        if len(one) == 1 and not one[0].powers:
            return tuple(one[0].times(term) for term in other)
        if len(other) == 1 and not other[0].powers:
            return tuple(term.times(other[0]) for term in one)
        return (self._single(one).times(self._single(other)),)

    def _ratio(self, one: Terms, other: Terms) -> Terms:
        if len(other) == 1 and not other[0].powers:
            below = self._constant(other[0].constants)
            if len(one) == 1 and not one[0].powers:
                above = self._constant(one[0].constants)
                return (Term(one[0].negative != other[0].negative, (self._double(f"{above} / {below}"),)),)
            return self._product(one, (replace(other[0], constants=(self._double(f"1.0 / {below}"),)),))
        above, below = self._evaluated(one), self._evaluated(other)
        return (Term(powers=((self._named(f"{above} / {below}", above, below), 1),)),)

    def _power(self, base: Terms, exponent: ast.expr) -> Term:
        number = power(exponent)
        if number is None or not number.is_integer():
            below = self._vector(self._evaluated(base))
            if number == 0.5:
                return self._called("sqrt", below)
            return self._called(
                "exp", self._evaluated(self._product(self._terms(exponent), (self._called("log", below),)))
            )
        whole = abs(int(number))
        if whole == 0:
            return Term()
        single = self._single(base)
        if single.negative or single.constants or len(single.powers) != 1:
            name = self._evaluated((single,))
            if name in self._doubles:
                multiplied = self._multiplied([name] * whole)
                return Term(constants=(multiplied if number > 0 else self._double(f"1.0 / {multiplied}"),))
            single = Term(powers=((name, 1),))
        ((value, before),) = single.powers
        if number > 0:
            return Term(powers=((value, before * whole),))
        raised = self._raised(value, before * whole)
        return Term(powers=((self._named(f"1.0 / {raised}", raised), 1),))

    def _single(self, terms: Terms) -> Term:
        return terms[0] if len(terms) == 1 else Term(powers=((self._evaluated(terms), 1),))

    def _evaluated(self, terms: Terms) -> str:
        """The C name of a sum: of a double where it is constant, of a vector where it is not."""
        total, products = "", []
        for part in self._collected(terms):
            if isinstance(part, tuple):
                products.append(part)
            elif not part.is_plain:
                products.append(self._pair(part))
            else:
                name = part.powers[0][0] if part.powers else self._constant(part.constants)
                if total:
                    total = self._named(f"{total} {'-' if part.negative else '+'} {name}", total, name)
                else:
                    total = self._named(f"-{name}", name) if part.negative else name
        for one, other in reversed(products):
            total = self._fused(one, other, total) if total else self._multiplied([one, other])
        return total

    def _collected(self, terms: Terms) -> list[Term | Pair]:
        """The terms, those that are powers of one thing as one product."""
        found: list[Term | Pair] = []
        done: set[str] = set()
        for term in terms:
            value = term.powers[0][0] if len(term.powers) == 1 else ""
            alike = [other for other in terms if len(other.powers) == 1 and other.powers[0][0] == value]
            if value and len({other.powers for other in alike}) > 1:
                if value not in done:
                    found.append(self._polynomial(value, alike))
                done.add(value)
            else:
                found.append(term)
        return found

    def _polynomial(self, value: str, terms: Sequence[Term]) -> Pair:
        """The lowest power, and what it is multiplied by, from the highest power down."""
        descending = sorted(terms, key=lambda term: -term.powers[0][1])  # stable: written first, added first
        total, before = "", 0
        for exponent, alike in groupby(descending, key=lambda term: term.powers[0][1]):
            bare = tuple(replace(term, powers=()) for term in alike)
            constant = self._evaluated(bare)
            if not total:
                total = constant
                one = len(bare) == 1 and not bare[0].constants
                sign = "-" if bare[0].negative else "+"
            else:
                raised = self._raised(value, before - exponent)
                plain = self._named(f"{constant} {sign} {raised}", constant, raised) if one else ""
                total, one = plain or self._fused(total, raised, constant), False
            before = exponent
        return self._raised(value, before), total

    def _pair(self, term: Term) -> Pair:
        """Two factors of a product: all but the last, and the last."""
        if not term.constants and len(term.powers) == 1:
            ((value, exponent),) = term.powers
            half = exponent // 2 if exponent % 2 == 0 else 1
            factors = [self._raised(value, exponent - half), self._raised(value, half)]
        else:
            factors = [self._constant(term.constants)] if term.constants else []
            factors += [self._raised(value, exponent) for value, exponent in term.powers]
        if term.negative:
            factors[0] = self._named(f"-{factors[0]}", factors[0])
        return self._multiplied(factors[:-1]), factors[-1]

    def _raised(self, value: str, exponent: int) -> str:
        if exponent == 1:
            return value
        half = self._raised(value, exponent // 2 if exponent % 2 == 0 else exponent - 1)
        return self._multiplied([half, half if exponent % 2 == 0 else value])

    def _constant(self, constants: Sequence[str]) -> str:
        return self._multiplied(constants) if constants else self._double((1.0).hex())

    def _multiplied(self, names: Sequence[str]) -> str:
        return names[0] if len(names) == 1 else self._named(" * ".join(names), *names)

    def _fused(self, one: str, other: str, added: str) -> str:
        return self._remember(f"fma({one}, {other}, {added})", is_double=False)

    def _called(self, function: str, *arguments: str) -> Term:
        return Term(powers=((self._remember(f"{function}_of({', '.join(arguments)})", is_double=False), 1),))

    def _vector(self, name: str) -> str:
        return self._remember(f"splat({name})", is_double=False) if name in self._doubles else name

    def _double(self, text: str) -> str:
        return self._remember(text, is_double=True)

    def _named(self, text: str, *operands: str) -> str:
        """The name of a value: of a double where all that it is made of are doubles."""
        return self._remember(text, is_double=self._doubles.issuperset(operands))

    def _remember(self, text: str, is_double: bool) -> str:
        if text not in self._known:
            name = self._known[text] = f"{'k' if is_double else 't'}{len(self._known)}"
            if is_double:
                self._doubles.add(name)
        return self._known[text]


def _negated(terms: Terms, negative: bool) -> Terms:
    return tuple(replace(term, negative=term.negative != negative) for term in terms)
