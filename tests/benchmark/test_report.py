"""What the benchmark says about learning."""

import json
from dataclasses import replace

import numpy as np
import pytest

from rldbs.analysis.metric_definitions import OSCILLATOR_METRICS
from rldbs.analysis.tradeoff import ONSET, RELAY, SUPPRESSION, SYNCHRONY
from rldbs.benchmark import published
from rldbs.benchmark.report import Result, markdown, picture, verdict
from rldbs.compare.collect import collect
from rldbs.compare.comparison import compare
from rldbs.files.folder import Folder
from tests.compare.conftest import Runs


@pytest.fixture
def table(tmp_path):
    runs = Runs(tmp_path)

    def made(*rows: tuple[str, float, float, float], front: str = ""):
        for k, (agent, s, kick, activity) in enumerate(rows):
            folder = runs(f"{k}-{agent}", [s, s], kick=kick, activity=activity, agent={"name": agent})
            if front and agent == "pd":
                (folder / "front.csv").write_text(front)
        return Result("x", 0.05, compare(collect([str(tmp_path)])).tables[0], SUPPRESSION)

    return made


def test_a_learner_is_on_the_front_where_no_classical_controller_beats_it_in_both(table):
    said = verdict(table(("pd", 130, 2e-3, 1), ("proportional", 50, 4e-4, 1), ("ppo", 100, 5e-4, 1)))
    assert said.on_front == ("ppo",)
    assert not said.ahead
    assert (said.classical.label, said.learner.label) == ("pd", "ppo")


def test_a_learner_that_is_beaten_in_both_is_not(table):
    said = verdict(table(("pd", 130, 4e-4, 1), ("ppo", 100, 5e-4, 1), ("sac", 140, 9e-3, 1)))
    assert said.on_front == ("sac",)
    assert said.ahead


def test_equal_stimulation_or_suppression_beats_nobody(table):
    assert verdict(table(("pd", 130, 5e-4, 1), ("ppo", 100, 5e-4, 1))).on_front == ("ppo",)


def test_quenching_counts_for_neither_side(table):
    said = verdict(table(("constant", 400, 1e-5, 0.01), ("ppo", 100, 5e-4, 1), ("sac", 900, 1e-5, 0.2)))
    assert said.classical is None
    assert said.on_front == ("ppo",)
    assert said.learner.label == "ppo"


def test_beyond_the_limits_of_the_task_is_no_candidate(table):
    said = verdict(table(("pd", 50, 4e-4, 1), ("pi", 90, 0.06, 1), ("ppo", 60, 0.2, 0.9), ("sac", 60, 1e-3, 0.6)))
    assert said.classical.label == "pd"
    assert said.learner is None
    assert said.on_front == ()
    assert not said.ahead


def test_compromises_of_a_search_count_for_the_front_and_as_the_best(table):
    front = "suppression_unseen,mean_abs_kick_unseen,activity_unseen\n"
    front += "170,3e-4,0.3\n110,4e-4,1\n160,0.2,1\n,,\n130,2e-3,1\n"
    said = verdict(table(("pd", 130, 2e-3, 1), ("ppo", 100, 5e-4, 1), ("sac", 150, 9e-3, 1), front=front))
    assert said.on_front == ("sac",)  # ppo is beaten by the second one; the first is quenched, the third too much
    assert said.classical.aim == 130


def test_where_the_setting_that_was_chosen_needs_too_much_its_best_compromise_counts(table):
    front = "suppression_unseen,mean_abs_kick_unseen,activity_unseen\n"
    front += "40,3e-4,1\n110,4e-3,1\n160,0.2,1\n,,\n170,0.3,1\n"
    made = table(("pd", 170, 0.3, 1), ("ppo", 100, 5e-4, 1), front=front)
    said = verdict(made)
    assert (said.classical.aim, said.classical.price) == (110, 4e-3)
    assert not said.ahead
    assert "| `pd` | 110, 4 |" in markdown([made], [])


def test_markdown_has_every_controller_and_what_counts(table):
    made = table(("pd", 130, 2e-3, 1), ("constant", 400, 0.01, 0.01), ("ppo", 160, 5e-4, 1), ("sac", 200, 0.1, 1))
    text = markdown([made], ["note"])
    assert "| `x` | pd: 130 at 0.002 | **ppo: 160 at 5.00e-4** | ppo |" in text
    assert "| `constant` | quenched |" in text
    assert "| `sac` | (200, 100) |" in text
    assert text.endswith("note\n")


@pytest.fixture
def onsets(tmp_path):
    runs = Runs(tmp_path)

    def made(front="", kick=1e-3, **rows):
        for k, (agent, populations) in enumerate(rows.items()):
            latency, energy = np.array(populations, float).T
            scores = {"latency": latency, "energy_to_suppress": energy}
            folder = runs(f"{k}-{agent}", [50 + k] * len(latency), kick=kick, agent={"name": agent}, scores=scores,
                          free=[0.8] * len(latency))  # fmt: skip
            if front and agent == "pd":
                (folder / "front.csv").write_text(front)
        return Result("x-onset", 0.05, compare(collect([str(tmp_path)])).tables[0], ONSET)

    return made


def test_of_onset_the_best_is_the_least_product_and_lower_is_better_in_both(onsets):
    made = onsets(pd=[(600, 0.05)] * 2, pi=[(1500, 0.018)] * 2, ppo=[(660, 0.03)] * 2, sac=[(700, 0.06)] * 2)
    said = verdict(made)
    assert (said.classical.label, said.learner.label) == ("pi", "ppo")
    assert said.ahead
    assert said.on_front == ("ppo",)  # pd is sooner and for less than sac
    text = markdown([made], [])
    assert "| task | best classical: latency at energy to suppress | best learner |" in text
    assert "| `x-onset` | pi: 1,500 at 0.018 | **ppo: 660 at 0.03** | ppo |" in text
    assert "| `ppo` | 660, 30 |" in text


def test_who_does_not_come_to_s_10_on_every_population_is_no_candidate(onsets):
    made = onsets(pd=[(600, 0.05)] * 2, ppo=[(100, 0.01), (np.nan, np.nan)])
    said = verdict(made)
    assert said.learner is None
    assert not said.ahead
    assert "| `ppo` | never |" in markdown([made], [])


def test_a_compromise_that_came_to_s_10_everywhere_stands_for_a_setting_that_did_not(onsets):
    columns = ("suppression", "mean_abs_kick", "activity", "latency", "energy_to_suppress")
    front = ",".join(f"{key}_unseen" for key in columns) + "\n"
    front += "50,1e-3,1,,\n40,1e-3,1,900,0.02\n40,0.2,1,10,0.01\n40,1e-3,1,800,0.04\n60,1e-3,1,,\n"
    made = onsets(front, pd=[(600, 0.05), (np.nan, np.nan)], ppo=[(950, 0.03)] * 2)
    said = verdict(made)
    assert (said.classical.aim, said.classical.price) == (900, 0.02)
    assert said.on_front == ()
    assert "| `pd` | 900, 20 |" in markdown([made], [])


def test_tasks_of_both_kinds_have_tables_of_their_own_and_one_picture(onsets, table, tmp_path):
    other = onsets(pd=[(600, 0.05)] * 2, ppo=[(660, 0.03)] * 2)
    results = [replace(other, name="x", sought=SUPPRESSION), other]
    text = markdown(results, ["note"])
    assert text.count("learners on or above the classical front |") == 2
    assert "| S, mean abs kick · 1000 | `x` |" in text
    assert "| latency, energy to suppress · 1000 | `x-onset` |" in text
    picture(results, Folder(tmp_path).file("both.png"), 2)
    assert (tmp_path / "both.png").stat().st_size > 10_000


@pytest.fixture
def oscillators(tmp_path):
    """Controllers by R, mean abs kick and verdict."""

    def made(**rows):
        for agent, (order, kick, told) in rows.items():
            scores = {key: np.full(2, 1.5) for key in OSCILLATOR_METRICS} | {"order": np.full(2, order)}
            folder = Runs(tmp_path)(agent, [3, 3], kick=kick, agent={"name": agent}, scores=scores)
            path = folder / "evaluation" / "final" / "metrics.json"
            content = json.loads(path.read_text())
            path.write_text(json.dumps({**content, "verdict": {"deterministic": told}}))
        return Result("cube", 40.0, compare(collect([str(tmp_path)])).tables[0], SYNCHRONY)

    return made


def test_of_oscillators_the_lowest_r_is_the_best_and_kicks_are_not_thousandths(oscillators, tmp_path):
    made = oscillators(none=(0.72, 0.0, ""), pd=(0.1, 2.0, "suppressed"), ppo=(0.05, 1.0, "suppressed"))
    said = verdict(made)
    assert (said.classical.label, said.learner.label, said.ahead) == ("pd", "ppo", True)
    text = markdown([made], [])
    assert "| task | best classical: R at mean abs kick | best learner |" in text
    assert "| `cube` | pd: 0.1 at 2 | **ppo: 0.05 at 1** | ppo |" in text
    assert "| R, mean abs kick in rad/s | `cube` |" in text
    assert "| `none` | 0.72, 0 |" in text
    picture([made], Folder(tmp_path).file("cube.png"), 2)
    assert (tmp_path / "cube.png").stat().st_size > 10_000


def test_who_shifted_or_arrested_oscillators_is_marked(oscillators):
    made = oscillators(high_frequency=(0.7, 33.0, "shifted"), constant=(0.01, 5.0, "quenched"), ppo=(0.05, 90.0, ""))
    text = markdown([made], [])
    assert "| `high_frequency` | 0.7, 33 shifted |" in text
    assert "| `constant` | quenched |" in text
    assert "| `ppo` | (0.05, 90) |" in text
    assert verdict(made).classical.label == "high_frequency"
    (head,) = (line for line in text.splitlines() if line.startswith("| `cube` | R free |"))
    assert head.endswith("| peak free | peak | firing | verdict |")
    rows = text[text.index(head) :].splitlines()[2:5]
    assert [row.split(" | ")[::2][:2] for row in rows] == [
        ["| `constant`", "(0.01)"],
        ["| `ppo`", "(0.05)"],
        ["| `high_frequency`", "0.7"],
    ]


def test_published_rows_stand_below_and_are_made_once(oscillators, monkeypatch, tmp_path):
    made = []
    monkeypatch.setattr(published, "published_rows", lambda numbers: made.append(numbers) or numbers)
    monkeypatch.setattr(published, "table", lambda rows: f"| head |\n|---|\n| environment {rows[0]} |")
    for _ in range(2):
        tables = published.published_tables([0, 1], Folder(tmp_path))
    assert made == [[0], [1]]
    (tmp_path / "published-1.json").write_text("{}")
    assert published.published_tables([1], Folder(tmp_path)) == [tables[1]]
    text = markdown([oscillators(none=(0.07, 0.0, ""))], [], tables)
    assert text.index("| `none` |") < text.index("As published:") < text.index("| environment 1 |")


@pytest.fixture
def cells(tmp_path):
    """A task on a network of cells: of each controller the error index and the RMS current."""
    runs = Runs(tmp_path)

    def made(front: str = "", **rows: tuple[float, float]):
        for agent, (index, current) in rows.items():
            scores = {"error_index": np.array([index] * 2), "rms_kick": np.array([current] * 2)}
            folder = runs(agent, [1.0] * 2, kick=5.0, scores=scores, agent={"name": agent}, model={"name": "so2012"})
            if front and agent == "open_loop":
                names = ["suppression", "mean_abs_kick", "activity", "error_index", "rms_kick"]
                text = ",".join(f"{name}_unseen" for name in names)
                (folder / "front.csv").write_text(f"{text}\n{front}\n1,1,1,0,0\n")
        table = compare(collect([str(tmp_path)])).tables[0]
        return Result("so2012", 10_000.0, table, table.sought)

    return made


def test_on_cells_the_least_current_at_a_low_error_index_is_ahead(cells, tmp_path):
    made = cells("1,1,1,0.019,75\n1,1,1,0.1,50", open_loop=(0.005, 85.0), on_demand=(0.03, 60.0), ppo=(0.015, 65.0))
    assert made.sought is RELAY
    said = verdict(made)
    assert (str(said.classical), str(said.learner), said.ahead) == ("open_loop: 0.019 at 75", "ppo: 0.015 at 65", True)
    assert said.on_front == ("ppo",)
    text = markdown([made], [])
    assert "| EI, rms kick in µA/cm² | `so2012` |" in text
    assert "0.015, 65" in text
    assert "for an index of 0.02 or less" in text
    picture([made], Folder(tmp_path).file("all.png"), 2)
    assert (tmp_path / "all.png").read_bytes().startswith(b"\x89PNG")


def test_on_cells_a_learner_above_the_limit_is_not_ahead(cells):
    said = verdict(cells(open_loop=(0.015, 75.0), ppo=(0.05, 20.0)))
    assert not said.ahead
