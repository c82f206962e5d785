"""What a controller in C wants: its formula, and what becomes of it."""

from collections.abc import Mapping

from rldbs.export.c_parts import Effort, Kept, Part

WANTED = """
/* The kick that is wanted, in units of the model. */
static float kick(name_state *s)
"""
DECIDE = """
static void decide(name_state *s)
{
    int i;
    for (i = 1; i < ACTIONS; i++)
        s->action[i] = 0.0f; /* what shapes a pulse stays in the middle */
    s->action[0] = fminf(fmaxf(kick(s) / AMPLITUDE, -1.0f), 1.0f);
}
"""


def law(
    lines: str, numbers: Mapping[str, float], products: int = 1, functions: int = 0, kept: tuple[Kept, ...] = ()
) -> Part:
    """The formula of a controller.

    Args:
        lines: the body of a C function of the state ``s`` that returns the kick.
        numbers: its constants.
        products: multiplications in it.
        functions: calls of the library in it.
        kept: what it keeps.
    """
    body = "".join(f"    {line}\n" for line in lines.strip("\n").split("\n"))
    code = f"{WANTED}{{\n{body}}}\n{DECIDE}"
    return Part(code, numbers=numbers, kept=kept, effort=Effort(products, functions))
