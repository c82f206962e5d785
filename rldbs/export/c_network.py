"""Policies that are networks, in C: layers with their units, a long short-term memory, past kicks, levels."""

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from rldbs.export.c_parts import Effort, Kept, Part
from rldbs.export.plain_network import PlainNetwork

LAYER = """
/* out = weight * in + bias; of the weights, a row for each output. */
static void layer(const float *weight, const float *bias, const float *in, int inputs, float *out, int outputs)
{
    int i, k;
    for (i = 0; i < outputs; i++) {
        float sum = bias[i];
        for (k = 0; k < inputs; k++)
            sum += weight[k] * in[k];
        out[i] = sum;
        weight += inputs;
    }
}
"""
UNITS = {
    "tanh": """
static void through_tanh(float *values, int count)
{
    int i;
    for (i = 0; i < count; i++)
        values[i] = tanhf(values[i]);
}
""",
    "relu": """
static void through_relu(float *values, int count)
{
    int i;
    for (i = 0; i < count; i++)
        values[i] = fmaxf(values[i], 0.0f);
}
""",
}
MEMORY = """
static float logistic(float x)
{
    return 0.5f + 0.5f * tanhf(0.5f * x);
}

/* Long short-term memory: the gates are input, forget, new and output. */
static void remember(name_state *s)
{
    int i, k;
    layer(memory_inputs, memory_bias, s->observation, INPUTS, s->gates, 4 * UNITS);
    for (i = 0; i < 4 * UNITS; i++)
        for (k = 0; k < UNITS; k++)
            s->gates[i] += memory_output[i * UNITS + k] * s->memory[k];
    for (i = 0; i < UNITS; i++) {
        const float *gate = s->gates + i;
        s->cell[i] = logistic(gate[UNITS]) * s->cell[i] + logistic(gate[0]) * tanhf(gate[2 * UNITS]);
        s->memory[i] = logistic(gate[3 * UNITS]) * tanhf(s->cell[i]);
    }
}
"""
LEVELS = """    for (i = 1; i < LEVELS; i++)
        if (@OUT@[i] > @OUT@[best])
            best = i;
    s->action[0] = -1.0f + 2.0f * (float)best / (float)(LEVELS - 1);
"""
AMPLITUDES = """    for (i = 0; i < ACTIONS; i++)
        s->action[i] = fminf(fmaxf(@OUT@[i], -1.0f), 1.0f);
"""
KICKS = """    float *kicks = s->observation + OBSERVED; /* the last ones, newest first */
"""
PAST = """    for (i = PAST - 1; i >= ACTIONS; i--)
        kicks[i] = kicks[i - ACTIONS];
    for (i = 0; i < ACTIONS && i < PAST; i++)
        kicks[i] = KICK_OF_ACTION * s->action[i];
"""


def network_part(network: PlainNetwork) -> Part:
    """All of a network, from the observation to the action."""
    tables: dict[str, NDArray[Any]] = {}
    counts, kept = {"INPUTS": network.inputs}, []
    calls: list[str] = []
    products = functions = 0
    units = {unit for _, unit in network.layers if unit is not None}
    code = LAYER + "".join(UNITS[unit] for unit in sorted(units))
    source, wide = "s->observation", max(len(layer.bias) for layer, _ in network.layers)
    if network.memory is not None:
        before, again = network.memory
        size = network.remembered
        tables |= {"memory_inputs": before.weight, "memory_bias": before.bias, "memory_output": again.weight}
        counts["UNITS"], code, source = size, code + MEMORY, "s->memory"
        kept += [
            Kept("memory", "what the memory puts out", length=size),
            Kept("cell", "what it remembers", length=size),
            Kept("gates", "room for its gates", length=4 * size),
        ]
        calls.append("remember(s);")
        products, functions = before.weight.size + again.weight.size + 3 * size, 5 * size
    for k, (layer, unit) in enumerate(network.layers):
        outputs, inputs = layer.weight.shape
        tables |= {f"weight_{k}": layer.weight, f"bias_{k}": layer.bias}
        out = f"s->layer_{k % 2}"
        calls.append(f"layer(weight_{k}, bias_{k}, {source}, {inputs}, {out}, {outputs});")
        if unit is not None:
            calls.append(f"through_{unit}({out}, {outputs});")
        source, products = out, products + layer.weight.size
        functions += outputs if unit == "tanh" else 0
    kept += [Kept(f"layer_{k}", "room for a layer", length=wide) for k in range(min(2, len(network.layers)))]
    counts |= {} if network.levels is None else {"LEVELS": network.levels}
    counts |= {"PAST": network.past} if network.past else {}
    code += _decide(network, calls, source)
    numbers = {"KICK_OF_ACTION": network.kick} if network.past else {}
    return Part(code, counts, numbers, tables, kept, Effort(products, functions))


def _decide(network: PlainNetwork, calls: Sequence[str], out: str) -> str:
    lines = KICKS if network.past else ""
    lines += "    int i;\n" if network.levels is None else "    int i, best = 0;\n"
    lines += "".join(f"    {call}\n" for call in calls)
    lines += (AMPLITUDES if network.levels is None else LEVELS).replace("@OUT@", out)
    lines += PAST if network.past else ""
    return f"\nstatic void decide(name_state *s)\n{{\n{lines}}}\n"
