"""A cluster for the tests of SLURM, and runs that nothing disturbed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.slurm.cluster import Cluster, cluster, missing
from tests.slurm.sweeps import settings
from tests.torture.runs import RLDBS, whole


@pytest.fixture
def slurm(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster of two cores."""
    lacking = missing()
    if lacking:
        pytest.skip(f"SLURM is not installed: {', '.join(lacking)}")
    folder = tmp_path / "cluster"
    folder.mkdir()
    with cluster(folder) as up:
        yield up


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """The run with seed 1 and a number of steps, made here once."""
    made: dict[int, Path] = {}

    def run(steps: int) -> Path:
        if steps not in made:
            made[steps] = tmp_path_factory.mktemp("undisturbed") / "run"
            whole([RLDBS, "train", *settings(steps), "seed=1", f"hydra.run.dir={made[steps]}"])
        return made[steps]

    return run
