"""What was measured: tables, numbers, and the part of the handbook that shows them."""

from collections.abc import Mapping, Sequence

from rldbs.bench.figures import Figures
from rldbs.core import native
from tests.speed.limit import Reached, moved, operations
from tests.speed.race import NEURONS, PEERS, Result
from tests.speed.unfused import NAME as UNFUSED

NAMES = {"numba": "Numba", "jax": "JAX", "brian2": "Brian 2", "numpy": "NumPy"}
INSTRUCTIONS = {"x86-64": "SSE2", "x86-64-v3": "AVX2", "x86-64-v4": "AVX-512"}
NOTE = "Brian 2 does less: it takes its mean field once a step, all others at each of the four stages"


def race_figures(results: Mapping[str, Result]) -> Figures:
    """µs per step of each contender, and how many times as long as ours it takes, by model."""
    best = native.SUPPORTED[-1]
    numbers = {
        model: {
            "microseconds_per_step": {name: microseconds(result, name) for name in contenders()},
            "ratio": {f"{best}/{name}": result.turns.ratio(best, name) for name in contenders()},
            "largest_difference": dict(result.difference),
        }
        for model, result in results.items()
    }
    rows = []
    for name in contenders():
        row = [label(name)]
        for result in results.values():
            row += [f"{microseconds(result, name):.2f}", f"{result.turns.ratio(name, best):.2f}"]
        rows.append(row)
    columns = ["one core", *(text for model in results for text in (model, "× ours"))]
    title = f"Peers: µs per RK4 step of one population of {NEURONS} neurons"
    return Figures("peers", title, columns, rows, numbers)


def limit_figures(limits: Mapping[str, Sequence[Reached]]) -> Figures:
    """The kernel beside what binds it, by model and size."""
    numbers = {
        model: {
            str(size.neurons): {
                "nanoseconds": size.kernel,
                "arithmetic_alone": size.arithmetic,
                "moving_data_alone": size.moving,
                "part_of_limit": size.part,
                "operations_per_nanosecond": sum(operations(model)) / size.kernel,
                "operations_per_nanosecond_at_most": sum(operations(model)) / size.arithmetic,
                "gigabytes_per_second": moved(model) / size.kernel,
                "gigabytes_per_second_at_most": moved(model) / size.moving,
            }
            for size in sizes
        }
        for model, sizes in limits.items()
    }
    rows = [
        [
            model,
            f"{size.neurons:,}",
            *(f"{t:.2f}" for t in (size.kernel, size.arithmetic, size.moving)),
            f"{size.part:.0%}",
        ]
        for model, sizes in limits.items()
        for size in sizes
    ]
    columns = ["model", "neurons", "core", "arithmetic", "moving data", "of the limit"]
    title = "Limits: ns per RK4 step of one neuron, and what its arithmetic or moving its data alone take"
    return Figures("limits", title, columns, rows, numbers)


def microseconds(result: Result, name: str) -> float:
    """Median time of a step."""
    return 1e6 * result.turns.median(name)


def contenders() -> tuple[str, ...]:
    """Ours from the best instruction set down, then the peers."""
    return (*reversed(native.SUPPORTED), UNFUSED, *PEERS)


def label(name: str) -> str:
    if name == UNFUSED:
        return "rldbs, not fused"
    return NAMES[name] if name in NAMES else f"rldbs, {INSTRUCTIONS.get(name, name)}"


def block(parts: Sequence[Figures], picture: str, where: str) -> str:
    """What the handbook says."""
    caption = f"*One RK4 step of {NEURONS} neurons, float64, one core, timed in turns. {NOTE}.*"
    alternative = f"Time of a step of {NEURONS} neurons: rldbs, {', '.join(NAMES.values())}"
    tables = "\n\n".join(f"**{part.title}**\n\n{markdown(part)}" for part in parts)
    return f"![{alternative}]({picture})\n\n{caption}\n\n{where}\n\n{tables}"


def markdown(figures: Figures) -> str:
    """A table as Markdown has it."""
    lines = [figures.columns, ["---"] + ["---:"] * (len(figures.columns) - 1), *figures.rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
