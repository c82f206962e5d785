import pytest
import yaml

from rldbs.compare.collect import collect
from rldbs.compare.grouping import group


def tasks_of(runs, *texts):
    return group(collect(texts or [str(runs.root)]).measured)[0]


def labels(task):
    return sorted(one.label for one in task.groups)


def test_runs_that_differ_by_their_seed_only_are_one_row(runs):
    for seed in (2, 0, 1):
        runs(f"a/{seed}", [10, 20 + seed], seed=seed, start={"seed": seed}, threads=seed + 1)
    [task] = tasks_of(runs)
    [row] = task.groups
    assert row.label == "ppo"
    assert [one.seed for one in row.measured] == [0, 1, 2]


def test_rows_of_one_agent_are_told_apart_by_few_settings(runs):
    runs("a/0", [10, 20], agent={"learning_rate": 0.1, "gamma": 0.5}, steps=1)
    runs("a/1", [10, 21], agent={"learning_rate": 0.2, "gamma": 0.5}, steps=2)
    runs("a/2", [10, 22], agent={"learning_rate": 0.2, "gamma": 0.6}, steps=2)
    runs("a/3", [10, 23], agent={"name": "proportional", "gain": 1.0})
    [task] = tasks_of(runs)
    assert labels(task) == [
        "ppo gamma=0.5 learning_rate=0.1",
        "ppo gamma=0.5 learning_rate=0.2",
        "ppo gamma=0.6 learning_rate=0.2",
        "proportional",
    ]
    differs = next(one.differs for one in task.groups if "gamma=0.6" in one.label)
    assert differs == {"agent.learning_rate": "0.2", "agent.gamma": "0.6", "steps": "2"}


@pytest.mark.parametrize(
    "changes",
    [
        {"model": {"name": "hr"}},
        {"model": {"coupling": 0.1}},
        {"model": {"parameters": {"rate": 0.2}}},
        {"stimulus": {"saturation": 0.1}},
        {"recording": {"noise": 0.1}},
        {"coupling": {"name": "ramp"}},
        {"start": {"name": "suppressed"}},
        {"protocol": {"free": 300}},
        {"protocol": {"seed": 2}},
        {"physics": 7},
        {"free": (0.8, 0.6)},
        {"free": (0.8, 0.7, 0.5), "suppression": [1, 2, 3]},
    ],
)
def test_another_task_is_another_table_with_what_differs_in_its_title(runs, changes):
    runs("a/0", [10, 20])
    runs("a/1", **{"suppression": [10, 21], "seed": 1, **changes})
    one, other = tasks_of(runs)
    assert one.title != other.title
    assert len(one.groups) == len(other.groups) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"agent": {"name": "dqn"}, "stimulus": {"levels": 21}},
        {"recording": {"length": 1}},
        {"stimulus": {"amplitude": 0.1}},
        {"reward": {"name": "setpoint"}, "model": {"set_point": 0.0}},
        {"start": {"populations": 32}},
        {"envs": 128},
    ],
)
def test_what_a_controller_brings_along_is_another_row_of_the_same_table(runs, changes):
    runs("a/0", [10, 20])
    runs("a/1", [10, 21], seed=1, **changes)
    [task] = tasks_of(runs)
    assert len(set(labels(task))) == 2


def test_populations_are_told_apart_by_themselves_where_nothing_else_does(runs):
    runs("a/0", [10, 20])
    runs("a/1", [10, 21], seed=1, free=(0.8, 0.6))
    assert all("populations=" in task.title for task in tasks_of(runs))


def test_a_measurement_with_other_settings_than_the_training_is_another_task(runs):
    runs("a/0", [10, 20])
    other = runs("a/1", [10, 21], seed=1)
    config = yaml.safe_load((other / "config.yaml").read_text())
    config["recording"]["noise"] = 0.5
    (other / "evaluation" / "final" / "config.yaml").write_text(yaml.safe_dump(config))
    assert [task.title for task in tasks_of(runs)] == ["bvdp · delta · noise=0", "bvdp · delta · noise=0.5"]


def test_the_same_measurement_twice_is_no_second_training(runs):
    runs("a/0", [10, 20], meta={"started": "2026-01-01"})
    runs("a/1", [10, 21], meta={"started": "2026-01-02"})  # the seed again
    runs("a/2", [10, 21], seed=7, meta={"started": "2026-01-03"})  # the numbers again
    [task], left_out = group(collect([str(runs.root)]).measured)
    assert [one.name[-3:] for one in task.groups[0].measured] == ["a/0", "a/2"]
    assert [(run[-3:], "same numbers" in why) for run, why in left_out] == [("a/1", True)]


def test_of_the_same_seed_twice_the_newest_counts(runs):
    runs("a/0", [10, 20], meta={"started": "2026-01-01"})
    runs("a/1", [10, 21], meta={"started": "2026-01-02"})
    [task], left_out = group(collect([str(runs.root)]).measured)
    assert [one.name[-3:] for one in task.groups[0].measured] == ["a/1"]
    assert "seed 0" in left_out[0][1]


def test_a_run_that_is_older_than_a_setting_has_its_default(runs):
    runs("a/old", [10, 20])
    runs("a/new", [10, 21], seed=1, recording={"delay": 0}, stimulus={"every": 1})
    runs("a/late", [10, 22], seed=2, recording={"delay": 5})
    assert [task.title for task in tasks_of(runs)] == ["bvdp · delta · delay=5", "bvdp · delta · delay=0"]
    assert [len(task.groups[0].measured) for task in tasks_of(runs)] == [1, 2]


def test_a_training_that_is_older_than_the_choice_of_checkpoints_is_one_by_suppression(runs):
    runs("old", [10, 20], checkpoints={"every": 10})
    runs("new", [10, 21], seed=1, checkpoints={"every": 10, "objective": "suppression"})
    runs("other", [10, 22], checkpoints={"every": 10, "objective": "onset"})
    [task] = tasks_of(runs)
    assert sorted(len(one.measured) for one in task.groups) == [1, 2]


def test_how_is_learned_is_nothing_to_a_controller_that_does_not(runs):
    """Once from a search, whose configuration says how a learner would be trained, once measured with its values."""
    agent = {"name": "proportional", "gain": 0.03}
    learning = {"steps": 1000, "envs": 8, "checkpoints": {"every": 100}}
    for how in ("proportional", "pd"):
        chosen = {**agent, "name": how}
        runs(f"{how}/found", [10, 20], agent=chosen, episode={"steps": 200, "stagger": True}, **learning)
        runs(f"{how}/measured", [10, 20], agent=chosen, episode={"steps": 300, "stagger": False})
    [task] = tasks_of(runs)
    assert sorted(labels(task)) == ["pd", "proportional"]
    runs("ppo/one", [10, 20], episode={"stagger": True})
    runs("ppo/two", [10, 21], episode={"stagger": False}, seed=1)
    [task] = tasks_of(runs)
    assert "ppo stagger=true" in labels(task)
