"""The command line as a user calls it: what it prints, what it refuses and how, where runs go."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from rldbs import __version__
from rldbs.analysis.episode_statistics import summary
from rldbs.cli import app, main
from rldbs.config.groups import groups
from rldbs.core.errors import DivergedError
from rldbs.files.user_file import NamedFile
from rldbs.runs.json_fields import NEEDED
from tests.conftest import call

RLDBS = str(Path(sys.executable).with_name("rldbs"))

MISTAKES = [
    # command line, what the message must contain
    ("train model.neuron=5", "Did you mean model.neurons?"),
    ("tune agent=none", "there is nothing to search; give a key a range: 'KEY=interval"),
    ("tune agent=proportional agent.gian=interval(0,1)", "Did you mean agent.gain?"),
    ("tune agent=proportional agent.gain=interval(1,0)", "the first number must be below the second"),
    ("train neurons=5", "Did you mean model.neurons?"),
    ("train amplitude=5", "Did you mean stimulus.amplitude?"),
    ("train modle=hr", "Did you mean model?"),
    ("train sed=1", "Did you mean seed?"),
    ("train xyzzy=1", "At the top level: seed, steps, envs, threads"),
    ("train model.xyzzy=1", "model has neurons, coupling"),
    ("train model.neurons.x=1", "there is no setting model.neurons.x"),
    ("train model.parameters.rat=1", "Did you mean model.parameters.rate?"),
    ("train model=hr model.parameters.rate=1", "model.parameters has slow_rate, slow_gain, x_rest"),
    ("train agent.hidden.0=3", "Did you mean agent.hidden?"),
    ("train agent=pp0", "Did you mean agent=ppo?"),
    ("train agent=xyzzy", "agent can be a2c, acd, acd_oracle, adaptive_feedback, ars"),
    ("train coupling=0.1", "Did you mean model.coupling=0.1?"),
    ("train coupling=drawn coupling.low=1", "coupling.low=1: must be at most coupling.high=0.5"),
    ("train coupling=walk coupling.low=0.1", "model.coupling=0.03: must be from coupling.low=0.1 to"),
    ("train electrode_drift=walk", "electrode_drift=walk: the electrode reaches all neurons alike"),
    ("train encapsulation=growth", "has no electrode that could be encapsulated"),
    ("train plasticity=walk plasticity.speed=-1", "plasticity.speed=-1: must be a number from 0 to 1 000"),
    ("train stimulus=charge_balanced stimulus.width=9", "stimulus.interval=5: must be at least stimulus.width=9 + "),
    ("train stimulus=pulse stimulus.levels=3", "there is no setting stimulus.levels"),
    ("train recording.noise=1 recording.relative_noise=1", "one must be 0"),
    ("train reward=band reward.low=3", "reward.low=3: must be at most reward.high=1.5"),
    ("train start=suppressed start.run=nope", "start.run=nope: there are no training runs"),
    ("train start=suppressed start.run=zoo:nope", "start.run=zoo:nope: there is no such policy"),
    ("evaluate run=zoo:nope", "run=zoo:nope: there is no such policy; there are"),
    ("train experiment=krylov2020_regular agent=sac", "(experiment=krylov2020_regular sets agent.rollout)"),
    ("train agent=dqn stimulus=pulse", "stimulus=pulse has none\nSet stimulus=delta stimulus.levels=21"),
    ("train agent=5", "agent can be a2c, acd, acd_oracle, adaptive_feedback, ars"),
    ("train agent=null", "agent can be a2c, acd, acd_oracle, adaptive_feedback, ars"),
    ("train agent=[ppo]", "agent can be a2c, acd, acd_oracle, adaptive_feedback, ars"),
    ("train model={neurons:5}", f"model can be {', '.join(groups()['model'])}"),
    ("train model.name=hr", "is chosen with model=…"),
    ("train agent@x=ppo", "write agent=ppo"),
    ("train +model.neurons=5", "write model.neurons=5"),
    ("train ++model.neurons=5", "write model.neurons=5"),
    ("train +agent=ppo", "write agent=ppo"),
    ("train ~agent", "settings can be changed, not removed"),
    ("train ~model.neurons", "settings can be changed, not removed"),
    ("train seed", "must be KEY=VALUE"),
    ("train hr", "Did you mean model=hr?"),
    ("train model", f"Did you mean model={'|'.join(groups()['model'])}?"),
    ("train --agent=ppo", "written without dashes: agent=ppo"),
    ("train -x", "there is no such option"),
    ("train =5", "is not the name of a setting"),
    ("train seed=[1", "Brackets and quotes must be closed"),
    ("train seed={a:", "Brackets and quotes must be closed"),
    ("train seed=f(3)", "Unknown function 'f'"),
    ("train seed=0,1", "several values need -m"),
    ("train model=hr,bvdp", "several values need -m"),
    ("train steps=range(3)", "several values need -m"),
    ("train model.neurons=${foo}", "${foo} names no setting"),
    ("train seed=${model.neurns}", "Did you mean model.neurons?"),
    ("train seed=${oc.env:RLDBS_NOT_THERE}", "RLDBS_NOT_THERE"),
    ("train seed=???", "seed=???"),
    ("train model.neurons=abc", "must be a whole number from 1 to 100 000 000"),
    ("train model.neurons=0", "must be a whole number from 1 to 100 000 000"),
    ("train model.neurons=1.5", "must be a whole number"),
    ("train model.neurons=true", "must be a whole number"),
    ("train model.neurons=", "must be a whole number"),
    ("train model.neurons=[5]", "must be a whole number"),
    ("train steps=2M", "must be a whole number from 1 to 1 000 000 000 000"),
    ("train seed=-1", "must be a whole number from 0 to 4 294 967 295"),
    ("train model.coupling=nan", "must be a number from -100 to 100"),
    ("train model.coupling=inf", "must be a number from -100 to 100"),
    ("train model.set_point=nan", "must be a finite number"),
    ("train agent.gamma=1", "must be a number from 0 and below 1"),
    ("train agent.learning_rate=0", "must be a number above 0 and up to 1"),
    ("train agent.hidden=[]", "must be a list of 1 to 16 values"),
    ("train agent.hidden=[0]", "each a whole number from 1 to 65 536"),
    ("train agent.hidden=64", "must be a list"),
    ("train agent.normalize_reward=1", "must be true or false"),
    ("train recording.variable=1", "must be text or a list of 1 to 16 values, each text"),
    ("train recording.variable=z", "bvdp has x, y"),
    ("train checkpoints.policy=best", "must be deterministic or stochastic"),
    ("train agent=td3 checkpoints.policy=stochastic", "agent=td3 learns a deterministic policy"),
    ("train model.parameters=5", "must be names with values"),
    ("train model.parameters.rate=fast", "must be a finite number"),
    ("train model.parameters={rat:1}", "Did you mean model.parameters.rate?"),
    ("train episode=5", "must hold steps, stagger"),
    ("train protocol.onset=15000", "must be below protocol.stimulated=15000"),
    ("train protocol.seed=0", "must differ from start.seed"),
    ("train agent.minibatch=100000 envs=4 agent.rollout=8", "envs × agent.rollout = 4 × 8 = 32"),
    ("train agent=none", "rldbs evaluate model=bvdp agent=none"),
    ("train --config-dir nowhere", "--config-dir nowhere: is not a directory"),
    ("train hydra.rn.dir=x", "Hydra has no setting hydra.rn"),
    ("train -m hydra/launcher=jblib seed=1,2", "Did you mean joblib?"),
    ("train -m seed=1,-2", "seed=-2: must be a whole number"),
    ("train -m model=hr,bvpd", "Did you mean model=bvdp?"),
    ("train -m hydra.launcher.n_jobs=1,2", "settings of Hydra take one value"),
    ("train -m seed=interval(0,1)", "a sweep needs single values"),
    ("simulate reward.beta=1", "there is no setting reward.beta"),
    ("simulate reward=setpoint", "there is no setting reward"),
    ("simulate steps=1", "must be a whole number from 100"),
    ("simulate seed=1,2", "one value at a time"),
    ("evaluate", "start one with: rldbs train"),
    ("evaluate run=last", "start one with: rldbs train"),
    ("evaluate agent=ppo", "a learner is measured through its run"),
    ("evaluate agent=none stimulus.levels=4", "an even number has no level at 0"),
    ("train agent=sac steps=20000 agent.update_every=2000", "must be at most (steps − agent.warmup) / envs = 156"),
    ("evaluate agent=none checkpoint=good", "must be best, last or a number"),
    ("evaluate agent=none name=../up", "must be the name of a folder"),
    ("evaluate agent=none json=nowhere/numbers.json", "must be a file in a directory that exists"),
    ("evaluate agent=none envs=5", "there is no setting envs"),
    ("evaluate agent=none model.neurons=5,6", "several values need -m"),
    ("evaluate -m agent=none", "One key needs several"),
    ("evaluate -m agent=none model.neurons=5,x", "model.neurons=x: must be a whole number"),
    ("evaluate -m agent=none model.neuron=5,6", "Did you mean model.neurons?"),
    ("evaluate -m agent=none,nne seed=1,2", "Did you mean agent=none?"),
    ("evaluate -m agent=none model.neurons=5,5", "5 is there twice"),
    ("evaluate -m agent=none model.neurons=5,6 hydra/launcher=joblib", "threads=N"),
    ("evaluate -m agent=none model.neurons=5,6 json=nowhere/a.json", "must be a file in a directory that exists"),
    ("evaluate -m model.neurons=5,6", "start one with: rldbs train"),
    ("evaluate -m run=nothing model.neurons=5,6", "start one with: rldbs train"),
    ("list rewads", "Did you mean rewards?"),
    ("list xyzzy", "There are models, stimuli"),
    ("trian", "Did you mean 'train'?"),
]


@pytest.fixture(autouse=True)
def _own_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def rldbs(*arguments, **environment):
    return subprocess.run(
        [RLDBS, *arguments], capture_output=True, text=True, env={**os.environ, "COLUMNS": "80", **environment}
    )


def exit_code(*arguments):
    with pytest.raises(SystemExit) as exit:
        main(arguments)
    return exit.value.code or 0


@pytest.fixture
def training(monkeypatch):
    """In place of training: what it was called with."""
    calls = []
    module = ModuleType("rldbs.experiment.train")

    def train(settings, folder, console):
        calls.append((settings, folder))
        (folder / "config.yaml").touch()

    module.train = train
    monkeypatch.setitem(sys.modules, "rldbs.experiment.train", module)
    return calls


@pytest.mark.parametrize(("line", "words"), MISTAKES, ids=[line for line, _ in MISTAKES])
def test_a_mistake_gets_one_clear_message(line, words, capfd):
    assert exit_code(*line.split()) == 2
    out, err = capfd.readouterr()
    assert words in err
    assert out == ""
    assert len(err.strip().splitlines()) <= 6
    assert "Traceback" not in err
    assert not Path("runs").exists()


@pytest.mark.parametrize("line", ["train model.neuron=5", "trian"])
def test_a_mistake_is_told_in_a_process_of_its_own(line):
    answer = rldbs(*line.split())
    assert (answer.returncode, answer.stdout) == (2, "")
    assert 0 < len(answer.stderr.strip().splitlines()) <= 6
    assert "Traceback" not in answer.stderr
    assert not list(Path.cwd().iterdir())


@pytest.mark.parametrize("command", ["train", "evaluate", "simulate", "list"])
def test_every_command_has_help_with_an_example(command, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    status, out, _ = call([command, "--help"], capsys)
    assert status == 0
    assert f"rldbs {command} " in out.partition("Examples:")[2]
    if command != "list":
        assert "seed=0" in out


def test_help_names_every_command():
    answer = rldbs("-h")
    assert answer.returncode == 0
    for command in ("train", "evaluate", "simulate", "list"):
        assert command in answer.stdout


def test_version():
    assert rldbs("--version").stdout.startswith("rldbs 0.")


def test_list_in_a_pipe_is_plain_and_whole():
    answer = rldbs("list")
    assert answer.returncode == 0
    assert "\x1b" not in answer.stdout
    line = next(line for line in answer.stdout.splitlines() if line.startswith("  bvdp_chaotic"))
    assert line.endswith("Krylov, Dylov, Rosenblum, Chaos 30, 033126 (2020)")
    options = ("setpoint", "−w·(X − X0)² − β·|kick|", "delta", "window", "ppo", "free")
    for word in (*options, "tissue=", "electrode=", "task=", "runs: none yet"):
        assert word in answer.stdout


def test_lists_load_nothing_heavy():
    code = (
        "import sys; from rldbs.commands.listing import show_list\n"
        "for kind in ('models', 'agents', 'rewards', 'stimuli', 'runs'): show_list(kind)\n"
        "print([name for name in ('torch', 'hydra', 'scipy', 'matplotlib') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines()[-1] == "[]"


def test_list_on_a_terminal_is_a_table():
    master, slave = pty.openpty()
    process = subprocess.Popen([RLDBS, "list", "rewards"], stdout=slave, env={**os.environ, "TERM": "xterm-256color"})
    os.close(slave)
    assert process.wait() == 0
    shown = os.read(master, 100_000).decode()
    os.close(master)
    assert "\x1b[1m" in shown
    assert "setpoint" in shown


def test_list_runs_shows_a_dead_run_as_interrupted(capsys):
    folder = Path("runs/hr-ppo/20260101-120000-s0-1a2b")
    (folder / "evaluation" / "final").mkdir(parents=True)
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    meta = {"status": "running", "command": "train", "pid": process.pid, "steps": 1_000_000, "steps_done": 300_000}
    (folder / "meta.json").write_text(json.dumps(meta))
    metrics = {"deterministic": {key: summary([61.53]) for key in NEEDED}}
    (folder / "evaluation" / "final" / "metrics.json").write_text(json.dumps(metrics))
    line = call(["list", "runs"], capsys)[1].splitlines()[2].split()
    assert line == ["hr-ppo/20260101-120000-s0-1a2b", "interrupted", "300,000", "/", "1,000,000", "61.5"]


def test_list_keys_explains_every_setting(capsys):
    shown = call(["list", "keys"], capsys)[1]
    assert "model.neurons" in shown
    assert "neurons in each population" in shown


def test_list_keys_of_a_choice(capsys):
    shown = call(["list", "keys", "model=hr"], capsys)[1]
    lines = {line.split()[0]: line for line in shown.splitlines()[2:] if line}
    assert "model.parameters.slow_rate" in lines
    assert "${model.set_point}" in lines["reward.target"]
    assert "a number above 0 and up to 1 " in lines["agent.learning_rate"]


def test_it_is_a_module_too():
    answer = subprocess.run([sys.executable, "-m", "rldbs", "--version"], capture_output=True, text=True)
    assert (answer.returncode, answer.stdout) == (0, f"rldbs {__version__}\n")


def test_train_makes_a_run_folder_with_the_settings(training):
    assert exit_code("train", "model=hr", "seed=7", "model.neurons=50") == 0
    [(settings, folder)] = training
    assert (settings.seed, settings.loop.model.neurons) == (7, 50)
    assert folder.parent == Path("runs/hr-ppo")
    assert "-s7-" in folder.name


def test_train_goes_where_the_user_says(training):
    assert exit_code("train", "hydra.run.dir=out/${model.name}-${seed}", "seed=3") == 0
    assert training[0][1] == Path("out/bvdp-3")
    assert not Path("runs").exists()
    assert exit_code("train", "hydra.run.dir=out/bvdp-3") == 2
    assert len(training) == 1


def test_nothing_starts_when_one_combination_is_wrong(training, capfd):
    assert exit_code("train", "-m", "seed=1,2", "agent.gamma=0.9,1") == 2
    assert training == []
    assert not Path("runs").exists()
    assert "(in the run with seed=1 agent.gamma=1)" in capfd.readouterr().err


def test_a_run_that_fails_tells_why_and_leaves_no_empty_folder(training, monkeypatch, capfd):
    def train(settings, folder, console):
        raise DivergedError("population 3 diverged")

    monkeypatch.setattr(sys.modules["rldbs.experiment.train"], "train", train)
    assert exit_code("train") == 1
    assert capfd.readouterr().err == "rldbs: population 3 diverged\n"
    assert not list(Path("runs/bvdp-ppo").iterdir())


def test_a_bug_is_not_hidden(training, monkeypatch):
    def train(settings, folder, console):
        raise ZeroDivisionError

    monkeypatch.setattr(sys.modules["rldbs.experiment.train"], "train", train)
    with pytest.raises(ZeroDivisionError):
        main(["train"])


def test_ctrl_c_exits_with_130(training, monkeypatch):
    def train(settings, folder, console):
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.modules["rldbs.experiment.train"], "train", train)
    assert exit_code("train") == 130


def test_own_options_from_a_directory(training, tmp_path):
    (tmp_path / "mine" / "stimulus").mkdir(parents=True)
    (tmp_path / "mine" / "stimulus" / "slow.yaml").write_text("defaults: [delta, _self_]\ninterval: 3\n")
    assert exit_code("train", "--config-dir", "mine", "stimulus=slow") == 0
    assert [settings.loop.stimulus.interval for settings, _ in training] == [3]


@pytest.fixture
def trained():
    """A run folder as training leaves it, as far as the command line looks into it."""
    from yaml import safe_dump

    from rldbs.config.composition import compose

    folder = Path("runs/hr-ppo/20260101-120000-s5-1a2b")
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(safe_dump(compose("train", ["model=hr", "model.neurons=50", "seed=5"])))
    (folder / "meta.json").write_text(json.dumps({"status": "done", "command": "train"}))
    (folder / "checkpoints" / "best").mkdir(parents=True)
    (folder / "checkpoints" / "best" / "state.json").touch()
    return folder


@pytest.fixture
def measuring(monkeypatch):
    """In place of an evaluation: what it was called with."""
    calls = []
    module = ModuleType("rldbs.experiment.evaluate")
    module.evaluate_run = lambda *arguments: calls.append(arguments)
    monkeypatch.setitem(sys.modules, "rldbs.experiment.evaluate", module)
    return calls


@pytest.mark.parametrize("run", [(), ("run=last",), ("run=2026",), ("run=runs/hr-ppo/20260101-120000-s5-1a2b",)])
def test_evaluate_takes_its_settings_from_the_run(trained, measuring, run):
    assert exit_code("evaluate", *run, "model.coupling=0.25", "json=numbers.json") == 0
    [(settings, folder, json_file)] = measuring
    assert folder == trained
    assert (settings.loop.model.name, settings.loop.model.neurons, settings.seed) == ("hr", 50, 5)
    assert settings.loop.model.coupling == 0.25
    assert (settings.checkpoint, settings.name) == ("best", "best,model.coupling=0.25")
    assert json_file == NamedFile("numbers.json")


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("model=bvdp", "the run keeps its own model"),
        ("agent.gamma=0.5", "belongs to what the run has learned"),
        ("model.name=bvdp", "belongs to what the run has learned"),
        ("steps=5", "there is no setting steps"),
        ("model.neuron=5", "Did you mean model.neurons?"),
        ("model.neurons=x", "must be a whole number"),
        ("model.neurons=1,2", "single values"),
        ("model.neurons=${nowhere}", "${nowhere} names no setting"),
        ("protocol.onset=99999", "must be below protocol.stimulated"),
        ("run=hr-ppo/21", "Did you mean run=hr-ppo/20260101-120000-s5-1a2b?"),
        ("last", "must be KEY=VALUE"),
    ],
)
def test_mistakes_about_a_run_are_told(trained, measuring, override, words, capfd):
    assert exit_code("evaluate", override) == 2
    assert words in capfd.readouterr().err
    assert measuring == []


@pytest.mark.parametrize("content", ["", "[", "a: 1\n"])
def test_a_damaged_run_is_told(trained, measuring, content, capfd):
    (trained / "config.yaml").write_text(content)
    assert exit_code("evaluate") == 2
    assert "config.yaml" in capfd.readouterr().err


def test_a_controller_without_weights_needs_no_run(measuring):
    assert exit_code("evaluate", "agent=none", "model=hr") == 0
    [(settings, run, json_file)] = measuring
    assert (settings.loop.model.name, run, json_file) == ("hr", None, None)


CURVE = "evaluate -m agent=none model.transient=100 protocol.episodes=2 protocol.free=200 protocol.stimulated=300 \
protocol.onset=100 protocol.relaxed=0 model.neurons=5,50 json=numbers.json"


def test_curves_in_a_pipe_have_a_table_a_folder_and_their_numbers(capsys):
    answer = rldbs(*CURVE.split(), COLUMNS="60")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "\x1b" not in answer.stdout
    rows = [line.split() for line in answer.stdout.splitlines()]
    assert rows[0] == ["none"]
    assert [row[0] for row in rows[1:4]] == ["neurons", "5", "50"]
    (folder,) = Path("runs/curves").iterdir()
    assert rows[-2:] == [["curves", str(folder)], ["picture", f"{folder}/curve.png"]]
    assert Path("numbers.json").read_bytes() == (folder / "curve.json").read_bytes()
    assert f"curves/{folder.name}  done" in call(["list", "runs"], capsys)[1]


@pytest.mark.slow
def test_curves_go_where_the_user_says_and_miss_what_diverges(capfd):
    arguments = [*CURVE.split(), "model.dt=0.2,9", "hydra.sweep.dir=out"]
    arguments.remove("model.neurons=5,50")
    assert exit_code(*arguments) == 1
    assert "model.dt=9: " in capfd.readouterr().err
    assert Path("out/model.dt=0.2/metrics.json").is_file()
    assert not Path("runs").exists()
    assert exit_code(*arguments) == 2  # there is something in it


def test_simulate_gets_a_folder(monkeypatch):
    calls = []
    module = ModuleType("rldbs.experiment.simulate")
    module.simulate = lambda settings, folder: calls.append((settings, folder))
    monkeypatch.setitem(sys.modules, "rldbs.experiment.simulate", module)
    assert exit_code("simulate", "model=hr", "steps=3e3") == 0
    assert calls[0][0].steps == 3000
    assert calls[0][1].parent == Path("runs/hr-free")


def test_a_command_is_registered_once():
    names = [command.name or command.callback.__name__ for command in app.registered_commands]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("command", app.registered_commands)
def test_paragraphs_of_help_fill_the_line_and_examples_have_one_each(command):
    for paragraph in command.help.split("\n\n"):
        assert "\b" not in paragraph
        _, *more = paragraph.split("\n")
        assert all(line.startswith("  ") and len(line) <= 78 for line in more)
