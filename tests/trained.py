"""The tables of trained policies: ``python -m tests.trained NAME FOLDER…`` writes one anew, from the runs in sweeps.

NAME is ``trained``, what default training reaches in README.md, or ``learners``, every learner on the regular rhythm.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from rldbs.files.folder import Folder
from rldbs.runs.find import read_meta, read_metrics
from rldbs.runs.json_fields import FINAL
from rldbs.runs.record import read_config
from tests.documents import replace_block

MODELS = ("bvdp", "bvdp_chaotic", "hr")
LINEAR = ("ars",)
"""Learners whose policy is linear."""


class Reached:
    """What a run has reached: interquartile means over the populations of its final measurement."""

    def __init__(self, folder: Path) -> None:
        config = read_config(folder)
        self.model, self.agent, self.seed = config["model"]["name"], config["agent"]["name"], config["seed"]
        self.steps = int(read_meta(folder)["steps"])
        self._metrics: Mapping[str, Any] = read_metrics(Folder(folder), FINAL)

    def of(self, metric: str, policy: str = "deterministic") -> float:
        return float(self._metrics[policy][metric]["iqm"])


def trained(runs: Sequence[Reached]) -> str:
    """A row for every model: its seeds, and their medians."""
    lines = [
        "| command | S, median of seeds 0, 1, 2 | of each | mean abs kick | activity | S, stochastic policy | steps |",
        "|---|---|---|---|---|---|---|",
    ]
    for model in MODELS:
        own = sorted((run for run in runs if run.model == model), key=lambda run: run.seed)
        cells = [
            f"`rldbs train model={model} agent=ppo`",
            f"{median(run.of('suppression') for run in own):.0f}",
            ", ".join(f"{run.of('suppression'):.0f}" for run in own),
            f"{median(run.of('mean_abs_kick') for run in own):.4f}",
            f"{median(run.of('activity') for run in own):.2f}",
            f"{median(run.of('suppression', 'stochastic') for run in own):.0f}",
            millions(own[0].steps),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def learners(runs: Sequence[Reached]) -> str:
    """A row for every learner, from the highest S to the lowest."""
    lines = ["| agent | S | mean abs kick | activity | steps |", "|---|---|---|---|---|"]
    for run in sorted(runs, key=lambda run: -run.of("suppression")):
        name = f"`{run.agent}`" + (", linear" if run.agent in LINEAR else "")
        numbers = f"{run.of('suppression'):.0f} | {run.of('mean_abs_kick'):.4f} | {run.of('activity'):.2f}"
        lines.append(f"| {name} | {numbers} | {millions(run.steps)} |")
    return "\n".join(lines)


def millions(steps: int) -> str:
    return f"{steps / 1e6:.1f} M"


TABLES = {"trained": trained, "learners": learners}

if __name__ == "__main__":
    name, *folders = sys.argv[1:]
    found = [path.parent for folder in folders for path in sorted(Path(folder).glob("*/config.yaml"))]
    replace_block(name, TABLES[name]([Reached(folder) for folder in found]))
