"""The tables of measurements: ``python -m tests.measured_tables NAME FOLDER`` writes them from what was measured there.

NAME is ``classical``, the classical controllers as they are shipped, ``identified``, the prices of identified control,
or ``experiments``, our own experiments, and
policies under noise, other couplings and sizes. ``make NAME`` does all of it.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.documents import replace_block
from tests.trained import MODELS, Reached

Curve = Mapping[str, Any]

NOISE = (
    "`zoo:bvdp-lqg`, identified without noise",
    "`zoo:bvdp-ppo`, trained without noise",
    "`experiment=noisy`, identified with 0.1",
    "`experiment=noisy agent=ppo`, trained with 0.1",
)
COUPLING = (
    "`experiment=drawn_coupling`, trained at 0.03–0.2",
    "trained at 0.03, the same largest kick, 0.1",
    "`zoo:bvdp-ppo`, trained at 0.03, largest kick 0.01",
    "`zoo:bvdp-lqg`, identified at 0.03, largest kick 0.01",
)
SIZE = ("`zoo:bvdp-lqg`, identified with 1000 neurons", "`zoo:bvdp-ppo`, trained with 1000 neurons")
OWN = {
    f"{name}-{agent}": f"`{name}{setting}`"
    for name in ("charge_balanced", "rectangular", "noisy")
    for agent, setting in (("lqg", ""), ("ppo", " agent=ppo"))
}
"""Folders of our own experiments, and what they are called."""
ALONE = "desynchronisation alone"


def curves(folder: Path) -> list[Curve]:
    """The curves of a folder, in their order."""
    found: list[Curve] = json.loads((folder / "curve.json").read_text())["curves"]
    return found


def number(value: float) -> str:
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}"


def reached(point: Curve, metric: str) -> float:
    return float(point["deterministic"][metric]["iqm"])


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def classical(folder: Path) -> str:
    """A row for every controller, from the highest S on the regular rhythm to the lowest."""
    columns = ["agent", *(text for model in MODELS for text in (f"`{model}`: S, mean abs kick", "net charge"))]
    rows = []
    for curve in sorted(curves(folder), key=lambda curve: -reached(curve["points"][0], "suppression")):
        points = {point["value"]: point for point in curve["points"]}
        row = [f"`{curve['agent']}`"]
        for model in MODELS:
            s, kick, charge = (reached(points[model], key) for key in ("suppression", "mean_abs_kick", "net_charge"))
            row += [f"{number(s)}, {kick:.4f}", f"{charge:.2f}"]
        rows.append(row)
    return table(columns, rows)


def identified(folder: Path) -> str:
    """What was measured of every price, and in brackets what the model had promised."""
    rows: dict[float, list[str]] = {}
    for column, model in enumerate(MODELS):
        for row in json.loads((folder / model / "model.json").read_text())["prices"]:
            line = rows.setdefault(row["price"], [f"{row['price']:g}", *["–"] * len(MODELS)])
            if row["suppression"] is not None:
                promise = "–" if row["promised_suppression"] is None else number(row["promised_suppression"])
                line[1 + column] = f"{number(row['suppression'])} ({promise}) at {row['mean_abs_kick']:.5f}"
    columns = ["price", *(f"`{model}`: S (promised) at mean abs kick" for model in MODELS)]
    return table(columns, [rows[price] for price in sorted(rows, reverse=True)])


def along(folder: Path, key: str, names: Sequence[str]) -> str:
    """S of each curve at every value, and what desynchronisation alone would give."""
    found = curves(folder)
    rows = [
        [name, *(number(reached(point, "suppression")) for point in curve["points"])]
        for name, curve in zip(names, found, strict=True)
    ]
    if key.startswith("model."):
        rows.append([ALONE, *(number(reached(point, "floor")) for point in found[0]["points"])])
    return table([f"`{key}=`", *(str(point["value"]) for point in found[0]["points"])], rows)


def own(folder: Path) -> str:
    """What our own experiments reach; all seeds of one in its row."""
    rows = []
    for name, label in OWN.items():
        place = folder / name
        seeds = (
            sorted(path.parent for path in place.glob("*/config.yaml")) if not (place / "config.yaml").exists() else []
        )
        runs = [Reached(path) for path in seeds or [place]]
        s = ", ".join(number(run.of("suppression")) for run in runs)
        largest = [max(run.of(key) for run in runs) for key in ("mean_abs_kick", "net_charge", "activity")]
        rows.append([label, s, f"{largest[0]:.4f}", f"{largest[1]:.2f}", f"{largest[2]:.2f}"])
    return table(["`rldbs train experiment=…`", "S", "mean abs kick", "net charge", "activity"], rows)


def main() -> None:
    name, where = sys.argv[1], Path(sys.argv[2])
    if name == "classical":
        replace_block("classical", classical(where))
        return
    if name == "identified":
        replace_block("identified", identified(where))
        return
    replace_block("experiments", own(where))
    replace_block("noise", along(where / "noise", "recording.relative_noise", NOISE))
    replace_block("coupling", along(where / "coupling", "model.coupling", COUPLING))
    replace_block("size", along(where / "size", "model.neurons", SIZE))


if __name__ == "__main__":
    main()
