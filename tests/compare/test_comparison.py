import json

import numpy as np
import pytest

from rldbs.analysis.pooled_statistics import improvement, pooled_interval
from rldbs.compare.collect import collect
from rldbs.compare.comparison import compare, content
from rldbs.core.errors import SettingError


@pytest.fixture
def three(runs):
    """PPO with two seeds, a classical controller, and one that silences the neurons."""
    course = [(100, 1.0, 5.0), (200, 2.0, 15.0)]
    runs("a/ppo-0", [30, 50], course=course)
    runs("a/ppo-1", [40, 20], seed=1, course=[(100, 2.0, 7.0), (200, 4.0, 17.0)])
    runs("a/p", [25, 25], kick=0.0005, agent={"name": "proportional"})
    runs("a/constant", [400, 300], kick=0.1, activity=0.1, agent={"name": "constant"})
    return collect([str(runs.root)])


def test_rows_go_from_the_highest_suppression_down_and_quenched_ones_last(three):
    [table] = compare(three).tables
    assert [row.label for row in table.rows] == ["ppo", "proportional", "constant"]
    assert [row.quenched for row in table.rows] == [False, False, True]
    assert table.populations == 2


def test_front_has_no_quenched_row(three):
    [table] = compare(three).tables
    assert [row.front for row in table.rows] == [True, True, False]


def test_a_row_is_pooled_over_its_seeds(three):
    ppo = compare(three).tables[0].rows[0]
    scores = np.array([[30, 50], [40, 20]])
    assert ppo.seeds == (0, 1)
    assert ppo.estimate("suppression").value == 35
    assert ppo.estimate("suppression").interval == pooled_interval([scores])


def test_a_row_is_held_against_the_one_above_or_against_the_reference(three):
    rows = compare(three).tables[0].rows
    assert [row.against for row in rows] == [None, "ppo", "proportional"]
    rows = compare(three, "proportional").tables[0].rows
    assert [row.against for row in rows] == ["proportional", None, "proportional"]
    assert rows[0].better.value == improvement([[[30, 50], [40, 20]]], [[[25, 25]]]) == 0.75


def test_an_unknown_reference_is_refused_with_the_rows_there_are(three):
    with pytest.raises(SettingError, match=r"reference=sac: there is no such row; there are .*proportional"):
        compare(three, "sac")


def test_learning_is_pooled_where_all_seeds_have_got_to(three):
    learning = compare(three).tables[0].rows[0].learning
    assert learning["steps"].x.tolist() == [100, 200]
    assert learning["steps"].iqm.tolist() == [6, 16]
    assert learning["time"].x.tolist() == [2]
    assert learning["time"].iqm.tolist() == [11]
    assert (learning["steps"].low <= learning["steps"].iqm).all()


def test_content_is_strict_json_and_has_every_value(three):
    whole = json.loads(json.dumps(content(compare(three)), allow_nan=False))
    row = whole["tables"][0]["rows"][0]
    assert row["deterministic"]["suppression"]["values"] == [[30, 50], [40, 20]]
    assert whole["tables"][0]["better"][0][0] == 0.5
    assert whole["tables"][0]["task"]["model.name"] == "bvdp"


def test_a_suppression_that_is_not_known_is_left_out_and_counted(runs):
    runs("a/0", [np.inf, 30])
    runs("a/1", [np.nan, np.nan], seed=1, agent={"name": "sac"})
    rows = compare(collect([str(runs.root)])).tables[0].rows
    assert rows[0].estimate("suppression").value == 30
    assert rows[0].estimate("suppression").missing == 1
    assert rows[1].estimate("suppression").value is None
    assert rows[1].better.value is None
    assert not rows[1].front


def test_the_same_runs_give_the_same_comparison(three):
    assert content(compare(three)) == content(compare(three))
