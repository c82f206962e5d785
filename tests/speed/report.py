"""What was measured, as tables for the console, as numbers, as a part of README.md and as a picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rldbs.analysis import drawing
from rldbs.core import native
from tests.speed.limit import Reached, moved, operations
from tests.speed.race import NEURONS, PEERS, Result

NAMES = {"numba": "Numba", "jax": "JAX", "brian2": "Brian 2", "numpy": "NumPy"}
BEGIN, END = "<!-- speed: written by make bench -->", "<!-- end of speed -->"
Row = Sequence[str]


def numbers(results: Mapping[str, Result], limits: Mapping[str, Sequence[Reached]]) -> dict[str, Any]:
    """All that was measured, by model."""
    best = native.SUPPORTED[-1]
    return {
        model: {
            "microseconds_per_step": {name: result.microseconds(name) for name in result.seconds},
            "ratio": {f"{best}/{name}": result.ratio(best, name) for name in result.seconds if name != best},
            "largest_difference": dict(result.difference),
            "limits": [
                {
                    "neurons": row.neurons,
                    "nanoseconds_per_neuron_step": row.kernel,
                    "arithmetic_alone": row.arithmetic,
                    "moving_data_alone": row.moving,
                    "part_of_limit": row.part,
                    "gflop_per_second": operations(model) / row.kernel,
                    "gigabytes_per_second": moved(model) / row.kernel,
                }
                for row in limits[model]
            ],
        }
        for model, result in results.items()
    }


def race_table(results: Mapping[str, Result]) -> tuple[Row, list[Row]]:
    """µs per step of each contender, and how many times as long as ours it takes, by model."""
    best = native.SUPPORTED[-1]
    header = ["", *(text for model in results for text in (f"{model}, µs", "times ours"))]
    rows = []
    for name in _contenders():
        row = [_label(name)]
        for result in results.values():
            row += [f"{result.microseconds(name):.2f}", "1" if name == best else f"{1 / result.ratio(best, name):.2f}"]
        rows.append(row)
    return header, rows


def limit_table(limits: Mapping[str, Sequence[Reached]]) -> tuple[Row, list[Row]]:
    """The kernel beside what binds it, by model and size."""
    header = ("", "neurons", "ns", "arithmetic", "moving data", "reached")
    rows = [
        (
            model,
            f"{row.neurons:,}",
            f"{row.kernel:.2f}",
            f"{row.arithmetic:.2f}",
            f"{row.moving:.2f}",
            f"{row.part:.0%} of {row.binds}",
        )
        for model, sizes in limits.items()
        for row in sizes
    ]
    return header, rows


def markdown(header: Row, rows: Sequence[Row]) -> str:
    """A table as Markdown has it."""
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def replace_block(path: Path, text: str) -> None:
    """Put ``text`` between the two markers of a file.

    Raises:
        SystemExit: the file does not have them.
    """
    before, begin, rest = path.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{path}: needs the lines {BEGIN} and {END}")
    path.write_text(f"{before}{BEGIN}\n\n{text.strip()}\n\n{END}{after}")


def picture(results: Mapping[str, Result], path: Path, subtitle: str) -> None:
    """A bar for each contender and model, on a logarithmic scale; ours dark."""
    names = _contenders()
    figure = drawing.page(9.0, 0.95 + 0.36 * (len(names) + 1))
    drawing.heading(figure, f"Time of one RK4 step of {NEURONS} coupled neurons, one core", subtitle)
    height = figure.get_figheight()
    panels = figure.subplots(1, len(results), sharey=True, sharex=True)
    figure.subplots_adjust(left=0.16, right=0.975, top=1 - 0.98 / height, bottom=0.45 / height, wspace=0.06)
    for axes, (model, result) in zip(panels, results.items(), strict=True):
        drawing.plain(axes, "")
        times = [result.microseconds(name) for name in names]
        colours = [drawing.BLUE if name in native.SUPPORTED else "#B9B9B9" for name in names]
        axes.barh(range(len(names)), [t - 1 for t in times], left=1, color=colours, height=0.62)
        for place, (name, t) in enumerate(zip(names, times, strict=True)):
            ours = name in native.SUPPORTED
            weight, colour = ("bold", drawing.BLUE) if ours else ("normal", drawing.INK)
            axes.text(
                t * 1.06,
                place,
                f"{t:.0f}" if t >= 10 else f"{t:.1f}",
                va="center",
                fontsize=9,
                fontweight=weight,
                color=colour,
            )
        axes.set_xscale("log")
        axes.set_xlim(1, 2.0 * max(r.microseconds(name) for r in results.values() for name in names))
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_yticks(range(len(names)), [_label(name) for name in names])
        axes.tick_params(axis="y", length=0, labelsize=9)
        axes.set_xticks([1, 10, 100], ["1", "10", "100"])
        axes.spines["left"].set_visible(False)
        axes.grid(axis="x", which="major", color=drawing.SHADE, linewidth=0.8, zorder=0)
        axes.set_axisbelow(True)
        axes.set_title(TITLES[model], fontsize=9, color=drawing.INK, loc="left", pad=6)
        axes.set_xlabel("microseconds", fontsize=9, color=drawing.INK)
    drawing.write(figure, path)


TITLES = {"bvdp": "Bonhoeffer–van der Pol", "hr": "Hindmarsh–Rose"}
INSTRUCTIONS = {"x86-64": "SSE2", "x86-64-v3": "AVX2", "x86-64-v4": "AVX-512", "generic": "generic"}


def _contenders() -> tuple[str, ...]:
    """Ours from the best instruction set down, then the peers."""
    return (*reversed(native.SUPPORTED), *PEERS)


def _label(name: str) -> str:
    return NAMES[name] if name in NAMES else f"rldbs, {INSTRUCTIONS[name]}"
