"""A sweep on a Ray cluster ends as one on a single machine, whatever happens to nodes and to the command on the way."""

import signal
import subprocess
from pathlib import Path

import pytest

from rldbs.runs.find import read_meta, status_of
from rldbs.sweep.ray import ADDRESS
from tests.conftest import small
from tests.ray.cluster import Cluster, Node, signalled, wait_until
from tests.torture.runs import RLDBS, check_same, ended, resumed, start, steps_saved, whole

pytestmark = pytest.mark.ray
SETTINGS = [*small("ppo"), "steps=12288", "seed=range(8)"]
RUNS = [f"seed={seed}" for seed in range(8)]
Kept = dict[str, list[tuple[str, int]]]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same sweep without Ray, one run after the other."""
    folder = tmp_path_factory.mktemp("reference") / "sweep"
    whole([RLDBS, "train", "-m", *SETTINGS, f"hydra.sweep.dir={folder}"])
    return folder


def test_a_sweep_is_done_on_both_nodes(ray_cluster, reference, tmp_path):
    folder = tmp_path / "sweep"
    whole(on(ray_cluster, folder))
    assert {read_meta(folder / run)["host"] for run in RUNS} == {ray_cluster.head.name, ray_cluster.worker.name}
    check_sweep(folder, reference)


def test_the_runs_of_a_node_that_dies_go_on_on_another_one(ray_cluster, reference, tmp_path):
    folder = tmp_path / "sweep"
    process = start(on(ray_cluster, folder))
    struck, kept = dying(ray_cluster.worker, folder, process)
    status, said, complaint = ended(process)
    assert status == 0
    assert complaint == ""
    assert f"Node {ray_cluster.worker.name} is gone; what ran there goes on elsewhere\n" in said
    assert "raylet" not in said
    assert read_meta(folder / struck)["host"] == ray_cluster.head.name
    assert finished(folder, kept) == kept
    check_sweep(folder, reference)


def test_the_runs_of_a_node_that_falls_silent_go_on_on_another_one(ray_cluster, reference, tmp_path):
    folder = tmp_path / "sweep"
    process = start(on(ray_cluster, folder))
    wait_until(lambda: at_work(folder, ray_cluster.worker) is not None, "a run on the worker")
    ray_cluster.worker.cut_off()
    status, said, complaint = ended(process)
    assert (status, complaint) == (0, "")
    assert f"Node {ray_cluster.worker.name} is gone" in said
    check_sweep(folder, reference)


def test_a_sweep_whose_command_and_node_were_killed_is_gone_on_with_on_what_is_left(ray_cluster, reference, tmp_path):
    folder = tmp_path / "sweep"
    process = start(on(ray_cluster, folder))
    struck, _ = dying(ray_cluster.worker, folder, process)
    signalled(process, signal.SIGKILL)
    assert ended(process)[0] == -signal.SIGKILL
    wait_until(lambda: "running" not in statuses(folder), "the end of all tasks")
    assert status_of(folder / struck) == "interrupted"
    kept = finished(folder)
    assert 0 < len(kept) < len(RUNS)
    status, said, complaint = ended(start(resumed_on(ray_cluster, folder)))
    assert status == 0, complaint
    assert f"8 runs, {len(kept)} of them done already" in said
    assert finished(folder, kept) == kept
    check_sweep(folder, reference)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_lets_the_runs_save_themselves_on_all_nodes(number, ray_cluster, reference, tmp_path):
    folder = tmp_path / "sweep"
    process = start(on(ray_cluster, folder))
    nodes = ray_cluster.head, ray_cluster.worker
    wait_until(lambda: "done" in statuses(folder), "the first run")
    wait_until(lambda: all(at_work(folder, node) for node in nodes), "a run on each node")
    signalled(process, number)
    status, _, complaint = ended(process)
    assert status == 128 + number
    assert "Traceback" not in complaint
    assert f"rldbs resume {folder.name}" in complaint
    assert set(statuses(folder)) == {"done", "interrupted", "unknown"}
    stopped = [folder / run for run in RUNS if status_of(folder / run) == "interrupted"]
    assert 0 < len(stopped) <= len(nodes)
    assert all(steps_saved(run) % 512 == 0 for run in stopped)
    kept = finished(folder)
    whole(resumed_on(ray_cluster, folder))
    assert finished(folder, kept) == kept
    check_sweep(folder, reference)


def test_ray_is_started_on_this_machine_where_no_cluster_is_named(tmp_path, reference):
    if not Path(RLDBS).with_name("ray").exists():
        pytest.skip("needs pip install 'ray>=2.40'")
    folder = tmp_path / "sweep"
    settings = [*SETTINGS[:-1], "seed=0,1", "hydra/launcher=ray", "hydra.launcher.ray.init.num_cpus=2"]
    whole([RLDBS, "train", "-m", *settings, f"hydra.sweep.dir={folder}"])
    for run in RUNS[:2]:
        check_same(folder / run, reference / run)


def on(cluster: Cluster, folder: Path) -> list[str]:
    """The command of a sweep, as it is given on the head of a cluster."""
    ray = ["hydra/launcher=ray", f"{ADDRESS}={cluster.address}"]
    return cluster.head.enter([RLDBS, "train", "-m", *SETTINGS, *ray, f"hydra.sweep.dir={folder}"], folder.parent)


def resumed_on(cluster: Cluster, folder: Path) -> list[str]:
    """What goes on with a sweep on the head of a cluster."""
    return cluster.head.enter([*resumed(folder), f"{ADDRESS}={cluster.address}"], folder.parent)


def dying(node: Node, folder: Path, process: subprocess.Popen[str]) -> tuple[str, Kept]:
    """Kill a node in the middle of a run; the name of that run, and what was done by then."""

    def amid() -> bool:
        assert process.poll() is None, process.communicate()
        run = at_work(folder, node)
        return run is not None and steps_saved(folder / run) > 0 and "done" in statuses(folder)

    wait_until(amid, f"a run on {node.name}")
    run = at_work(folder, node)
    node.kill()
    assert run is not None
    return run, finished(folder)


def at_work(folder: Path, node: Node) -> str | None:
    """The run on which a node works."""
    running = [run for run in RUNS if status_of(folder / run) == "running"]
    return next((run for run in running if read_meta(folder / run)["host"] == node.name), None)


def statuses(folder: Path) -> list[str]:
    return [status_of(folder / run) for run in RUNS]


def finished(folder: Path, of: Kept | None = None) -> Kept:
    """The files of the runs that are done, or of some of them, each with the time of its last change."""
    runs = [run for run in RUNS if status_of(folder / run) == "done" and (of is None or run in of)]
    return {run: [(str(path), path.lstat().st_mtime_ns) for path in sorted((folder / run).rglob("*"))] for run in runs}


def check_sweep(folder: Path, reference: Path) -> None:
    """Whether every run of a sweep has ended as in another one."""
    assert statuses(folder) == ["done"] * len(RUNS)
    for run in RUNS:
        check_same(folder / run, reference / run)
