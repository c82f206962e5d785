"""What the benchmark says about learning."""

import numpy as np
import pytest

from rldbs.benchmark.report import markdown, verdict
from rldbs.experiment.compare.collect import collect
from rldbs.experiment.compare.result import compare
from tests.experiment.compare.conftest import Runs


@pytest.fixture
def table(tmp_path):
    runs = Runs(tmp_path)

    def made(*rows: tuple[str, float, float, float]):
        for k, (agent, s, kick, activity) in enumerate(rows):
            runs(f"{k}-{agent}", [s, s], kick=kick, activity=activity, agent={"name": agent})
        return compare(collect([str(tmp_path)])).tables[0]

    return made


def test_a_learner_is_on_the_front_where_no_classical_controller_beats_it_in_both(table):
    said = verdict("x", table(("pd", 130, 2e-3, 1), ("proportional", 50, 4e-4, 1), ("ppo", 100, 5e-4, 1)))
    assert said.on_front == ("ppo",)
    assert not said.ahead
    assert (said.classical.label, said.learner.label) == ("pd", "ppo")


def test_a_learner_that_is_beaten_in_both_is_not(table):
    said = verdict("x", table(("pd", 130, 4e-4, 1), ("ppo", 100, 5e-4, 1), ("sac", 140, 9e-3, 1)))
    assert said.on_front == ("sac",)
    assert said.ahead


def test_equal_stimulation_or_suppression_beats_nobody(table):
    assert verdict("x", table(("pd", 130, 5e-4, 1), ("ppo", 100, 5e-4, 1))).on_front == ("ppo",)


def test_quenching_counts_for_neither_side(table):
    said = verdict("x", table(("constant", 400, 1e-5, 0.01), ("ppo", 100, 5e-4, 1), ("sac", 900, 1e-5, 0.2)))
    assert said.classical is None
    assert said.on_front == ("ppo",)
    assert said.learner.label == "ppo"


def test_compromises_of_a_search_count_too(table):
    made = table(("pd", 130, 2e-3, 1), ("ppo", 100, 5e-4, 1))
    pd = next(row for row in made.rows if row.agent == "pd")
    object.__setattr__(pd, "compromises", np.array([[110.0, 4e-4]]))
    assert verdict("x", made).on_front == ()


def test_markdown_has_every_controller_and_task(table):
    made = table(("pd", 130, 2e-3, 1), ("constant", 400, 0.1, 0.01), ("ppo", 160, 5e-4, 1))
    comparison = None
    text = markdown(comparison, {"one": made}, ["note"])  # type: ignore[arg-type]
    assert "| `one` | pd: 130 at 0.002 | **ppo: 160 at 5e-4**" in text or "**ppo: 160 at 5.00e-4**" in text
    assert "| `constant` | quenched |" in text
    assert text.endswith("note\n")
