"""Everything that rldbs bench shows, and the core beside its peers and beside what the machine can do:

python -m tests.speed --peers PYTHON [--write] [--only-peers]

PYTHON is the interpreter of the peers' environment; `make bench` makes it. With --write, the numbers, the picture and
the part of the handbook that shows them are written anew.
"""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path

from rldbs.bench.figures import Figures
from rldbs.bench.run_bench import circumstances, measured
from rldbs.commands.bench import bench_settings
from rldbs.process.terminal import show, show_table
from rldbs.runs.record import write_json
from tests.documents import replace_block
from tests.speed import ROOT
from tests.speed.cell_race import OCTAVE, cell_race
from tests.speed.limit import reached
from tests.speed.phase_race import phase_race
from tests.speed.picture import picture
from tests.speed.race import MODELS, Result, on_one_core, race
from tests.speed.rate_race import rate_race
from tests.speed.report import NOTE, block, limit_figures, race_figures

NUMBERS, PICTURE = Path(".ci", "bench.json"), Path(".ci", "pictures", "speed.png")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.speed", formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--peers", type=Path, required=True, metavar="PYTHON", help="of the peers' environment")
    parser.add_argument("--write", action="store_true", help="the handbook, its picture and .ci/bench.json")
    parser.add_argument("--only-peers", action="store_true", help="leave out what rldbs bench shows")
    arguments = parser.parse_args()
    if arguments.write and arguments.only_peers:
        parser.error("--write needs all figures")
    settings, _ = bench_settings((), None)
    numbers = circumstances(settings)
    results: dict[str, Result] = {}
    parts = []
    for part in _against_others(arguments.peers, results):
        show_table(part.title, part.columns, part.rows)
        parts.append(part)
    versions = dict(results[MODELS[0]].versions)
    show(f"{NOTE}.\n{_listed(versions)}\n")
    for part in () if arguments.only_peers else measured(settings):
        show_table(part.title, part.columns, part.rows)
        parts.append(part)
    if arguments.write:
        numbers |= {"peers_versions": versions} | {part.name: part.numbers for part in parts}
        write_json(ROOT / NUMBERS, numbers)
        where = f"{numbers['machine']['cpu']}, {numbers['machine']['cores']} cores"
        picture(results, ROOT / PICTURE, where)
        own = {"Python": numbers["machine"]["python"]} | numbers["machine"]["versions"]
        tools = f"{_listed(own)}; peers: {_listed(versions)}"
        replace_block("bench", block(parts, f"../../{PICTURE}", f"{where}, {numbers['date'][:10]}. {tools}."))


def _against_others(python: Path, results: dict[str, Result]) -> Iterator[Figures]:
    """The peers, whose results are also put into ``results``, and the limits."""
    with on_one_core():
        results |= {model: race(model, python) for model in MODELS}
        yield race_figures(results)
        yield phase_race(python)
        yield rate_race(python)
        if OCTAVE is not None:
            yield cell_race()
        yield limit_figures({model: reached(model) for model in MODELS})


def _listed(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{tool} {number}" for tool, number in versions.items())


if __name__ == "__main__":
    main()
