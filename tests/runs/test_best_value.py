"""What lists tell of the best controller of a run is what was sought: S, of oscillators R, or what a model has."""

import json
from pathlib import Path

import pytest

from rldbs.analysis.episode_statistics import summary
from rldbs.commands.run_lists import show_runs
from rldbs.runs.best_value import best_value
from rldbs.runs.find import Run
from rldbs.runs.json_fields import NEEDED


def run(name: str, final: object = None, measured: object = None) -> Run:
    folder = Path("runs") / name
    folder.mkdir(parents=True)
    (folder / "config.yaml").touch()
    (folder / "meta.json").write_text(json.dumps({"status": "done", "command": "train"}))
    if final is not None:
        (folder / "evaluation" / "final").mkdir(parents=True)
        (folder / "evaluation" / "final" / "metrics.json").write_text(json.dumps({"deterministic": final}))
    if measured is not None:
        (folder / "checkpoints" / "7").mkdir(parents=True)
        (folder / "checkpoints" / "7" / "state.json").write_text(json.dumps({"measured": measured}))
        (folder / "checkpoints" / "best").symlink_to("7")
    return Run(folder, name, "done", {})


def metrics(**values: float) -> dict[str, object]:
    return {key: summary([value]) for key, value in {**dict.fromkeys(NEEDED, 2.34), **values}.items()}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("values", "label", "text"),
    [
        ({}, "S", "2.3"),
        ({"order": 0.12345}, "R", "0.123"),
        ({"error_index": 0.02}, "EI", "0.02"),
        ({"charge_to_last": 1.5, "time_to_last": 3.0}, "charge to last", "1.5"),
        ({"charge_to_last": float("nan"), "time_to_last": float("nan")}, "charge to last", "never"),
    ],
)
def test_it_is_what_was_sought_of_each_kind_of_models(values, label, text):
    found = best_value(run("a", metrics(**values)))
    assert (found.label, str(found)) == (label, text)


@pytest.mark.parametrize(
    ("measured", "words"),
    [
        ({"suppression": 45.61, "mean_abs_kick": 0.1}, ("S", "45.6 so far")),
        ({"suppression": 0.8, "order": 0.2, "mean_abs_kick": 0.1}, ("R", "0.2 so far")),
        *((damaged, None) for damaged in ([1], {"suppression": "1"}, {"order": None, "suppression": 2.0}, {}, None)),
    ],
)
def test_before_the_end_it_is_that_of_the_best_checkpoint(measured, words):
    found = best_value(run("a", measured=measured))
    assert (found and (found.label, str(found))) == words


@pytest.mark.parametrize(
    ("kinds", "head", "told"),
    [
        ([{}, {}], "S of the best", ["2.3", "2.3"]),
        ([{"order": 0.5}], "R of the best", ["0.5"]),
        ([{}, {"order": 0.5}], "of the best", ["S 2.3", "R 0.5"]),
    ],
)
def test_the_list_says_whose_number_it_is(kinds, head, told, capsys):
    for k, values in enumerate(kinds):
        run(f"m/{k}", metrics(**values))
    show_runs()
    text = " ".join(capsys.readouterr().out.split())
    assert f"steps {head} age" in text
    for each in told:
        assert f"done {each}" in text
