"""What is tried next, whatever has happened in between."""

import json
import tracemalloc

import pytest

from rldbs.core.errors import RunError
from rldbs.files.folder import Folder
from rldbs.tune.journal import MOST_JOURNAL
from rldbs.tune.search import JOURNAL, Search
from rldbs.tune.trials import best
from tests.tune.conftest import small_search

SETTINGS = ("agent.gain=tag(log,interval(1e-3,1))", "agent.smoothing=int(interval(1,9))")


def outcome(values, onset):
    """S grows with the gain, and so do the kicks; every third smoothing diverges."""
    if values["agent.smoothing"] % 3 == 0:
        return None, "it diverged"
    gain = values["agent.gain"]
    score = {"suppression": 100 * gain / values["agent.smoothing"], "mean_abs_kick": gain, "activity": 0.9}
    return {**onset_of(gain), **score} if onset else score, ""


def onset_of(gain):
    """The stronger, the sooner, and the more energy."""
    return {"latency": 200 / gain, "energy_to_suppress": gain**2}


def follow(search, trials, onset=False):
    while len(search.trials) < trials:
        for values in search.suggest()[: trials - len(search.trials)]:
            search.add(values, *outcome(values, onset))
    return search.trials


@pytest.mark.parametrize("objective", ["suppression", "front", "onset"])
def test_a_search_that_is_opened_again_after_every_trial_tries_the_same(tmp_path, objective):
    settings = small_search(*SETTINGS, f"tune.objective={objective}")
    (tmp_path / "again").mkdir()
    whole = follow(Search(settings, Folder(tmp_path), 4), 26, objective == "onset")
    for count in range(1, 27):
        torn = follow(Search(settings, Folder(tmp_path) / "again", 4), count, objective == "onset")
    assert torn == whole
    assert len({tuple(trial.values.values()) for trial in whole}) > 20


def test_the_first_trial_is_the_configuration_as_it_stands_where_that_lies_within_the_ranges(tmp_path):
    settings = small_search(*SETTINGS)
    agent = settings.candidate({}).agent
    assert Search(settings, Folder(tmp_path), 4).suggest()[0] == {
        "agent.gain": agent.gain,
        "agent.smoothing": agent.smoothing,
    }
    outside = small_search("agent.gain=interval(0.5,1)")
    (tmp_path / "other").mkdir()
    assert outside.own is None
    assert 0.5 <= Search(outside, Folder(tmp_path) / "other", 4).suggest()[0]["agent.gain"] <= 1


def test_a_line_that_was_half_written_is_cut_off(tmp_path):
    settings = small_search(*SETTINGS)
    trials = follow(Search(settings, Folder(tmp_path), 4), 6)
    with (tmp_path / JOURNAL).open("ab") as file:
        file.write(b'{"op_code":4,"worker_id"')
    search = Search(settings, Folder(tmp_path), 4)
    assert search.trials == trials
    assert follow(search, 9)[:6] == trials
    assert Search(settings, Folder(tmp_path), 4).trials == search.trials


@pytest.mark.parametrize("content", [b"nonsense\n[]\n", b'{"op_code": 4}\n', b"[]\n{}\n"])
def test_a_damaged_journal_is_told(tmp_path, content):
    (tmp_path / JOURNAL).write_bytes(content)
    with pytest.raises(RunError, match="is not the journal of such a search"):
        Search(small_search(*SETTINGS), Folder(tmp_path), 4)


def changed(log, **changes):
    return [log | changes]


JOURNALS = {
    "a time that is none": lambda log: changed(log, datetime_start="yesterday"),
    "a time that no clock has": lambda log: changed(log, datetime_complete="0001-01-01T00:00:00+23:00"),
    "no time": lambda log: changed(log, datetime_start=5),
    "values in words": lambda log: changed(log, value="high"),
    "two values": lambda log: changed(log, values=[1.0, 2.0]),
    "no value": lambda log: changed(log, value=None),
    "a huge value": lambda log: changed(log, value=10**400),
    "a state that there is not": lambda log: changed(log, state=9),
    "a trial that runs": lambda log: changed(log, state=0),
    "no reason": lambda log: changed(log, state=3, value=None),
    "another operation": lambda log: changed(log, op_code=1),
    "an operation that there is not": lambda log: changed(log, op_code=11),
    "another study": lambda log: changed(log, study_id=1),
    "no ranges": lambda log: changed(log, distributions={}),
    "ranges that are none": lambda log: changed(log, distributions=dict.fromkeys(log["distributions"], "{}")),
    "ranges that are no text": lambda log: changed(log, distributions=dict.fromkeys(log["distributions"], 5)),
    "parameters beyond their ranges": lambda log: changed(log, params=dict.fromkeys(log["params"], 1000000000.0)),
    "parameters in words": lambda log: changed(log, params=dict.fromkeys(log["params"], "x")),
    "a list of parameters": lambda log: changed(log, params=[1]),
    "limits in words": lambda log: changed(log, system_attrs={"constraints": ["x"]}),
    "values on the way": lambda log: changed(log, intermediate_values={"x": 1}),
    "no score": lambda log: changed(log, user_attrs={"mean_abs_kick": "x", "activity": 1.0}),
    "no worker": lambda log: changed(log, worker_id=None),
    "a list": lambda log: [[1]],
}


@pytest.mark.parametrize("what", JOURNALS)
def test_a_line_of_a_journal_that_no_search_has_written_is_told(tmp_path, what):
    follow(Search(small_search(*SETTINGS), Folder(tmp_path), 4), 3)
    logs = [json.loads(line) for line in (tmp_path / JOURNAL).read_text().splitlines()]
    logs[2:3] = JOURNALS[what](logs[2])
    (tmp_path / JOURNAL).write_text("".join(f"{json.dumps(log)}\n" for log in logs))
    with pytest.raises(RunError, match="is not the journal of such a search: line 3 "):
        Search(small_search(*SETTINGS), Folder(tmp_path), 4)


def test_a_line_without_end_is_not_read_to_its_end(tmp_path):
    with (tmp_path / JOURNAL).open("wb") as file:
        file.truncate(MOST_JOURNAL)
    tracemalloc.start()
    with pytest.raises(RunError, match="line 1 is one too many, or too long"):
        Search(small_search(*SETTINGS), Folder(tmp_path), 4)
    assert tracemalloc.get_traced_memory()[1] < 2**24
    tracemalloc.stop()


def test_what_a_line_has_beside_does_not_count(tmp_path):
    search = Search(small_search(*SETTINGS), Folder(tmp_path), 4)
    follow(search, 3)
    logs = [json.loads(line) for line in (tmp_path / JOURNAL).read_text().splitlines()]
    more = [log | {"more": [1]} for log in logs]
    more[1]["system_attrs"] |= {"more": [[]]}
    (tmp_path / JOURNAL).write_text("".join(f"{json.dumps(log)}\n" for log in more))
    assert Search(small_search(*SETTINGS), Folder(tmp_path), 4).trials == search.trials


def test_a_journal_of_another_search_is_told(tmp_path):
    follow(Search(small_search(*SETTINGS), Folder(tmp_path), 4), 4)
    with pytest.raises(RunError, match="is not the journal of such a search"):
        Search(small_search("agent.gain=interval(0,1)"), Folder(tmp_path), 4)


def test_the_search_looks_where_the_best_is_that_the_limit_allows(tmp_path):
    """The larger the gain the better, up to where the kick is too large: 0.1."""
    settings = small_search(*SETTINGS)
    trials = follow(Search(settings, Folder(tmp_path), 8), 64)
    found = best(trials, settings.tune)
    assert found.values["agent.smoothing"] <= 2
    assert 0.03 < found.values["agent.gain"] <= 0.1
    late = [trial.values["agent.gain"] for trial in trials[32:]]
    assert sum(0.03 < gain < 0.3 for gain in late) > len(late) / 2  # of random ones: a third


def test_suggestions_have_no_more_digits_than_are_written(tmp_path):
    for values in Search(small_search(*SETTINGS), Folder(tmp_path), 8).suggest():
        assert values["agent.gain"] == float(f"{values['agent.gain']:.4g}")
        assert isinstance(values["agent.smoothing"], int)
