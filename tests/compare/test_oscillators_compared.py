"""Controllers of phase oscillators are compared by R, and what only moved or arrested them is said beside it."""

import csv
import json
from io import StringIO

import numpy as np
import pytest

from rldbs.analysis.metric_definitions import OSCILLATOR_METRICS
from rldbs.analysis.tradeoff import SUPPRESSION, SYNCHRONY
from rldbs.compare.collect import collect
from rldbs.compare.comparison import compare, content
from rldbs.compare.file_formats import write_csv
from rldbs.compare.heat_maps import heat_maps
from rldbs.compare.page_values import values
from rldbs.compare.pictures import write_pictures
from rldbs.compare.table_columns import columns, meaning
from rldbs.files.folder import Folder
from rldbs.files.user_file import NamedFile


@pytest.fixture
def oscillators(runs):
    """A run with R on every population, and a verdict."""

    def made(name, order, verdict="", suppression=2.0, course=None, **words):
        scores = {key: np.full(2, 1.5) for key in OSCILLATOR_METRICS} | {"order": np.array([order, order + 0.01])}
        folder = runs(name, [suppression] * 2, scores=scores, model={"name": "kuramoto"}, **words)
        path = folder / "evaluation" / "final" / "metrics.json"
        metrics = json.loads(path.read_text())
        path.write_text(json.dumps({**metrics, "verdict": {"deterministic": verdict}}))
        if course is not None:
            lines = ["steps,time,suppression,order", *(",".join(map(str, row)) for row in course)]
            (folder / "progress.csv").write_text("\n".join(lines) + "\n")
        return folder

    return made


@pytest.fixture
def table(oscillators, runs):
    """PPO with the lowest R and the lowest S; pulses that shift, a constant that arrests, and one compromise of pd."""
    oscillators("ppo", 0.05, "suppressed", 1.1, [(10, 0.1, 1.0, 0.6), (20, 0.2, 1.1, 0.1)], kick=1.0)
    oscillators("pd", 0.2, "suppressed", 9.0, kick=0.5, agent={"name": "pd"})
    oscillators("pulses", 0.7, "shifted", 5.0, kick=30.0, agent={"name": "high_frequency"})
    oscillators("constant", 0.01, "quenched", 90.0, kick=0.1, agent={"name": "constant"})
    front = "suppression_unseen,mean_abs_kick_unseen,activity_unseen,order_unseen\n3,0.2,1,0.3\n9,0.5,1,0.2\n"
    (runs.root / "pd" / "front.csv").write_text(front)
    (one,) = compare(collect([str(runs.root)])).tables
    return one


def test_the_lowest_r_comes_first_whatever_s_is_and_the_arrested_last(table):
    assert table.sought is SYNCHRONY
    assert [row.agent for row in table.rows] == ["ppo", "pd", "high_frequency", "constant"]
    assert [row.verdict for row in table.rows] == ["suppressed", "suppressed", "shifted", "quenched"]
    assert [row.quenched for row in table.rows] == [False, False, False, True]


def test_the_front_is_of_low_r_at_low_stimulation(table):
    assert [row.agent for row in table.rows if row.front] == ["ppo", "pd"]
    np.testing.assert_array_equal(table.rows[1].places, [[0.3, 0.2]])


def test_a_lower_r_is_better_on_the_same_population(table):
    assert [row.better.value for row in table.rows[1:]] == [0.0, 0.0, 1.0]


def test_a_course_is_that_of_r(table):
    np.testing.assert_allclose(table.rows[0].learning["steps"].iqm, [0.6, 0.1])


def test_a_table_tells_r_and_the_verdict_and_a_file_has_both(table, runs):
    comparison = compare(collect([str(runs.root)]))
    shown = {column.heading: column for column in columns(comparison, table)}
    assert {"R", "R / floor", "S", "peak", "firing", "total power", "verdict"} <= shown.keys()
    assert [shown["verdict"].cell(row).text for row in table.rows][2] == "shifted"
    assert any("lower R" in line for line in meaning(comparison))
    assert any(line.startswith("Verdict shifted: ") for line in meaning(comparison))
    out = StringIO()
    write_csv(comparison, NamedFile.given(str(runs.root / "all.csv"), "csv"))
    out = (runs.root / "all.csv").read_text()
    first = next(csv.DictReader(StringIO(out)))
    assert (first["agent"], first["verdict"]) == ("ppo", "suppressed")
    assert float(first["order"]) == pytest.approx(0.055)
    assert content(comparison)["tables"][0]["aim"] == "order"
    page = values(comparison)
    assert page["tables"][0]["aim"] == "order"
    assert page["metrics"]["order"]["better"] is False


def test_pictures_are_of_r(table, runs, tmp_path):
    said = []
    write_pictures(compare(collect([str(runs.root)])), Folder(tmp_path), said.append)
    assert not said
    assert (tmp_path / "pareto.png").stat().st_size > 10_000
    assert (tmp_path / "learning.png").is_file()


def test_neurons_and_oscillators_have_tables_of_their_own(table, runs):
    runs("neurons", [3.0, 4.0])
    tables = compare(collect([str(runs.root)])).tables
    assert [one.sought for one in tables] == [SUPPRESSION, SYNCHRONY]
    assert all("order" not in row.scores["deterministic"] for row in tables[0].rows)


def test_a_map_of_a_sweep_is_of_r(oscillators, runs):
    oscillators("a", 0.1)
    oscillators("b", 0.3, seed=1)
    found = collect([str(runs.root)])
    names = {one.name: {"agent.gain": name} for one, name in zip(found.measured, "ab", strict=True)}
    (one,) = heat_maps(found.measured, names)
    assert (one.aim, one.title) == ("order", "R by agent.gain")
    np.testing.assert_allclose(one.reached, [[0.105, 0.305]])
    assert one.plain()["order"] == one.reached.tolist()
