"""Mistakes on the command line: each gets exit code 2 and one short message that says what to type instead."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from yaml import safe_dump

from rldbs.analysis.episode_statistics import summary
from rldbs.cli import main
from rldbs.config.composition import compose
from rldbs.config.groups import groups
from rldbs.runs.json_fields import NEEDED
from tests.conftest import HANGS
from tests.test_cli import MISTAKES as OTHERS

LONG = "x" * 10_000
MODELS = ", ".join(groups()["model"])
RUN = "runs/bvdp-ppo/20260101-120000-s0-1a2b"
SWEEP = ("train", "-m")
CURVE = ("evaluate", "-m", "agent=none")

MISTAKES: list[tuple[tuple[str, ...], str]] = [
    # the words after rldbs, what the message must contain
    # commands and options
    (("evalute", "run=last"), "Did you mean 'evaluate'?"),
    (("train", "--frobnicate"), "there is no such option; see --help"),
    (("evaluate", "--json=x"), "written without dashes: json=x"),
    (("simulate", "-m", "seed=1,2"), "-m: there is no such option"),
    (("bench", "-m"), "-m: there is no such option"),
    (("list", "--all"), "No such option: --all"),
    (("list", "models", "agents"), "agents: narrows nothing here"),
    (("list", "keys", "seed=1"), "seed=1: which keys there are depends on single options"),
    (("list", "keys", "model=bvdp,hr"), "depends on single options"),
    (("list", "keys", "modle=hr"), "Did you mean model?"),
    (("train", "--show", "seed=x"), "seed=x: must be a whole number"),
    (("train", "-m", "--show", "seed=1,2"), "--show: shows the settings of one run; leave out -m"),
    (("evaluate", "--show"), "no checkpoint 'best'"),
    (("tune", "--show", "agent=none"), "there is nothing to search"),
    (("list", "modles"), "Did you mean models?"),
    (("train", "--config-dir"), "requires an argument"),
    # keys
    (("bench", "sed=1"), "Did you mean seed?"),
    (("bench", "run=last"), "there is no setting run"),
    (("simulate", "agent=ppo"), "At the top level: seed, steps, populations, calibrate, threads"),
    (("simulate", "stimulus.amplitude=1"), "Groups and sections: electrode, model, tissue"),
    (("train", "model.amplitude=1"), "Did you mean stimulus.amplitude?"),
    (("train", "Seed=1"), "Did you mean seed?"),
    (("train", "MODEL=hr"), "Did you mean model?"),
    (("train", "model=HR"), "Did you mean model=hr?"),
    (("train", " model=hr"), "Did you mean model=hr?"),
    (("train", "model = hr"), "Did you mean model=hr?"),
    (("train", "model:hr"), "must be KEY=VALUE"),
    (("train", ""), "'': must be KEY=VALUE"),
    (("train", "=VALUE"), "Write KEY=VALUE"),
    (("train", "sëed=1"), "'sëed' is not the name of a setting"),
    (("train", "модель=hr"), "'модель' is not the name of a setting"),
    (("train", "+experiment=demo"), "write experiment=demo"),
    (("train", "++seed=1"), "write seed=1"),
    (("train", "~seed=0"), "settings can be changed, not removed"),
    (("train", "model@env=hr"), "write model=hr"),
    (("train", "model=hr", "model=bvdpp"), "Did you mean model=bvdp?"),
    (("train", "seed=1", "seed=x"), "seed=x: must be a whole number"),
    # characters and lengths
    (("train", "seed=\x1b[31m1"), "seed=\\x1b[31m1: has a character that cannot be seen"),
    (("train", "seed=1\nsteps=2"), "seed=1\\nsteps=2: has a character that cannot be seen"),
    (("train", "seed=\udcff"), "\\udcff"),
    (("\x1b[31mtrain",), "\\x1b[31mtrain"),
    (("train", f"model={LONG}"), "has 10006 characters; at most 4096"),
    (("train", f"{LONG}=1"), "at most 4096"),
    (("evaluate", f"run={LONG}"), "at most 4096"),
    (("train", "--config-dir", LONG), "at most 4096"),
    ((LONG,), "at most 4096"),
    (("list", LONG[:1000]), "There are models, stimuli"),
    (("train", "seed=" + "[" * 1500 + "]" * 1500), "too long or too deep"),
    (("train", "agent=" + "p" * 300), "agent can be a2c, acd, acd_oracle, adaptive_feedback, ars"),
    (("evaluate", f"run={LONG[:400]}"), "there is no such run"),
    (("evaluate", "agent=none", f"json={LONG[:400]}/a"), "must be a file in a directory that exists"),
    (("train", f"hydra.run.dir={LONG[:400]}"), "cannot be created: File name too long"),
    (("train", "--config-dir", LONG[:400]), "is not a directory"),
    # brackets, quotes, interpolations
    (("train", "seed='1"), "Brackets and quotes must be closed"),
    (("train", "agent.hidden=[64,64"), "Brackets and quotes must be closed"),
    (("train", "agent.hidden=(64,64)"), "the value cannot be read"),
    (("train", "a=b=c"), "text with special characters needs quotes"),
    (("train", "seed=${seed}"), "refers to itself; give it a value"),
    (("train", "seed=${steps}", "steps=${seed}"), "refers to itself"),
    (("train", "seed=${nope:1}"), "there is no ${nope:…}"),
    (("train", "model.neurons=???"), "??? stands for a missing value"),
    (("train", "hydra.run.dir=${nope}"), "${nope} names no setting"),
    # types and ranges
    (("train", "model.neurons=null"), "must be a whole number from 1 to 100 000 000"),
    (("train", "model.neurons={a:1}"), "must be a whole number from 1"),
    (("train", "model.coupling=1e400"), "must be a number from -100 to 100"),
    (("train", "model.coupling=[0.1]"), "must be a number from -100 to 100"),
    (("train", f"seed={10**30}"), "must be a whole number from 0 to 4 294 967 295"),
    (("train", f"seed={'9' * 4000}"), "must be a whole number from 0 to 4 294 967 295"),
    (("train", "steps=0"), "must be a whole number from 1 to 1 000 000 000 000"),
    (("train", "threads=257"), "must be a whole number from 1 to 256"),
    (("train", "stimulus.amplitude=-1"), "must be a number above 0 and up to 10 000"),
    (("simulate", "populations=0"), "must be a whole number from 1 to 10 000"),
    (("bench", "threads=0"), "must be a whole number from 1 to 256"),
    (("evaluate", "agent=none", "protocol.episodes=0"), "must be a whole number from 1 to 10 000"),
    (("train", "model.neurons=100000000"), "this machine has"),
    (("simulate", "populations=10000", "model.neurons=100000000"), "this machine has"),
    # what does not go together
    (("train", "agent=dqn"), "Set stimulus.levels=21, or use agent=ppo"),
    (("train", "agent=sac", "stimulus.levels=5"), "Set stimulus.levels=null, or use agent=ppo"),
    (("train", "steps=10"), "must be at least one rollout"),
    (("train", "agent=sac", "agent.warmup=10000000"), "must be above agent.warmup=10000000"),
    (("bench", "agent=none"), "rldbs evaluate model=bvdp agent=none"),
    (("train", "start=suppressed"), "start.run=null: which run is the first agent?"),
    (("train", "start=suppressed", f"start.run={RUN}", "model=hr"), "was trained on bvdp, not hr"),
    (("train", "start.seed=1000000"), "must differ from start.seed"),
    # runs and checkpoints
    (("evaluate", "run=2026"), "fits 2 runs: bvdp-ppo/20260101-130000-s1-2b3c"),
    (("evaluate", "run=bvdp-pp0/2026"), "Did you mean run=bvdp-ppo/20260101-1"),
    (("evaluate", "run=runs/bvdp-free/20260101-140000-s0-3c4d"), "is not the folder of a training run"),
    (("evaluate", "run=empty"), "is not the folder of a training run"),
    (("evaluate", "run=runs/bvdp-ppo"), "it holds 2 runs, name one of them"),
    (("evaluate", "run=~nobody-of-this-name/run"), "there is no such run"),
    (("evaluate", "run=zoo:bvdp"), "there are zoo:bvdp-lqg, zoo:bvdp-ppo"),
    (("evaluate", f"run={RUN}"), "no checkpoint 'best'; it has none"),
    (("evaluate", "run=zoo:bvdp-ppo", "checkpoint=7"), "no checkpoint '7'; it has best"),
    (("evaluate", f"run={RUN}", "checkpoint=../x"), "must be best, last or a number of environment steps"),
    (("evaluate", f"run={RUN}", "name=a/b"), "must be the name of a folder"),
    (("evaluate", f"run={RUN}", "agent=sac"), "the run keeps its own agent"),
    (("evaluate", f"run={RUN}", "animation=yes please"), "animation=yes please: must be true or false"),
    (("evaluate", f"run={RUN}", "--config-dir", "empty"), "a run is measured with its own options"),
    # folders and files
    (("train", "hydra.run.dir="), "must name a folder"),
    (("train", "hydra.run.dir=a,b"), "one value is needed"),
    (("train", "hydra.run.dir=runs"), "there is something in it; name a new folder"),
    (("train", "hydra.run.dir=file"), "cannot be created: File exists"),
    (("train", "hydra.run.dir=file/in/it"), "cannot be created: Not a directory"),
    (("simulate", "hydra.run.dir=/proc/nowhere"), "cannot be created: No such file"),
    (("evaluate", "agent=none", "json=empty"), "must be a file in a directory that exists"),
    (("bench", "json=nowhere/a.json"), "must be a file in a directory that exists"),
    (("train", "--config-dir", "file"), "--config-dir file: is not a directory"),
    (("train", "--config-dir", "broken", "stimulus=own"), "own.yaml: is not valid YAML (line 2)"),
    ((*CURVE, "--config-dir", "nowhere", "seed=1,2"), "is not a directory"),
    # Hydra's own settings
    (("train", "hydra.foo=1"), "There are hydra.run.dir and, with -m, hydra.sweep.dir"),
    (("train", "+hydra.foo=1"), "settings can be changed, not added"),
    (("train", "hydra.verbose=true"), "There are hydra.run.dir"),
    (("train", "hydra.searchpath=[empty]"), "--config-dir DIR"),
    (("train", "hydra/launcher=joblib"), "is for sweeps, with -m"),
    (("simulate", "hydra.sweep.dir=x"), "is not used here; the folder of a run is hydra.run.dir=DIR"),
    ((*SWEEP, "hydra/launcher=slurm", "seed=1,2"), "There are basic, joblib"),
    ((*SWEEP, "hydra.launcher.n_jobs=2", "seed=1,2"), "say which one, too: hydra/launcher=joblib"),
    ((*SWEEP, "hydra/launcher=joblib", "hydra.launcher.n_job=2", "seed=1,2"), "Hydra has no setting"),
    ((*SWEEP, "seed=1,2", "seed=3"), "seed=1,2: seed=3 is there, too"),
    ((*SWEEP, "hydra/launcher=joblib", "hydra.launcher.n_jobs=x", "seed=1,2"), "hydra.launcher.n_jobs=x"),
    ((*SWEEP, "hydra.run.dir=x", "seed=1,2"), "the folder of a sweep is hydra.sweep.dir=DIR"),
    ((*SWEEP, "hydra.sweep.dir=a,b", "seed=1,2"), "settings of Hydra take one value"),
    ((*SWEEP, "hydra.sweep.subdir=x", "seed=1,2"), "There are hydra.run.dir and, with -m, hydra.sweep.dir"),
    ((*SWEEP, "hydra/launcher=joblib", "hydra.launcher.n_jobs=0", "seed=1,2"), "must be a whole number of runs"),
    # several values
    ((*SWEEP, "seed=1,1"), "seed=1,1: 1 is there twice"),
    ((*SWEEP, "threads=1,2"), "threads=1,2: changes no result"),
    ((*SWEEP, "model=bvdp,hrr", "seed=1,2"), "there is no model hrr"),
    ((*SWEEP, "seed=1,2,x"), "(in the run with seed=x)"),
    ((*SWEEP, "model=*"), f"model can be {MODELS}"),
    ((*SWEEP, "model=glob(b*)"), "values are written out: model=A,B,C"),
    ((*SWEEP, "seed=range(0)"), "must have 1 to 10000 values"),
    ((*SWEEP, "seed=range(1000000000)"), "must have 1 to 10000 values"),
    ((*SWEEP, "seed=range(200)", "envs=range(1,200)"), "at most 10000 runs in one go"),
    ((*SWEEP, "seed=1,,2"), "the value cannot be read"),
    ((*SWEEP, "agent.gamma=0.9,2"), "(in the run with agent.gamma=2)"),
    ((*CURVE, "model.coupling=0.02,high"), "(in the measurement with model.coupling=high)"),
    ((*CURVE, "model.neurons=range(0)"), "must have 1 to 10000 values"),
    ((*CURVE, "seed=interval(0,1)"), "a curve needs single values"),
    ((*CURVE, "name=a,b"), "name their folders themselves"),
    ((*CURVE, "seed=1,2", "hydra.run.dir=x"), "curves have hydra.sweep.dir=DIR"),
    (("evaluate", "-m", f"run={RUN},{RUN}"), "is there twice"),
    # what cannot be resumed
    (("resume",), "Missing argument 'RUN'"),
    (("resume", "last"), "there is no run to resume"),
    (("resume", "2026"), "2026: fits 2 runs"),
    (("resume", "bvdp-pp0/2026"), "Did you mean bvdp-ppo/20260101-1"),
    (("resume", "empty"), "is not the folder of a training run"),
    (("resume", "zoo:bvdp-ppo"), "comes with the package, and is complete"),
    (("resume", RUN), f"For more: rldbs resume {RUN} steps=MORE"),
    (("resume", RUN, "steps=500000"), "the budget can only grow; it is 1000000"),
    (("resume", RUN, "steps=1500000.5"), "must be a whole number"),
    (("resume", RUN, "agent.gamma=0.9"), "only steps and threads may change"),
    (("resume", RUN, "steps=1,2"), "one value is needed"),
    (("resume", RUN, "stepps=1"), "Did you mean steps?"),
    (("resume", RUN, "hydra.run.dir=x"), "only steps and threads may change"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A directory with runs, in which nothing may change."""
    place = tmp_path_factory.mktemp("mistakes")
    config = safe_dump(compose("train", ["model.neurons=50"]))
    for name, command in (
        ("bvdp-ppo/20260101-120000-s0-1a2b", "train"),
        ("bvdp-ppo/20260101-130000-s1-2b3c", "train"),
        ("bvdp-free/20260101-140000-s0-3c4d", "simulate"),
    ):
        folder = place / "runs" / name
        folder.mkdir(parents=True)
        (folder / "config.yaml").write_text(config)
        (folder / "meta.json").write_text(json.dumps({"status": "done", "command": command}))
    measured = place / RUN / "evaluation" / "final"
    measured.mkdir(parents=True)
    metrics = {"deterministic": {key: summary([61.5]) for key in NEEDED}}
    (measured / "metrics.json").write_text(json.dumps(metrics))
    (place / "empty").mkdir()
    (place / "file").touch()
    (place / "broken" / "stimulus").mkdir(parents=True)
    (place / "broken" / "stimulus" / "own.yaml").write_text("amplitude: [1\n")
    return place


def told(words, capfd):
    """What stands on the standard error after the exit code and the form of the message are seen to be right."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    out, err = capfd.readouterr()
    assert ended.value.code == 2, err
    assert out == ""
    assert 1 <= len(err.strip().splitlines()) <= 6
    assert len(err) < 1500
    assert "Traceback" not in err
    return err


@pytest.mark.parametrize(("words", "message"), MISTAKES, ids=[ascii(" ".join(words))[1:60] for words, _ in MISTAKES])
def test_a_mistake_gets_one_short_message_with_the_remedy(words, message, place, monkeypatch, capfd):
    monkeypatch.chdir(place)
    before = sorted(place.rglob("*"))
    assert message in told(words, capfd)
    assert sorted(place.rglob("*")) == before


def test_the_table_has_many_rows_and_none_twice():
    lines = [" ".join(words) for words, _ in MISTAKES] + [line for line, _ in OTHERS]
    assert len(MISTAKES) >= 60
    assert len(set(lines)) == len(lines)
    assert {words[0] for words, _ in MISTAKES} >= {"train", "evaluate", "simulate", "bench", "list", "resume"}


@pytest.mark.parametrize("words", [("train", "model=HR"), ("train", "seed=\x1b[31m1")], ids=["a word", "an escape"])
def test_a_mistake_is_told_the_same_in_a_process_of_its_own(words, place):
    message = dict(MISTAKES)[words]
    answer = subprocess.run(
        [Path(sys.executable).with_name("rldbs"), *words], cwd=place, capture_output=True, text=True, timeout=HANGS
    )
    assert (answer.returncode, answer.stdout) == (2, "")
    assert message in answer.stderr


def damage(config, key, value):
    section, _, name = key.rpartition(".")
    (config[section] if section else config)[name] = value


DAMAGED = [
    # what is done to config.yaml, what the message must contain
    ("model: [bvdp\n", "is not valid YAML"),
    ("[1, 2]\n", "is not the configuration of a training run"),
    ("", "is not the configuration of a training run"),
    ("model: 2001-99-99\n", "holds a value that is none"),
    ("model: 2001-01-01\n", "text is written '2001-01-01'"),
    ("1: 2\n", "has the key 1, which is not text"),
    (("reward", None), "reward=null: must hold keys with values"),
    (("reward.name", None), "reward.name=null: must be one of deviation"),
    (("reward.name", ["deviation"]), "must be one of deviation"),
    (("stimulus.amplitude", "high"), "stimulus.amplitude=high: must be a number above 0"),
    (("stimulus.wat", 1), "stimulus.wat: there is no such setting"),
    (("wat", 1), "'wat' is none of its keys"),
    (("agent.name", "ppo9"), "agent.name=ppo9: must be one of ppo"),
    (("agent.name", "none"), "agent.name=none: must be one of ppo"),
    (("agent", "ppo"), "agent=ppo: must hold keys with values"),
    (("seed", None), "seed=null: must be a whole number"),
]


@pytest.mark.parametrize(("change", "message"), DAMAGED, ids=[str(change)[:40] for change, _ in DAMAGED])
def test_a_damaged_run_is_told_with_its_file(change, message, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    config = compose("train", ["model.neurons=50"])
    if isinstance(change, tuple):
        damage(config, *change)
        change = safe_dump(config)
    Path("run").mkdir()
    Path("run/config.yaml").write_text(change)
    err = told(("evaluate", "run=run"), capfd)
    assert message in err
    assert "run/config.yaml" in err
