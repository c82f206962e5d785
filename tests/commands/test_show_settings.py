"""``--show`` shows what a command would go by, and does nothing."""

import pytest

from rldbs.runs.zoo import zoo
from tests.conftest import call


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield
    assert list(tmp_path.iterdir()) == []


def shown(capsys, *words):
    status, out, err = call([*words, "--show"], capsys)
    assert (status, err) == (0, "")
    assert out.rstrip().endswith("--show: nothing was done")
    rows = [line.strip().split(maxsplit=2) for line in out.splitlines()[2:] if line.startswith("  ")]
    return {key: (value, origin) for key, value, origin in rows}


@pytest.mark.parametrize("command", ["train", "evaluate", "simulate"])
def test_a_composed_command(command, capsys):
    agent = [] if command == "simulate" else ["agent=ppo" if command == "train" else "agent=pd"]
    found = shown(capsys, command, *agent, "model=hr", "model.neurons=50", "seed=3")
    assert found["model"] == ("hr", "the command line")
    assert found["model.neurons"] == ("50", "the command line")
    assert found["model.coupling"] == ("0.2", "conf/model/hr.yaml")
    assert found["threads"][1].startswith("follows from others, in the place of null")


def test_the_folder_and_the_file_that_would_be_written(capsys):
    assert shown(capsys, "train", "hydra.run.dir=here")["hydra.run.dir"] == ("here", "the command line")
    assert shown(capsys, "evaluate", "agent=pd", "json=a.json")["json"] == ("a.json", "the command line")


def test_a_measurement_of_a_run(capsys):
    file = f"{zoo()['hr-ppo']}/config.yaml"
    found = shown(capsys, "evaluate", "run=zoo:hr-ppo", "model.coupling=0.3", "coupling=step")
    assert found["agent.hidden"] == ("[64,64]", file)
    assert found["model.coupling"] == ("0.3", "the command line")
    assert found["coupling.name"] == ("step", "the command line")
    assert found["coupling.at"][1] == "conf/coupling/step.yaml"
    assert found["checkpoint"] == ("best", "conf/evaluate.yaml")


def test_a_controller_in_the_environment_of_a_run(capsys):
    file = f"{zoo()['hr-ppo']}/config.yaml"
    found = shown(capsys, "evaluate", "run=zoo:hr-ppo", "agent=pd", "agent.gain=3")
    assert found["recording.length"] == ("4", file)
    assert (found["agent.gain"], found["agent.name"]) == (("3", "the command line"), ("pd", "the command line"))
    assert found["agent.baseline"] == ("5.0", "conf/tuned/hr-pd.yaml")


def test_a_search(capsys):
    found = shown(capsys, "tune", "agent=pd", "model=hr", "agent.gain=interval(0,1)")
    assert found["agent.gain"] == ("interval(0,1)", "is searched: the command line")
    assert found["agent.derivative_gain"][1] == "is searched: conf/space/pd.yaml"
    assert found["tune.trials"] == ("64", "conf/tune.yaml")
