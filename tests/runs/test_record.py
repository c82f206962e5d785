"""Configurations of runs are read whatever is written on them, and however old they are."""

import pytest

from rldbs.compare.measurement import measured
from rldbs.config.composition import compose
from rldbs.config.schema import evaluate_settings, train_settings
from rldbs.core.errors import RunError
from rldbs.files.folder import Folder
from rldbs.runs.find import read_metrics
from rldbs.runs.record import LATER_SECTIONS, read_config, read_evaluation, write_config
from rldbs.runs.zoo import zoo
from tests.compare.conftest import Runs

REGULATED = ["agent=lqg", "model=bvdp"]


def older(config):
    """What a run has recorded from before there were notes, tissue, devices that saturate, and demands."""
    kept = {key: value for key, value in config.items() if key not in (*LATER_SECTIONS, "note", "tags")}
    later = {"stimulus": ("saturation", "limit"), "agent": ("demand",)}
    return kept | {
        section: {key: value for key, value in kept[section].items() if key not in keys}
        for section, keys in later.items()
    }


@pytest.mark.parametrize("words", [[], ["note='as it is'", "tags=[first,noisy]"]])
def test_the_measurement_of_a_controller_is_read_with_what_is_written_on_it(tmp_path, words):
    config = compose("evaluate", ["agent=none", "model=bvdp", *words])
    write_config(Folder(tmp_path), config)
    assert read_evaluation(tmp_path) == config
    assert evaluate_settings(read_evaluation(tmp_path)).config == evaluate_settings(config).config


def test_a_run_is_read_as_what_it_was_whatever_came_later(tmp_path):
    config = compose("train", REGULATED)
    before = older(config)
    assert len(str(before)) < len(str(config)) - 300
    write_config(Folder(tmp_path), before)
    assert read_config(tmp_path) == config
    assert train_settings(read_config(tmp_path)).agent == train_settings(config).agent


def test_a_comparison_takes_an_older_run_for_the_same_as_a_newer_one(tmp_path):
    config, folder = compose("train", REGULATED), Runs(tmp_path)("run", [9.0, 8.0])
    metrics = read_metrics(folder, "final")
    new, old = (measured("run", each, metrics) for each in (config, older(config)))
    assert old.settings == new.settings
    assert old.settings["agent.demand"] == "1"


@pytest.mark.parametrize("name", [name for name in zoo() if name.endswith("lqg")])
def test_regulators_that_are_shipped_are_older_than_demands_beyond_what_can_be_given(name):
    assert "demand" not in (zoo()[name] / "config.yaml").read_text()
    assert train_settings(read_config(zoo()[name])).agent.demand == 1.0


def test_what_no_run_has_is_refused(tmp_path):
    write_config(Folder(tmp_path), {**compose("train"), "notes": "a"})
    with pytest.raises(RunError, match="'notes' is none of its keys"):
        read_config(tmp_path)
