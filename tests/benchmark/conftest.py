"""A benchmark that takes seconds: a task of our own with few small populations."""

from pathlib import Path

import pytest

from tests.conftest import ON_POLICY

SMALL = (
    "model.neurons=30",
    "model.transient=400",
    "stimulus.amplitude=0.1",
    "start.populations=4",
    "start.snapshots=2",
    "protocol.free=200",
    "protocol.stimulated=300",
    "protocol.onset=100",
    "protocol.relaxed=200",
)
LEARNER = (
    "steps=512",
    "envs=4",
    "episode.steps=100",
    "checkpoints.every=512",
    "checkpoints.episodes=2",
    "checkpoints.stimulated=250",
    "checkpoints.least_activity=0",
    "agent.minibatch=128",
    *ON_POLICY,
)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A folder with the task ``small``."""
    return small_task(tmp_path)


def small_task(folder: Path, *learner: str) -> Path:
    """The task ``small`` in a folder in ``folder``, with more settings for learners; the folder."""
    group = folder / "conf" / "task"
    group.mkdir(parents=True)
    texts = ", ".join(f'"{text}"' for text in SMALL)
    learners = ", ".join(f'"{text}"' for text in (*LEARNER, *learner))
    (group / "small.yaml").write_text(
        f"# Small populations.\nsettings: [{texts}]\nobjective: front\nmost_kick: 1.0\n"
        f"learners: [{learners}]\ncontrollers: []\n"
    )
    return group.parent
