"""Small real folders of every kind, made once: a run, one that was interrupted, a search, a sweep, a benchmark."""

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import yaml

SMALL = (
    "model.neurons=20",
    "model.transient=400",
    "stimulus.amplitude=0.1",
    "protocol.episodes=2",
    "protocol.free=200",
    "protocol.stimulated=300",
    "protocol.onset=100",
    "protocol.relaxed=200",
    "threads=1",
)
TRAINED = (
    *SMALL,
    "start.populations=4",
    "start.snapshots=2",
    "episode.steps=100",
    "envs=4",
    "agent.rollout=64",
    "agent.hidden=[8]",
    "agent.minibatch=64",
    "agent.epochs=1",
    "agent.reward_floor=null",
    "checkpoints.every=256",
    "checkpoints.episodes=2",
    "checkpoints.stimulated=250",
    "checkpoints.most_kick=1",
    "checkpoints.least_activity=0",
    "steps=512",
)
SEARCHED = (
    *SMALL,
    "agent=proportional",
    "agent.gain=tag(log,interval(1e-3,1))",
    "agent.smoothing=3",
    "tune.episodes=2",
    "tune.free=200",
    "tune.stimulated=340",
    "tune.most_kick=0.1",
    "tune.least_activity=0",
    "tune.trials=6",
)
RUN, BROKEN, SEARCH = "runs/bvdp-ppo/20260101-120000-s0-1a2b", "runs/bvdp-ppo/20260102-120000-s0-3c4d", "runs/s/search"
SWEEP, BENCHMARK = "runs/sweeps/study", "bench"
CURVES, STRESS = "runs/curves/one", "runs/curves/two"
MEASURED = ("evaluate", "-m", f"run={RUN}", "model.neurons=20,30", "threads=1")
STRESSED = ("evaluate", "-m", f"run={RUN}", "stress=dropout", "threads=1")
SWEPT = ("train", "-m", *TRAINED, "seed=0,1", f"hydra.sweep.dir={SWEEP}")
BENCHMARKED = ("benchmark", "learners=[ppo]", "controllers=[proportional]", "tasks=[small]", "seeds=1")
BENCHMARKED = (*BENCHMARKED, "episodes=2", "trials=8", "jobs=1", f"folder={BENCHMARK}", "--config-dir", "conf")
MADE: tuple[Sequence[str], ...] = (
    ("train", *TRAINED, f"hydra.run.dir={RUN}"),
    ("evaluate", f"run={RUN}", "name=noisy", "recording.relative_noise=1"),
    ("tune", *SEARCHED, f"hydra.run.dir={SEARCH}"),
    SWEPT,
    (*MEASURED, f"hydra.sweep.dir={CURVES}"),
    (*STRESSED, f"hydra.sweep.dir={STRESS}"),
)
"""What makes them, but the benchmark."""

COMPLETED = ("evaluate run=", "resume ", "compare ", "compare sweep=", "train hydra.run.dir=runs/")
COMMANDS: dict[str, Sequence[Sequence[str]]] = {
    RUN: (
        ("evaluate", f"run={RUN}", "name=again", "threads=1"),
        ("evaluate", "run=last", "checkpoint=last", "threads=1"),
        ("evaluate", "-m", f"run={RUN}", "model.neurons=20,30", "hydra.sweep.dir=curves", "threads=1"),
        ("evaluate", "-m", f"run={RUN}", "agent=none", "stress=dropout", "hydra.sweep.dir=curves", "threads=1"),
        ("evaluate", f"run={RUN}", "agent=proportional", "threads=1"),
        ("resume", RUN, "threads=1"),
        ("resume", RUN, "steps=768", "threads=1"),
        ("compare", RUN, SEARCH, "folder=out/1", "html=page.html", "csv=numbers.csv"),
        ("compare", "runs", "name=noisy", "folder=out/2"),
        ("compare", "last", "folder=out/3"),
        ("evaluate", *SMALL[:2], "agent=none", *SMALL[3:], f"start.run={RUN}", "start=suppressed"),
    ),
    BROKEN: (
        ("resume", BROKEN, "threads=1"),
        ("resume", "last", "threads=1"),
        ("evaluate", f"run={BROKEN}", "threads=1"),
        ("compare", "runs", "folder=out/4"),
    ),
    SEARCH: (
        ("resume", SEARCH, "tune.trials=12", "threads=1"),
        ("resume", SEARCH, "tune.trials=8", "threads=1"),
        ("resume", SEARCH, "threads=1"),
        ("compare", RUN, SEARCH, "folder=out/5"),
        ("evaluate", f"run={SEARCH}", "threads=1"),
    ),
    SWEEP: (
        SWEPT,
        ("resume", SWEEP, "threads=1"),
        ("resume", "last", "threads=1"),
        ("compare", "sweep=last", "folder=out/6"),
        ("compare", f"sweep={SWEEP}", "folder=out/7"),
        ("evaluate", f"run={SWEEP}/seed=0", "threads=1"),
    ),
    CURVES: (
        MEASURED,
        (*MEASURED, f"hydra.sweep.dir={CURVES}"),
        ("resume", CURVES, "threads=1"),
        ("resume", "last", "threads=1"),
        ("compare", CURVES, "folder=out/9"),
    ),
    STRESS: (
        (*STRESSED, f"hydra.sweep.dir={STRESS}"),
        ("resume", STRESS, "threads=1"),
        ("resume", "last", "threads=1"),
    ),
    BENCHMARK: (BENCHMARKED, ("compare", BENCHMARK, "folder=out/8")),
}
"""What is done with each, beside what is done with all."""
EVERY: Sequence[Sequence[str]] = (("list", "runs"), ("list", "sweeps"))
CHANGED = ("runs", "bench", "curves", "out", "page.html", "numbers.csv", "conf", "said")
"""What the commands make, or were given, where they are called."""


def prepared(place: Path) -> None:
    """What stands there before any command: a task of our own, and what no command may touch."""
    text = ", ".join(f'"{setting}"' for setting in SMALL[:3] + SMALL[4:8])
    learner = ", ".join(f'"{setting}"' for setting in TRAINED[len(SMALL) :] if "most_kick" not in setting)
    (place / "conf" / "task").mkdir(parents=True)
    (place / "conf" / "task" / "small.yaml").write_text(
        f"# Small populations.\nsettings: [{text}]\nobjective: front\nmost_kick: 1.0\n"
        f"learners: [{learner}]\ncontrollers: []\n"
    )
    (place / "outside" / "folder").mkdir(parents=True)
    for name in ("secret", "folder/secret", "meta.json", "config.yaml"):
        (place / "outside" / name).write_text("{}\n")
    (place / "said").mkdir()


def interrupted(place: Path) -> None:
    """A run that was cut off half way, a sweep of which one run has not begun, and curves without their last points."""
    shutil.copytree(place / RUN, place / BROKEN, symlinks=True)
    config = yaml.safe_load((place / BROKEN / "config.yaml").read_text())
    (place / BROKEN / "config.yaml").write_text(yaml.safe_dump({**config, "steps": 1024}, sort_keys=False))
    _say(place / BROKEN, status="running", steps=1024, started="2026-01-02T12:00:00+00:00")
    for folder in (place / CURVES, place / STRESS):
        _say(folder, status="running")
        content = json.loads((folder / "curve.json").read_text())
        curves = content["stresses"][0]["curves"] if "stresses" in content else content["curves"]
        last = curves[0]["points"][-1]
        curves[0]["points"][-1] = {key: last[key] for key in ("value", "folder", "config") if key in last}
        (folder / "curve.json").write_text(json.dumps(content))
    begun = place / SWEEP / "seed=1"
    for path in begun.iterdir():
        if path.name != "config.yaml":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _say(folder: Path, **facts: object) -> None:
    """Put something else into its meta.json."""
    meta = json.loads((folder / "meta.json").read_text())
    (folder / "meta.json").write_text(json.dumps(meta | facts))


def state(folder: Path) -> dict[str, object]:
    """What lies in a folder, to the byte."""
    found: dict[str, object] = {}
    for where, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            path = Path(where) / name
            status = path.lstat()
            content = path.read_bytes() if path.is_file() and not path.is_symlink() else None
            found[str(path.relative_to(folder))] = (status.st_mode, status.st_mtime_ns, content)
    return found
