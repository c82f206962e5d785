"""Controllers of networks of cells are compared by the error index, and what it costs is the RMS current."""

import numpy as np
import pytest

from rldbs.analysis.metric_definitions import NETWORK_METRICS
from rldbs.analysis.tradeoff import RELAY
from rldbs.compare.collect import collect
from rldbs.compare.comparison import compare, content
from rldbs.compare.pictures import write_pictures
from rldbs.compare.table_columns import columns, meaning
from rldbs.files.folder import Folder


@pytest.fixture
def comparison(runs):
    """A train, one on demand that needs less, one that needs more for nothing, and PPO with its checkpoints."""

    def made(name, index, current, course=(), **words):
        scores = {key: np.full(2, 20.0) for key in NETWORK_METRICS}
        scores |= {"error_index": np.full(2, index), "rms_kick": np.full(2, current)}
        folder = runs(name, [0.9] * 2, scores=scores, model={"name": "so2012"}, kick=5.0, **words)
        if course:
            lines = ["steps,time,suppression,error_index", *(",".join(map(str, row)) for row in course)]
            (folder / "progress.csv").write_text("\n".join(lines) + "\n")

    made("train", 0.01, 80.0, agent={"name": "open_loop"})
    made("demand", 0.02, 60.0, agent={"name": "on_demand"})
    made("strong", 0.015, 300.0, agent={"name": "high_frequency"})
    made("ppo", 0.04, 76.0, [(10, 1.0, 0.9, 0.2), (20, 2.0, 0.9, 0.05)])
    return compare(collect([str(runs.root)]))


def test_the_lowest_error_index_comes_first_and_the_front_is_of_low_current(comparison):
    (table,) = comparison.tables
    assert table.sought is RELAY
    assert [row.agent for row in table.rows] == ["open_loop", "high_frequency", "on_demand", "ppo"]
    assert [row.agent for row in table.rows if row.front] == ["open_loop", "on_demand"]


def test_a_table_tells_the_index_the_current_and_how_nuclei_fire(comparison):
    (table,) = comparison.tables
    shown = {column.heading: column for column in columns(comparison, table)}
    assert {"EI", "rms kick", "STN rate", "EI free"} <= shown.keys()
    assert "time to suppression" not in shown
    assert shown["rms kick"].cell(table.rows[0]).text == "80"
    assert any("lower EI" in line for line in meaning(comparison))
    assert content(comparison)["tables"][0]["aim"] == "error_index"


def test_a_course_is_that_of_the_error_index_and_both_are_drawn(comparison, tmp_path):
    (table,) = comparison.tables
    np.testing.assert_allclose(table.rows[-1].learning["steps"].iqm, [0.2, 0.05])
    write_pictures(comparison, Folder(tmp_path), print)
    for name in ("pareto.png", "learning.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
