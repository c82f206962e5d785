"""Files of one's own for --config-dir: what is read as it is meant, and what is told."""

import os
from pathlib import Path

import pytest

from rldbs.config.composition import compose
from rldbs.config.schema import check_training, train_settings
from rldbs.config.settings_files import source
from rldbs.core.errors import SettingError


@pytest.fixture
def mine(tmp_path):
    (tmp_path / "experiment").mkdir()
    return tmp_path


def put(directory: Path, name: str, text: str) -> None:
    path = directory / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode())


EXPERIMENT = "# Mine.\nmodel:\n  neurons: 50\nsteps: 5_000\n"


@pytest.mark.parametrize(
    "text",
    [
        EXPERIMENT,
        f"# @package _global_\n{EXPERIMENT}",
        f"\n#@package   _global_\r\n{EXPERIMENT}",
        f"\ufeff# @package _global_\n{EXPERIMENT}",
        f"\ufeff{EXPERIMENT}",
        EXPERIMENT.replace("\n", "\r"),
        EXPERIMENT.replace("\n", "\r\n"),
    ],
    ids=["without a line", "with it", "with it otherwise", "after a mark", "mark alone", "old Mac", "Windows"],
)
def test_an_experiment_holds_settings_of_all_sections(text, mine):
    put(mine, "experiment/mine.yaml", text)
    settings = train_settings(compose("train", ["experiment=mine"], mine))
    assert (settings.loop.model.neurons, settings.steps) == (50, 5000)


@pytest.mark.parametrize(
    "head",
    [
        "# @package hydra.job",
        "# @package hydra.job\r# @package _global_",
        "# @package _global_\r# @package hydra.job",
        "# @package _global_\u2028# @package hydra.job",
        "# @package _global_\x85#@package hydra.job",
        "# Mine.\n# @package _global_",
        "# @package _group_",
        "# @package:_global_",
        "# @package _global_ too",
        "# @other _global_",
    ],
)
def test_the_place_of_its_keys_is_told_in_the_first_line_and_nowhere_else(head, mine):
    put(mine, "experiment/mine.yaml", f"{head}\n{EXPERIMENT}")
    with pytest.raises(SettingError, match=r"mine.yaml: .*must be the first line, # @package _global_, or"):
        compose("train", ["experiment=mine"], mine)


def test_what_a_file_is_not_read_for_is_told(mine):
    put(mine, "experiment/mine.yml", EXPERIMENT)
    with pytest.raises(SettingError, match=r"experiment/mine.yml: would be passed over; name it mine.yaml"):
        compose("train", ["experiment=mine"], mine)
    put(mine, "model/hr.yaml", "neurons: 5\n")
    with pytest.raises(SettingError, match=r"hr.yaml: would be passed over, model/hr comes with the package"):
        compose("train", ["model=hr"], mine)
    compose("train", [], mine)


UNREADABLE = ["a: [1\n", "- 1\n", "a: \x07\n", "1: 2\n", None]


@pytest.mark.parametrize("text", UNREADABLE)
def test_a_file_that_cannot_be_read_stands_in_the_way_of_nobody_else(text, mine):
    put(mine, "experiment/good.yaml", EXPERIMENT)
    if text is None:
        (mine / "experiment/bad.yaml").write_bytes(b"\xff\xfe")
    else:
        put(mine, "experiment/bad.yaml", text)
    assert compose("train", ["experiment=good"], mine)["steps"] == 5000
    put(mine, "experiment/uses.yaml", "defaults: [bad]\n")
    for name in ("bad", "uses"):
        with pytest.raises(SettingError, match=r"experiment/bad.yaml: "):
            compose("train", [f"experiment={name}"], mine)


def test_an_experiment_is_blamed_only_for_what_it_sets(mine):
    put(mine, "experiment/small.yaml", "agent:\n  minibatch: -7\n")
    put(mine, "experiment/other.yaml", "steps: 5_000\n")
    put(mine, "experiment/agent.yaml", "defaults:\n  - override /agent: none\n")
    with pytest.raises(SettingError, match=r"\(experiment=small sets agent.minibatch\)"):
        check("experiment=small", mine)
    with pytest.raises(SettingError, match=r"\(experiment=agent sets agent\)"):
        check("experiment=agent", mine)
    put(mine, "agent/odd.yaml", "defaults: [ppo, _self_]\nminibatch: -7\n")
    with pytest.raises(SettingError, match=r"^agent.minibatch=-7[^(]*$"):
        check("experiment=other", mine, "agent=odd")


def check(experiment: str, directory: Path, *more: str) -> None:
    overrides = [experiment, *more]
    check_training(compose("train", overrides, directory), overrides, directory)


def test_what_is_checked_is_what_is_read(mine, monkeypatch):
    """A file that changes between our look and Hydra's changes nothing."""
    put(mine, "experiment/mine.yaml", EXPERIMENT)
    source("experiment/mine", (mine,))
    monkeypatch.setattr(Path, "lstat", lambda path: os.lstat(__file__))  # so that it looks unchanged
    assert compose("train", ["experiment=mine"], mine)["steps"] == 5000
    put(mine, "experiment/mine.yaml", "hydra: {job: {env_set: {A: b}}}\nsteps: 7\n")
    assert compose("train", ["experiment=mine"], mine)["steps"] == 5000
