"""The package that ``rldbs new plugin`` writes works as it stands, and where it is gone a run says so."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rldbs.commands.new_plugin import check_name
from rldbs.core.errors import SettingError
from tests.conftest import SMALL, call
from tests.plugged import NAME, installed, written

ORIGIN = "rldbs-soft-feedback 0.1.0"
MEASURED = [text for text in SMALL if text.startswith(("model.", "start.", "stimulus.", "protocol.", "threads"))]
CHOSEN = [f"reward={NAME}", "reward.beta=0.1"]
RUN = "runs/bvdp-ppo/first"


def done(capsys, *words):
    status, out, err = call([*words], capsys)
    assert (status, err) == (0, ""), err
    return out


def test_it_is_trained_on_measured_swept_compared_gone_on_with_and_missed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with monkeypatch.context() as path:
        installed(tmp_path, path)
        done(capsys, "train", *SMALL, *CHOSEN, f"hydra.run.dir={RUN}")
        meta = json.loads(Path(RUN, "meta.json").read_text())
        assert meta["plugins"] == {f"reward={NAME}": ORIGIN}
        done(capsys, "resume", RUN, "steps=5120")
        done(capsys, "evaluate", f"run={RUN}", "name=again")
        done(capsys, "evaluate", f"agent={NAME}", *MEASURED, "agent.gain=1", "hydra.run.dir=runs/soft")
        assert json.loads(Path("runs/soft/meta.json").read_text())["plugins"] == {f"agent={NAME}": ORIGIN}
        done(capsys, "train", "-m", *SMALL, *CHOSEN, "seed=1,2", "hydra.sweep.dir=runs/sweeps/two")
        shown = done(capsys, "compare", "runs", "html=page.html")
        assert NAME in shown
        assert NAME in Path("page.html").read_text()
    for words in (["evaluate", f"run={RUN}"], ["resume", RUN, "steps=6144"], ["evaluate", f"run={RUN}", "agent=pd"]):
        status, _, err = call(words, capsys)
        assert status == 2
        assert f"reward={NAME} is of the package {ORIGIN}, which is not installed" in err
    assert NAME in done(capsys, "compare", "runs")
    assert "first" in done(capsys, "list", "runs")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("My-Plugin", "must be a name of small letters"),
        ("class", "must be a name"),
        ("ppo", "there is agent=ppo"),
        ("json", "Python has a module of that name"),
        ("rldbs", "Python has a module of that name"),
        ("there", "there is there in this folder"),
    ],
)
def test_a_name_that_will_not_do_is_refused(name, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("there").touch()
    with pytest.raises(SettingError, match=message):
        check_name(name)
    assert os.listdir() == ["there"]


def test_other_words_are_refused(capsys):
    status, _, err = call(["new", "house", "mine"], capsys)
    assert (status, "there is nothing of that kind" in err) == (2, True)


@pytest.mark.slow
def test_in_a_fresh_environment_it_is_installed_and_its_tests_pass(tmp_path):
    folder = written(tmp_path, "fresh_feedback")
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--system-site-packages", environment], check=True)
    python = environment / "bin" / "python"
    ours = subprocess.run(
        [sys.executable, "-c", "import site; print(site.getsitepackages()[0])"], capture_output=True, text=True
    ).stdout.strip()
    there = subprocess.run(
        [python, "-c", "import site; print(site.getsitepackages()[0])"], capture_output=True, text=True
    ).stdout.strip()
    Path(there, "ours.pth").write_text(f"import site; site.addsitedir({ours!r})\n")
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", "-e", "."], cwd=folder, check=True)
    answer = subprocess.run([python, "-m", "pytest", "-q"], cwd=folder, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout
    listed = subprocess.run([python, "-m", "rldbs", "list", "agents"], cwd=folder, capture_output=True, text=True)
    assert "  fresh_feedback " in listed.stdout
    assert "rldbs-fresh-feedback 0.1.0" in listed.stdout
