"""Tab completion, from the candidates to a real bash."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rldbs.commands.completion import candidates, complete_compare, complete_unfinished
from rldbs.commands.offered_words import LISTS
from rldbs.config.groups import command_groups
from rldbs.runs.zoo import zoo

RLDBS = str(Path(sys.executable).with_name("rldbs"))
MODELS = command_groups("train")["model"]


def texts(command, word, *before):
    return [text for text, _ in candidates(command, before, word)]


@pytest.mark.parametrize(
    ("command", "word", "before", "expected"),
    [
        ("train", "mod", (), ["model="]),
        ("train", "model=b", (), ["model=bvdp", "model=bvdp_chaotic"]),
        ("train", "model=h", (), ["model=hr"]),
        ("train", "model=bvdp,h", (), ["model=bvdp,hr"]),
        ("train", "model.n", (), ["model.neurons="]),
        ("train", "model.neurons=", (), ["model.neurons=1000"]),
        ("train", "model.parameters.s", ("model=hr",), ["model.parameters.slow_rate=", "model.parameters.slow_gain="]),
        ("train", "model.parameters.s", (), []),
        ("train", "model.parameters.s", ("experiment=demo",), 2),
        ("train", "reward.w", ("reward=setpoint",), ["reward.weight="]),
        ("train", "reward.w", ("reward=deviation",), ["reward.window="]),
        ("train", "agent.gam", (), ["agent.gamma="]),
        ("train", "agent.gam", ("agent=none",), []),
        ("train", "se", (), ["seed="]),
        ("train", "protocol.o", (), ["protocol.onset="]),
        ("train", "episode.stagger=", (), ["episode.stagger=true", "episode.stagger=false"]),
        ("train", "recording.variable=", ("model=hr",), [f"recording.variable={v}" for v in "xyz"]),
        ("train", "recording.variable=", (), ["recording.variable=x", "recording.variable=y"]),
        ("train", "hydra/l", (), ["hydra/launcher="]),
        ("train", "hydra/launcher=j", (), ["hydra/launcher=joblib"]),
        ("train", "nothing", (), []),
        ("train", "nothing=", (), []),
        ("simulate", "rew", (), []),
        ("simulate", "pop", (), ["populations="]),
        ("evaluate", "checkpoint=", (), ["checkpoint=best", "checkpoint=last"]),
        ("evaluate", "js", (), ["json="]),
        ("evaluate", "anim", (), ["animation="]),
        ("evaluate", "hydra", (), ["hydra.sweep.dir="]),
        ("evaluate", "recording.variable=x,", (), ["recording.variable=x,x", "recording.variable=x,y"]),
        ("simulate", "hydra", (), []),
    ],
)
def test_candidates(command, word, before, expected):
    found = texts(command, word, *before)
    assert (len(found) if isinstance(expected, int) else found) == expected


def test_every_group_and_its_options_are_offered():
    for group, options in command_groups("train").items():
        assert f"{group}=" in texts("train", group[:3])
        assert texts("train", f"{group}=") == [f"{group}={option}" for option in options]


def test_stresses_are_offered_one_after_the_other():
    assert texts("evaluate", "stre") == ["stress="]
    assert texts("evaluate", "stress=noise,de") == ["stress=noise,delay"]
    assert "stress=all" in texts("evaluate", "stress=")
    assert all(meaning for _, meaning in candidates("evaluate", [], "stress="))


def test_every_candidate_is_explained():
    unexplained = [text for text, meaning in candidates("train", [], "protocol.") if not meaning]
    assert unexplained == []


def test_runs_are_offered_by_name_and_as_last_and_the_policies_of_the_package(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shipped = [f"run=zoo:{name}" for name in zoo()]
    assert shipped
    assert texts("evaluate", "run=") == shipped
    assert candidates("train", ["start=suppressed"], "start.run=zoo:hr") == [
        ("start.run=zoo:hr-lqg", "comes with the package"),
        ("start.run=zoo:hr-ppo", "comes with the package"),
    ]
    folder = tmp_path / "runs" / "hr-ppo" / "20260101-120000-s0-1a2b"
    folder.mkdir(parents=True)
    (folder / "config.yaml").touch()
    assert texts("evaluate", "run=") == ["run=last", "run=hr-ppo/20260101-120000-s0-1a2b", *shipped]
    assert texts("evaluate", "run=hr-ppo/2") == ["run=hr-ppo/20260101-120000-s0-1a2b"]


def test_own_options_are_offered(tmp_path):
    (tmp_path / "stimulus").mkdir()
    (tmp_path / "stimulus" / "weak.yaml").write_text("name: delta\nstrength: 3\n")
    assert [text for text, _ in candidates("train", [], "stimulus=w", [tmp_path])] == ["stimulus=weak"]
    assert candidates("train", ["stimulus=weak"], "stimulus.str", [tmp_path])


def test_sweeps_are_offered_where_they_can_stand(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("20260101-120000-1a2b", "20260102-120000-3c4d"):
        (tmp_path / "runs" / "sweeps" / name).mkdir(parents=True)
        (tmp_path / "runs" / "sweeps" / name / "sweep.json").touch()
    assert [text for text, _ in complete_compare("sweep=20260102")] == ["sweep=20260102-120000-3c4d"]
    assert [text for text, _ in complete_compare("sweep=")][:2] == ["sweep=last", "sweep=20260102-120000-3c4d"]
    assert [text for text, _ in complete_unfinished("sweeps/")][-1] == "sweeps/20260101-120000-1a2b"


LIGHT = """
import json, sys
from rldbs.cli import app
from rldbs.runs.zoo import zoo
from rldbs.commands.completion import candidates
for word in ("mod", "model=", "model.n", "recording.variable="): assert candidates("train", [], word)
candidates("evaluate", [], "run=")
try: app(["train", "--help"])
except SystemExit: pass
print(json.dumps(sorted(sys.modules)))
"""
HEAVY = {"gymnasium", "torch", "hydra", "omegaconf", "numpy", "scipy", "matplotlib", "stable_baselines3", "cffi"}


def test_completion_and_help_import_nothing_heavy():
    """Pydantic is left out: Typer itself uses it."""
    answer = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)
    assert not HEAVY & set(json.loads(answer.stdout.splitlines()[-1]))


BASH = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 ))
_rldbs_completion "$RLDBS"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def bash_script(tmp_path_factory):
    path = tmp_path_factory.mktemp("bash") / "rldbs.bash"
    answer = subprocess.run(
        [RLDBS], env={**os.environ, "_RLDBS_COMPLETE": "source_bash"}, capture_output=True, text=True
    )
    path.write_text(answer.stdout)
    return path


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["ev"], ["evaluate"]),
        (["train", "model", "="], MODELS),  # bash has split the word at "="
        (["train", "model", "=", "h"], ["hr"]),
        (["train", "model=h"], ["model=hr"]),  # "=" taken out of COMP_WORDBREAKS
        (
            ["train", "-m", "model", "=", "hr", "model.parameters.x"],
            ["model.parameters.x_rest=", "model.parameters.x_rest=-1.56"],
        ),
        (["train", "mod"], ["model=", *(f"model={name}" for name in MODELS)]),
        (["evaluate", "-m", "model", "=", "bvdp,h"], ["bvdp,hr"]),
        (["list", "ru"], ["runs"]),
        (["list", "keys", "model", "=", "h"], ["hr"]),
        (["list", "runs", "model", "=", "h"], [""]),
    ],
)
def test_bash_completes(bash_script, words, expected):
    """In a folder without runs, whose models would be offered."""
    answer = subprocess.run(
        ["bash", "-c", BASH, "bash", str(bash_script), "rldbs", *words],
        env={**os.environ, "RLDBS": RLDBS},
        cwd=bash_script.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.splitlines() == expected


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_are_answered(shell):
    environment = {
        **os.environ,
        "_RLDBS_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": "rldbs train model=h",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    answer = subprocess.run([RLDBS], env=environment, capture_output=True, text=True)
    assert "model=hr" in answer.stdout
    assert "Hindmarsh–Rose" in answer.stdout


def test_the_names_of_the_lists_are_those_that_there_are():
    from rldbs.commands.listing import LISTS as KINDS

    assert set(LISTS) == set(KINDS)
