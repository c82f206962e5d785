"""What the benchmark says about learning."""

import pytest

from rldbs.benchmark.report import Result, markdown, verdict
from rldbs.compare.collect import collect
from rldbs.compare.comparison import compare
from tests.compare.conftest import Runs


@pytest.fixture
def table(tmp_path):
    runs = Runs(tmp_path)

    def made(*rows: tuple[str, float, float, float], front: str = ""):
        for k, (agent, s, kick, activity) in enumerate(rows):
            folder = runs(f"{k}-{agent}", [s, s], kick=kick, activity=activity, agent={"name": agent})
            if front and agent == "pd":
                (folder / "front.csv").write_text(front)
        return Result("x", 0.05, compare(collect([str(tmp_path)])).tables[0])

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
    assert said.classical.suppression == 130


def test_where_the_setting_that_was_chosen_needs_too_much_its_best_compromise_counts(table):
    front = "suppression_unseen,mean_abs_kick_unseen,activity_unseen\n"
    front += "40,3e-4,1\n110,4e-3,1\n160,0.2,1\n,,\n170,0.3,1\n"
    made = table(("pd", 170, 0.3, 1), ("ppo", 100, 5e-4, 1), front=front)
    said = verdict(made)
    assert (said.classical.suppression, said.classical.mean_abs_kick) == (110, 4e-3)
    assert not said.ahead
    assert "| `pd` | 110, 4 |" in markdown([made], [])


def test_markdown_has_every_controller_and_what_counts(table):
    made = table(("pd", 130, 2e-3, 1), ("constant", 400, 0.01, 0.01), ("ppo", 160, 5e-4, 1), ("sac", 200, 0.1, 1))
    text = markdown([made], ["note"])
    assert "| `x` | pd: 130 at 0.002 | **ppo: 160 at 5.00e-4** | ppo |" in text
    assert "| `constant` | quenched |" in text
    assert "| `sac` | (200, 100) |" in text
    assert text.endswith("note\n")
