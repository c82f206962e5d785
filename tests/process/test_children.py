"""Processes that a command starts: nothing of the current folder runs in them, and none outlives the command."""

import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from rldbs.bench import command_times
from rldbs.process.children import command, keep_out_the_current_folder, safe_children, safe_environment
from tests.benchmark.conftest import small_task
from tests.conftest import HANGS
from tests.sweep.conftest import BRIEF

RLDBS = str(Path(sys.executable).with_name("rldbs"))
SWEEP = ("train", "-m", *BRIEF, "seed=0,1,2", "hydra/launcher=joblib", "hydra.launcher.n_jobs=2", "hydra.sweep.dir=.")
BENCHMARK = ("benchmark", "learners=[ppo]", "controllers=[proportional]", "tasks=[small]", "seeds=1", "episodes=2")
LONG = "steps=10_000_000"
MODULES = ("joblib", "torch", "numpy", "json", "random", "sitecustomize", "usercustomize", "rldbs", "hydra_plugins")
"""What Python would find in a stranger's folder: as a file, and as a folder with an ``__init__.py``."""
PATIENCE = 120.0
"""Seconds within which everything has ended after its parent."""


@pytest.fixture
def strange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: whatever is imported from it leaves a file."""
    folder, seen = tmp_path / "strange", tmp_path / "seen"
    folder.mkdir()
    seen.mkdir()
    for k, name in enumerate(MODULES):
        path = folder / f"{name}.py"
        if k % 2:
            (folder / name).mkdir()
            path = folder / name / "__init__.py"
        path.write_text(f"open({str(seen / name)!r}, 'w').close()\n")
    monkeypatch.chdir(folder)
    return folder


def seen(strange: Path) -> list[str]:
    return sorted(path.name for path in (strange.parent / "seen").iterdir())


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, timeout=HANGS, env={**os.environ, **environment})


def test_a_strange_folder_is_noticed(strange):
    assert run(sys.executable, "-c", "import joblib").returncode == 0
    assert seen(strange) == ["joblib"]


@pytest.mark.slow
def test_a_sweep_imports_nothing_from_the_current_folder(strange, tmp_path):
    words = [word.replace("seed=0,1,2", "seed=0,1") for word in SWEEP[:-1]]
    done = run(RLDBS, *words, "hydra.sweep.dir=../study")
    assert done.returncode == 0, done.stderr
    os.remove("../study/seed=1/meta.json")
    again = run(RLDBS, "resume", "../study")
    assert again.returncode == 0, again.stderr
    assert seen(strange) == []


@pytest.mark.slow
def test_neither_does_a_benchmark(strange, tmp_path):
    done = run(RLDBS, *BENCHMARK, "trials=8", "folder=runs", "--config-dir", str(small_task(tmp_path)))
    assert done.returncode == 0, done.stderr
    assert seen(strange) == []


def test_nor_what_is_timed(strange):
    with command_times._command("list", "models") as process:
        assert process.wait(HANGS) == 0
    assert seen(strange) == []


@pytest.mark.slow
def test_nor_a_command_that_python_is_told_to_run_as_a_module(strange):
    shutil.rmtree("rldbs")  # Python itself imports it, to find the module
    done = run(sys.executable, "-m", "rldbs.cli", *SWEEP[:-1], "hydra.sweep.dir=../study")
    assert done.returncode == 0, done.stderr
    assert seen(strange) == []


@pytest.mark.parametrize("path", ["", ".", f"{os.pathsep}/nowhere", f"/nowhere{os.pathsep}.", "../strange"])
def test_an_entry_of_the_path_that_is_no_whole_path_is_not_passed_on(strange, monkeypatch, path):
    monkeypatch.setenv("PYTHONPATH", path)
    subprocess.run([sys.executable, "-c", "import json, random"], check=True, env=safe_environment())
    assert seen(strange) == []


def test_nor_by_a_command_that_is_started_with_it(strange, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", f".{os.pathsep}../strange")
    subprocess.run(command("list", "models"), check=True, env=safe_environment(), stdout=subprocess.DEVNULL)
    assert seen(strange) == []


def test_the_users_own_whole_paths_stay(monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}src{os.pathsep}")
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    before = dict(os.environ)
    with safe_children():
        assert (os.environ["PYTHONPATH"], os.environ["PYTHONSAFEPATH"]) == (str(tmp_path), "1")
    assert dict(os.environ) == before
    monkeypatch.setattr(sys, "path", ["", str(tmp_path), str(Path.cwd()), str(Path.cwd() / "src"), "/usr"])
    keep_out_the_current_folder()
    assert sys.path == [str(tmp_path), "/usr"]


class Family:
    """A command and all processes that come of it, whoever their parent is."""

    def __init__(self, *words: str) -> None:
        self._mark = f"RLDBS_TEST={uuid.uuid4().hex}"
        name, _, value = self._mark.partition("=")
        self.head = subprocess.Popen(
            words, env={**os.environ, name: value}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )

    def alive(self) -> list[int]:
        """The processes that have not ended."""
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            try:
                if self._mark.encode() in (path / "environ").read_bytes().split(b"\0"):
                    found.append(int(path.name))
            except OSError:
                continue
        return found

    def wait_for(self, there: Callable[[], bool]) -> None:
        end = time.monotonic() + HANGS
        while not there():
            assert self.head.poll() is None, self.head.communicate()[1]
            assert time.monotonic() < end
            time.sleep(0.05)

    def end(self) -> None:
        for process in self.alive():
            os.kill(process, signal.SIGKILL)
        self.head.communicate()


@pytest.fixture
def family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    started: list[Family] = []

    def start(*words: str) -> Family:
        started.append(Family(RLDBS, *words))
        return started[-1]

    yield start
    for one in started:
        one.end()


def rows(pattern: str) -> Callable[[], bool]:
    """Whether every progress.csv that fits has a row, and how many there are."""
    return lambda: any(len(path.read_text().splitlines()) > 1 for path in Path().glob(pattern))


def orphans(one: Family) -> list[int]:
    """Kill a command; what of it is left after some seconds."""
    assert len(one.alive()) >= 1
    one.head.kill()
    one.head.wait()
    end = time.monotonic() + PATIENCE
    while one.alive() and time.monotonic() < end:
        time.sleep(0.1)
    return one.alive()


def test_the_processes_of_a_sweep_end_with_it(family):
    one = family(*SWEEP, LONG)
    one.wait_for(rows("seed=*/progress.csv"))
    assert len(one.alive()) >= 4  # itself, two at work, one that looks after what they share
    assert orphans(one) == []


@pytest.mark.slow
def test_those_that_have_no_run_yet_end_with_it_too(family):
    one = family(*SWEEP, LONG)
    one.wait_for(lambda: len(one.alive()) >= 3)
    assert orphans(one) == []


@pytest.mark.slow
def test_those_of_a_benchmark_end_with_it(family, tmp_path):
    directory = small_task(tmp_path, LONG)
    words = [word.replace("controllers=[proportional]", "controllers=[]") for word in BENCHMARK]
    one = family(*words, "jobs=1", "folder=runs", "--config-dir", str(directory))
    one.wait_for(rows("runs/small/ppo/s0/progress.csv"))
    assert len(one.alive()) == 2
    assert orphans(one) == []


@pytest.mark.slow
def test_what_is_timed_ends_with_what_times_it(tmp_path, monkeypatch):
    code = "import sys; from rldbs.bench.command_times import _command\nwith _command(*sys.argv[1:]) as p: p.wait()"
    monkeypatch.chdir(tmp_path)
    one = Family(sys.executable, "-c", code, "train", *BRIEF, LONG, "hydra.run.dir=run")
    try:
        one.wait_for(rows("run/progress.csv"))
        assert len(one.alive()) == 2
        assert orphans(one) == []
    finally:
        one.end()


@pytest.mark.slow
def test_a_search_that_trains_leaves_nothing(family):
    one = family("tune", "agent=ppo", *BRIEF, LONG, "agent.gamma=0.9,0.99", "tune.trials=2", "hydra.run.dir=search")
    one.wait_for(rows("search/trials/0/progress.csv"))
    assert orphans(one) == []


def test_a_child_that_comes_after_its_parent_ends(tmp_path):
    words = command("train", *BRIEF, LONG, f"hydra.run.dir={tmp_path / 'run'}")
    words[words.index(str(os.getpid()))] = "1"
    assert subprocess.run(words, env=safe_environment(), check=False, timeout=HANGS).returncode == -signal.SIGKILL
