"""Equations as the C header of a neuron model, like those in ``native/models/``."""

from rldbs.core.equation_terms import Computation, Term
from rldbs.core.equations import INPUT, Equations, read

MODEL = "own"
"""What the model is called in C."""
INCLUDED = "fused.h", "elementary.h"


def models_header(equations: Equations) -> str:
    """The text of ``models.h``, in which this is the only model. Nothing of the equations' own words is in it."""
    names = {INPUT: Term(powers=((INPUT, 1),))}
    names |= {name: Term(powers=((f"s{i}", 1),)) for i, name in enumerate(equations.variables)}
    names |= {name: Term(constants=(f"p{i}",)) for i, name in enumerate(equations.constants)}
    computation = Computation(names)
    rates = [computation.vector(tree) for tree in read(equations)]
    variables, constants = len(equations.variables), len(equations.constants)
    body = [
        *(f"const vec s{i} = state[{i}];" for i in range(variables)),
        *(f"const double p{i} = parameters[{i}];" for i in range(constants)),
        *computation.lines,
        *(f"rate[{i}] = {name};" for i, name in enumerate(rates)),
    ]
    return "\n".join(
        [
            *(f'#include "{name}"' for name in INCLUDED),
            f"enum {{ {MODEL}_variables = {variables}, {MODEL}_parameters = {constants} }};",
            f"ALWAYS_INLINE void {MODEL}_rate(const vec *state, vec {INPUT}, const double *parameters, vec *rate)",
            "{",
            *(f"    {line}" for line in body),
            "}",
            f"#define RLDBS_MODELS(X) X({MODEL})",
            "",
        ]
    )
