"""What is written down of the machine that made a result, and what is told where it has changed."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
import torch
from rich.console import Console

import rldbs
from rldbs.experiment.train import resume, train
from rldbs.runs.find import read_meta
from rldbs.runs.machine import VARIABLES, changes, commit, machine, tell_changes
from tests.conftest import small_settings

PACKAGE = Path(rldbs.__file__).parent
SHOW = "from rldbs.runs.machine import machine; import json; print(json.dumps(machine()))"


def git(folder: Path, *words: str) -> str:
    settings = ["-c", "user.name=me", "-c", "user.email=me@here"]
    return subprocess.run(
        ["git", "-C", folder, *settings, *words], capture_output=True, text=True, check=True
    ).stdout.strip()


def repository(folder: Path, name: str) -> str:
    """Make a folder a repository of a project of that name with one commit: its hash."""
    folder.mkdir(exist_ok=True)
    (folder / "pyproject.toml").write_text(f'[project]\nname = "{name}"\n')
    git(folder, "init", "-q")
    git(folder, "add", "pyproject.toml")
    git(folder, "commit", "-qm", "first")
    return git(folder, "rev-parse", "--short=12", "HEAD")


def installed(site: Path) -> Path:
    """The package as it would be installed in a folder."""
    shutil.copytree(PACKAGE, site / "rldbs", ignore=shutil.ignore_patterns("__pycache__"))
    return site / "rldbs"


@pytest.mark.parametrize("place", [".venv/lib/python3.11/site-packages", "vendor", "."])
def test_the_commit_of_somebody_elses_repository_is_not_ours(tmp_path, place):
    mine = repository(tmp_path, "mine")
    module = installed(tmp_path / place) / "runs/machine.py"
    assert git(module.parent, "describe", "--always", "--abbrev=12") == mine
    spec = importlib.util.spec_from_file_location("its_machine", module)
    its = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(its)
    assert its.commit() is None


def test_our_own_checkout_has_its_commit(tmp_path, monkeypatch):
    own, other = repository(tmp_path / "own", "rldbs"), repository(tmp_path / "other", "other")
    package = installed(tmp_path / "own")
    git(tmp_path / "own", "add", ".")
    git(tmp_path / "own", "commit", "-qm", "second")
    second = git(tmp_path / "own", "rev-parse", "--short=12", "HEAD")
    assert len({own, other, second}) == 3
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other/.git"))  # as a hook of another repository has it
    assert commit(package) == second
    (package / "cli.py").write_text("")
    assert commit(package) == f"{second}+"
    (tmp_path / "work").mkdir()
    monkeypatch.delenv("GIT_DIR")
    git(tmp_path / "own", "worktree", "add", "-q", tmp_path / "work/tree")
    assert commit(tmp_path / "work/tree/rldbs") == second


@pytest.mark.parametrize("pyproject", [None, "[project]\nname=", "project = 3", "[project]\nname = 'mine'"])
def test_a_folder_that_is_no_checkout_of_ours_has_none(tmp_path, pyproject):
    repository(tmp_path, "rldbs")
    assert commit(installed(tmp_path)) is not None
    (tmp_path / "pyproject.toml").unlink()
    if pyproject is not None:
        (tmp_path / "pyproject.toml").write_text(pyproject)
    assert commit(tmp_path / "rldbs") is None


def machine_under(first: str = "", **variables: str) -> dict:
    """What a process says that has such an environment, and has done something first."""
    environment = os.environ | variables
    return json.loads(subprocess.run([sys.executable, "-c", first + SHOW], env=environment, capture_output=True).stdout)


def test_what_gives_other_bits_is_written_down_and_told(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    others = {"OPENBLAS_CORETYPE": "Haswell", "MKL_CBWR": "COMPATIBLE", "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2"}
    before = machine_under("import torch; ", ATEN_CPU_CAPABILITY="default", **others)
    assert before["variables"] == {"ATEN_CPU_CAPABILITY": "default", **others}
    assert before["computing"]["torch cpu capability"] == "DEFAULT"
    told = changes(before)
    for name, value in before["variables"].items():
        assert f"{name} was {value}, is unset" in told
    assert f"torch cpu capability was DEFAULT, is {torch.backends.cpu.get_cpu_capability()}" in told
    assert changes(json.loads(json.dumps(machine()))) == ""


@pytest.mark.parametrize("variable", ["OPENBLAS_CORETYPE", "NPY_DISABLE_CPU_FEATURES"])
def test_the_variants_that_numpy_and_its_algebra_have_chosen_are_seen(variable):
    here = machine_under()["computing"]
    value, key = {
        "OPENBLAS_CORETYPE": ("Prescott", "blas"),
        "NPY_DISABLE_CPU_FEATURES": (here["numpy exp"], "numpy exp"),
    }[variable]
    if here[key].startswith("baseline") or not here[key]:
        pytest.skip("this NumPy has one variant only")
    assert machine_under(**{variable: value})["computing"][key] != here[key]


def test_of_what_an_older_run_does_not_know_nothing_is_told(monkeypatch):
    old = {key: value for key, value in machine().items() if key not in ("computing", "variables")}
    monkeypatch.setenv("MKL_CBWR", "AVX2")
    assert changes(old) == ""
    assert changes(old | {"cpu": "another"}) == f"cpu was another, is {machine()['cpu']}"


def test_words_of_a_strangers_file_are_shown_as_text():
    out = StringIO()
    tell_changes(machine() | {"cpu": "[/red]\x1b]0;title\x07"}, Console(file=out, width=500))
    assert r"cpu was [/red]\x1b]0;title\x07, is" in out.getvalue()


def test_resuming_tells_it(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    folder.mkdir()
    out = StringIO()
    with monkeypatch.context() as patch:
        patch.setenv("ATEN_CPU_CAPABILITY", "default")
        train(small_settings(), folder, Console(file=out))
    assert read_meta(folder)["computing"]["torch cpu capability"] == torch.backends.cpu.get_cpu_capability()
    assert "Not as when" not in out.getvalue()
    resume(small_settings(), folder, Console(file=out, width=500))
    assert "Not as when the run began: ATEN_CPU_CAPABILITY was default, is unset. Its numbers may" in out.getvalue()
