"""Which trials are the best."""

import csv
from dataclasses import replace

import hypothesis.strategies as st
from hypothesis import given

from rldbs.files.folder import Folder
from rldbs.tune.search_settings import Tune
from rldbs.tune.trials import Trial, best, front, spread, write_trials


def score(suppression, mean_abs_kick, activity):
    return {"suppression": suppression, "mean_abs_kick": mean_abs_kick, "activity": activity}


TUNE = Tune("suppression", 10, 0.5, 0.5, episodes=2, free=None, stimulated=None, relaxed=0, seed=2)
KICKS, ACTIVITIES = st.integers(0, 6).map(lambda k: k / 8), st.integers(0, 4).map(lambda k: k / 4)
SCORES = st.builds(score, st.integers(0, 6), KICKS, ACTIVITIES)
TRIALS = st.lists(st.none() | SCORES, max_size=12).map(
    lambda scores: [Trial(k, {"a.b": k}, each, "" if each else "lost") for k, each in enumerate(scores)]
)


def within(trial: Trial) -> bool:
    return trial.score is not None and trial.score["mean_abs_kick"] <= 0.5 and trial.score["activity"] >= 0.5


def beats(one, other) -> bool:
    better = one["suppression"] >= other["suppression"] and one["mean_abs_kick"] <= other["mean_abs_kick"]
    return better and (one["suppression"], one["mean_abs_kick"]) != (other["suppression"], other["mean_abs_kick"])


@given(TRIALS)
def test_the_front_is_what_comparing_every_pair_gives(trials):
    inside = [trial for trial in trials if within(trial)]
    expected = {
        (trial.score["suppression"], trial.score["mean_abs_kick"])
        for trial in inside
        if not any(beats(other.score, trial.score) for other in inside)
    }
    found = [(trial.score["suppression"], trial.score["mean_abs_kick"]) for trial in front(trials, TUNE)]
    assert set(found) == expected
    assert found == sorted(expected)  # each once, from small to large


@given(TRIALS)
def test_the_best_has_the_largest_s_within_the_limits(trials):
    inside = [trial for trial in trials if within(trial)]
    found = best(trials, TUNE)
    assert (found is None) == (not inside)
    if found is not None:
        assert found in inside
        assert found.score["suppression"] == max(trial.score["suppression"] for trial in inside)
        assert found.score == front(trials, TUNE)[-1].score


def test_a_trial_says_what_became_of_it():
    states = [
        Trial(0, {}, each, "").state(TUNE)
        for each in (score(9, 0.1, 0.9), score(9, 0.6, 0.9), score(9, 0.1, 0.4), None)
    ]
    assert states == ["kept", "large kick", "quenched", "failed"]


def test_points_that_are_measured_again_are_spread_along_the_front_with_both_ends():
    points = [Trial(k, {}, score(k, k / 100, 1.0)) for k in range(41)]
    chosen = [trial.number for trial in spread(points, TUNE, 5)]
    assert chosen == [0, 10, 20, 30, 40]
    assert spread(points[:3], TUNE, 5) == points[:3]


ONSET = replace(TUNE, objective="onset")


def onset(number, latency, energy, kick=0.1):
    score_of_onset = {"latency": latency, "energy_to_suppress": energy, **score(9, kick, 0.9)}
    return Trial(number, {"a.b": number}, score_of_onset)


def test_of_onset_the_front_is_what_nothing_beats_in_latency_and_energy():
    trials = [onset(0, 900, 2), onset(1, 500, 4), onset(2, 950, 3), onset(3, 100, 30), onset(4, 90, 1, kick=0.6)]
    assert [trial.number for trial in front(trials, ONSET)] == [0, 1, 3]  # 2 is beaten by 0, 4 beyond the limit
    assert best(trials, ONSET).number == 0


def test_the_best_of_onset_is_measured_again_last_wherever_it_is_on_the_front():
    latencies = {k: 1000 - 20 * k for k in range(41)}
    points = [onset(k, latency, (4000 + (k - 23) ** 2) / latency) for k, latency in latencies.items()]
    assert front(points, ONSET) == points
    assert [trial.number for trial in spread(points, ONSET, 5)] == [0, 10, 30, 40, 23]
    assert [trial.number for trial in spread(points[20:25], ONSET, 5)] == [20, 21, 22, 24, 23]


def test_the_table_of_trials_has_a_row_for_each(tmp_path):
    trials = [Trial(0, {"a.b": 0.5}, score(9.0, 0.1, 0.9)), Trial(1, {"a.b": 2}, None, "it diverged, alas")]
    write_trials(Folder(tmp_path).file("trials.csv"), trials, ["a.b"], TUNE)
    rows = list(csv.DictReader((tmp_path / "trials.csv").read_text().splitlines()))
    assert [row["state"] for row in rows] == ["kept", "failed"]
    assert float(rows[0]["suppression"]) == 9.0
    assert rows[1]["reason"] == "it diverged, alas"
