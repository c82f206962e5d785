"""Run folders as training and measuring leave them, but with numbers of our own."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from rldbs.analysis.episode_statistics import summary
from rldbs.analysis.metric_definitions import METRICS
from rldbs.core.native import PHYSICS

CONFIG: dict[str, Any] = {
    "model": {"name": "bvdp", "neurons": 50, "set_point": -0.27, "parameters": {"rate": 0.1}},
    "stimulus": {"name": "delta", "amplitude": 0.01, "levels": None},
    "recording": {"name": "window", "length": 80, "noise": 0.0},
    "reward": {"name": "deviation"},
    "coupling": {"name": "fixed"},
    "start": {"name": "free", "populations": 4, "seed": 0},
    "episode": {"steps": 200},
    "agent": {"name": "ppo", "learning_rate": 0.001, "gamma": 0.95},
    "protocol": {"episodes": 2, "free": 200, "seed": 1},
}


class Runs:
    """Makes run folders below ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __call__(
        self,
        name: str,
        suppression: Sequence[float],
        seed: int = 0,
        kick: float = 0.001,
        activity: float = 0.9,
        free: Sequence[float] = (0.8, 0.7),
        course: Sequence[tuple[float, float, float]] = (),
        evaluation: str = "final",
        meta: Mapping[str, Any] | None = None,
        physics: int = PHYSICS,
        scores: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> Path:
        """A run with S on every population; ``changes`` are sections, or single keys, of its configuration."""
        folder = self.root / name
        config = {**CONFIG, "seed": seed}
        for key, value in changes.items():
            config[key] = {**config.get(key, {}), **value} if isinstance(value, dict) else value
        count = len(suppression)
        numbers = {key: np.full(count, 0.5) for key in METRICS} | {
            "suppression": np.array(suppression),
            "mean_abs_kick": np.full(count, kick),
            "activity": np.full(count, activity),
            "synchrony_free": np.array(free),
            **(scores or {}),
        }
        learned = config["agent"]["name"] in ("ppo", "sac")
        metrics = {
            "physics": physics,
            "protocol": config["protocol"],
            "checkpoint": {"name": "best", "steps": 100 if learned else None},
            "deterministic": {key: summary(values) for key, values in numbers.items()},
        }
        if learned:
            metrics["stochastic"] = metrics["deterministic"]
        measured = folder / "evaluation" / evaluation
        measured.mkdir(parents=True)
        (measured / "metrics.json").write_text(json.dumps(metrics))
        (folder / "config.yaml").write_text(yaml.safe_dump(config))
        facts = {"status": "done", "command": "train", "started": f"2026-01-01T00:00:{seed:02}"}
        (folder / "meta.json").write_text(json.dumps({**facts, **(meta or {})}))
        if course:
            lines = ["steps,time,suppression", "10,0.1,", *(",".join(map(str, row)) for row in course)]
            (folder / "progress.csv").write_text("\n".join(lines) + "\n")
        return folder


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path / "runs")
