"""The core beside its peers and beside what the machine can do: python -m tests.speed --peers PYTHON [--write]

PYTHON is the interpreter of the peers' environment; `make bench` makes it. With --write, the numbers, the picture and
the part of README.md that show them are written anew.
"""

import argparse
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from rldbs.experiment.record import machine, now, write_json
from tests.speed import report
from tests.speed.limit import Reached, reached
from tests.speed.race import MODELS, NEURONS, ROOT, Result, on_one_core, race

NUMBERS, PICTURE = ROOT / ".ci" / "bench" / "peers.json", ROOT / ".ci" / "pictures" / "speed.png"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.speed", description=__doc__)
    parser.add_argument("--peers", type=Path, required=True, metavar="PYTHON")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    console = Console(highlight=False)
    results: dict[str, Result] = {}
    limits: dict[str, list[Reached]] = {}
    with on_one_core():
        for model in MODELS:
            results[model] = race(model, arguments.peers)
            limits[model] = reached(model)
    here = machine()
    versions = {"rldbs": version("rldbs")} | dict(results[MODELS[0]].versions)
    show(console, f"One RK4 step of {NEURONS} neurons, one core", *report.race_table(results))
    show(console, "ns for a step of a neuron, and what binds it", *report.limit_table(limits))
    console.print(f"{here['cpu']}; " + ", ".join(f"{tool} {number}" for tool, number in versions.items()))
    if arguments.write:
        numbers = report.numbers(results, limits)
        NUMBERS.parent.mkdir(exist_ok=True)
        write_json(NUMBERS, {"date": now(), "machine": here | {"versions": versions}, "models": numbers})
        where = f"{here['cpu']}, {now()[:10]}"
        report.picture(results, PICTURE, where)
        report.replace_block(ROOT / "README.md", block(results, limits, where, versions))


def show(console: Console, title: str, header: report.Row, rows: list[report.Row]) -> None:
    table = Table(title=title, title_justify="left")
    for i, words in enumerate(header):
        table.add_column(words, justify="left" if i == 0 else "right")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def block(results: dict[str, Result], limits: dict[str, list[Reached]], where: str, versions: dict[str, str]) -> str:
    """What README.md says."""
    tools = ", ".join(f"{tool} {number}" for tool, number in versions.items())
    return f"""
![Microseconds for a step of {NEURONS} neurons: rldbs, Numba, JAX, Brian 2 and NumPy]({PICTURE.relative_to(ROOT)})

*One RK4 step of {NEURONS} coupled neurons in float64 on one core, all in turns. {where}; {tools}.*

{report.markdown(*report.race_table(results))}

{report.markdown(*report.limit_table(limits))}
"""


if __name__ == "__main__":
    main()
