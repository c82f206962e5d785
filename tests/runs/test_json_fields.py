"""What meta.json and metrics.json may hold: of whatever stands in its place, nothing is believed."""

import json

import pytest

from rldbs.analysis.episode_statistics import summary
from rldbs.files.untrusted_text import UnreadableError, plain_csv, plain_json
from rldbs.runs.find import read_meta, read_metrics
from rldbs.runs.json_fields import NEEDED, facts, metrics_problem

META = {
    "status": "done",
    "command": "train",
    "model": "hr",
    "agent": "ppo",
    "steps": 4096,
    "steps_done": 4096,
    "training_time": 1.5,
    "started": "2026-01-01T12:00:00+00:00",
    "resumed": ["2026-01-02T12:00:00+00:00"],
    "host": "here",
    "pid": 12,
    "versions": {"numpy": "2.0"},
}
ODD = [None, True, -1, 1.5, 2**80, "\x00", "x", [], [5], {}, {"a": 5}, [["x"]]]
FIT = {
    "model": ("\x00", "x"),
    "agent": ("\x00", "x"),
    "host": ("\x00", "x"),
    "training_time": (1.5, 2**80),
    "resumed": ([],),
    "versions": ({},),
}
"""Those that are of the kind nevertheless."""
SCORES = {key: summary([1.0, 2.0]) for key in NEEDED}


def test_what_a_run_says_of_itself_is_read():
    assert facts(META) == META


@pytest.mark.parametrize("key", META)
def test_what_is_not_of_its_kind_counts_as_not_said(key):
    rest = {name: value for name, value in META.items() if name != key}
    for value in ODD:
        fits = any(value is fit or value == fit for fit in FIT.get(key, ()) if type(value) is type(fit))
        assert facts(META | {key: value}) == ({**META, key: value} if fits else rest), value


def test_what_no_run_says_is_not_read(tmp_path):
    (tmp_path / "meta.json").write_text(json.dumps(META | {"more": 5, "versions": 5}))
    assert read_meta(tmp_path) == {key: value for key, value in META.items() if key != "versions"}


@pytest.mark.parametrize(
    "metrics",
    [
        {},
        {"deterministic": 5},
        {"deterministic": SCORES, "stochastic": None},
        {"deterministic": {key: SCORES[key] for key in NEEDED[:2]}},
        *({"deterministic": SCORES | {"activity": value}} for value in (5, None, {}, {"iqm": 1.0})),
        *({"deterministic": SCORES | {"activity": summary([1.0]) | {"iqm": value}}} for value in ("x", True, [])),
        *({"deterministic": SCORES | {"activity": summary([1.0]) | {"ci95": value}}} for value in ([], 5, [1, "x"])),
        *({"deterministic": SCORES | {"activity": summary([1.0]) | {"values": value}}} for value in (5, ["x"], [{}])),
        {"deterministic": SCORES | {"reward": 5}},
    ],
)
def test_what_is_no_measurement_is_not_read(metrics, tmp_path):
    assert metrics_problem(metrics)
    place = tmp_path / "evaluation" / "final"
    place.mkdir(parents=True)
    (place / "metrics.json").write_text(json.dumps(metrics))
    assert read_metrics(tmp_path, "final") == {}
    whole = {"deterministic": SCORES}
    (place / "metrics.json").write_text(json.dumps(whole))
    assert read_metrics(tmp_path, "final") == whole


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("NaN", "NaN is no number"),
        ("[-Infinity]", "-Infinity is no number"),
        ("[1e999]", "1e999 is too large"),
        ("1" * 4000, "more than 128 bits"),
        ("1" * 5000, "is not valid JSON"),
        ('"\\ud800"', "half a character"),
        ('{"\\ud800": 1}', "half a character"),
        ('["\\u0000"]', "a zero byte"),
        ("[" * 33 + "]" * 33, "more than 32 levels"),
        ("[" * 10**6, "is not valid JSON"),
    ],
)
def test_json_that_nothing_of_ours_holds_is_refused(text, message):
    with pytest.raises(UnreadableError, match=message):
        plain_json(text)


def test_a_table_has_what_its_rows_have():
    assert [*plain_csv("a,b\n1,2\n3\n4,5,6\n")] == [{"a": "1", "b": "2"}, {"a": "3"}, {"a": "4", "b": "5"}]
    assert [*plain_csv("")] == []
    with pytest.raises(UnreadableError, match="is not valid CSV"):
        [*plain_csv(f"a\n{'x' * 200_000}\n")]
