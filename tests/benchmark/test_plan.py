"""The plan of the benchmark: every pair once, its settings those that a user would type."""

import pytest

from rldbs.agents.settings import CLASSICAL, IDENTIFIED, LEARNERS
from rldbs.benchmark.plan import ONLY_NAMED, benchmark, plan, task
from rldbs.config.composition import compose, compose_run
from rldbs.config.groups import groups
from rldbs.config.schema import evaluate_settings
from rldbs.core.errors import RunError, SettingError
from rldbs.core.native import PHYSICS
from rldbs.runs.record import write_config, write_json

TINY = ("learners=[ppo]", "controllers=[pd]", "tasks=[small]", "seeds=3")


def test_the_whole_benchmark_has_every_controller_on_every_task():
    settings = benchmark((), None)
    oracle = "acd_oracle"  # hears what nobody does
    assert set(settings.controllers) == {"none", *CLASSICAL, *IDENTIFIED} - {oracle}
    assert {"ppo", "sac", "tqc", "recurrent_ppo"} <= set(settings.learners)
    assert settings.seeds >= 5
    assert settings.episodes >= 32
    assert set(settings.tasks) == set(groups()["task"])


@pytest.mark.parametrize(
    "override",
    [
        pytest.param("tasks=[bvdp-noise]", marks=pytest.mark.slow),
        "controllers=[pd] learners=[ppo] tasks=[hr,bvdp-noise]",
    ],
)
def test_every_pair_is_there_once_with_the_limit_of_its_task(override):
    settings = benchmark(override.split(), None)
    cells = plan(settings)
    controllers = [agent for agent in settings.controllers if agent not in ONLY_NAMED]
    pairs = len(settings.tasks) * (len(controllers) + settings.seeds * len(settings.learners))
    assert len({cell.folder for cell in cells}) == len(cells) == pairs
    for cell in cells:
        section = cell.config["tune" if cell.command == "tune" else "checkpoints"]
        assert section["most_kick"] == cell.task.most_kick


@pytest.mark.parametrize(
    "name", ["clusters", *(pytest.param(f"dbsgym-{k}", marks=pytest.mark.slow) for k in (0, 1)), "cube"]
)
def test_a_task_of_oscillators_has_those_who_can_act_there(name):
    settings = benchmark([f"tasks=[{name}]", "seeds=1"], None)
    cells = {cell.agent: cell for cell in plan(settings)}
    assert set(cells) == set(task(name).agents) <= {*settings.controllers, *settings.learners}
    assert cells["none"].command == "evaluate"
    assert cells["none"].config["model"] == cells["random"].config["model"]
    loop = evaluate_settings(dict(cells["none"].config)).loop
    for agent in set(cells) & CLASSICAL.keys():
        values = {key: value for key, value in cells[agent].config["agent"].items() if key != "name"}
        assert CLASSICAL[agent](**values).make(loop, 0)


def test_an_agent_that_can_act_there_is_named_by_the_task():
    """But for what hears what nobody does."""
    settings = benchmark((), None)
    for name in ("cube", "clusters", "dbsgym-0", "dbsgym-1"):
        each = task(name)
        loop = evaluate_settings(compose("evaluate", [*each.settings, "agent=none"])).loop
        for agent in CLASSICAL.keys() - {*each.agents, "acd_oracle"}:
            values = compose("evaluate", [*each.settings, f"agent={agent}"])["agent"]
            with pytest.raises(SettingError):
                CLASSICAL[agent](**{key: value for key, value in values.items() if key != "name"}).make(loop, 0)
        missing = {*LEARNERS} & {*settings.learners, *IDENTIFIED} - {*each.agents}
        assert not missing, f"{name}: whoever learns can act there, whatever there is to act with"


def test_a_measurement_without_control_is_gone_on_with(tmp_path):
    cell, *_ = plan(benchmark(["controllers=[none]", "learners=[]", "tasks=[cube]", f"folder={tmp_path}"], None))
    cell.folder.make()
    write_config(cell.folder, cell.config)
    assert set(cell.config) >= {"note", "tags"}
    write_json(cell.folder.file("meta.json"), {"status": "running", "versions": {}, "physics": PHYSICS})
    assert cell.begun
    assert not cell.done


@pytest.mark.parametrize("name", ["so2012", "so2012-patients", "so2012-switching"])
def test_a_task_of_cells_is_about_the_error_index_and_names_who_can_act(name):
    overrides = [f"tasks=[{name}]", "learners=[td3,ppo]", "controllers=[none,open_loop,on_demand]", "seeds=1"]
    cells = {cell.agent: cell for cell in plan(benchmark(overrides, None))}
    assert set(cells) == {"none", "open_loop", "on_demand", "td3", "ppo"} < set(task(name).agents)
    for agent in ("open_loop", "on_demand"):
        tune = cells[agent].config["tune"]
        assert (tune["objective"], tune["stimulated"] >= 60_000, tune["least_activity"]) == ("front", True, 0.0)
        assert "agent.duty" not in cells[agent].config["space"]
    assert ("agent.idle" in cells["on_demand"].config["space"]) == (name == "so2012-switching")
    assert "agent.idle" not in cells["open_loop"].config["space"]
    assert ("teacher" in cells["td3"].config) == (name == "so2012-switching")
    assert cells["td3"].config["checkpoints"]["objective"] == "error_index"
    assert cells["td3"].config["agent"]["difference_gain"] == 0.0


def test_neurons_are_measured_as_they_were():
    settings = benchmark(["tasks=[bvdp]", "seeds=1", "learners=[ppo]"], None)
    assert not {cell.agent for cell in plan(settings)} & {*ONLY_NAMED}


def test_a_cell_records_what_its_command_line_says(directory):
    cells = plan(benchmark(TINY, directory), directory)
    assert [cell.seed for cell in cells] == [None, 0, 1, 2]
    config, _ = compose_run("train", [*cells[3].overrides, "threads=1"], directory)
    assert dict(cells[3].config) == config


def test_whoever_is_measured_on_a_drift_has_met_it_to_its_end_before():
    settings = benchmark(["tasks=[bvdp-drift]", "controllers=[pd]", "learners=[ppo,sac]", "seeds=1"], None)
    for cell in plan(settings):
        coupling, protocol = cell.config["coupling"], cell.config["protocol"]
        end = coupling["at"] + coupling["length"]
        assert (coupling["at"], end) == (protocol["onset"], protocol["stimulated"])
        assert coupling["to"] == 2 * cell.config["model"]["coupling"]
        chosen = cell.config["tune" if cell.command == "tune" else "checkpoints"]
        assert chosen["stimulated"] == end
        assert cell.command == "tune" or cell.config["episode"]["steps"] * cell.config["stimulus"]["interval"] == end


def test_a_task_that_is_about_the_onset_is_sought_by_it_on_both_sides():
    settings = benchmark(["tasks=[bvdp,bvdp-onset]", "controllers=[pd]", "learners=[ppo]", "seeds=1"], None)
    sought = {
        (cell.task.name, cell.command): cell.config["tune" if cell.command == "tune" else "checkpoints"]
        for cell in plan(settings)
    }
    assert {pair: section["objective"] for pair, section in sought.items()} == {
        ("bvdp", "tune"): "front",
        ("bvdp", "train"): "suppression",
        ("bvdp-onset", "tune"): "onset",
        ("bvdp-onset", "train"): "onset",
    }


def test_what_the_policy_search_needs_goes_to_nobody_else():
    settings = benchmark(["tasks=[bvdp-onset]", "controllers=[lqg]", "learners=[ppo,lqg_search]", "seeds=1"], None)
    cells = {cell.agent: cell.config for cell in plan(settings)}
    assert cells["lqg_search"]["steps"] == 32_000_000
    assert cells["lqg_search"]["agent"]["reach"] == 0.1
    assert cells["lqg_search"]["checkpoints"]["episodes"] == 16
    assert all(cells[agent]["steps"] < 10_000_000 for agent in ("lqg", "ppo"))
    assert all(cells[agent]["checkpoints"]["episodes"] == 4 for agent in ("lqg", "ppo"))


def test_cells_that_are_measured_together_see_the_same_populations(directory):
    cells = plan(benchmark(TINY, directory), directory)
    assert len({str(cell.config["protocol"]) for cell in cells}) == 1
    assert len({str(cell.config["stimulus"]) + str(cell.config["recording"]) for cell in cells}) == 1


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("learners=[pp]", r"learners: there is no pp\nDid you mean ppo\?"),
        ("controllers=[ppo]", "controllers: there is no ppo"),
        ("tasks=[bvdpp]", r"tasks: there is no bvdpp\nDid you mean bvdp\?"),
        ("tasks=[bvdp,bvdp]", "tasks: bvdp is there twice"),
        ("seeds=0", "benchmark.seeds=0|seeds=0"),
        ("trials=x", "trials=x"),
        ("trails=3", "trails"),
    ],
)
def test_wrong_settings_are_refused_with_what_would_be_right(override, message):
    with pytest.raises(SettingError, match=message):
        benchmark([override], None)


def test_nobody_to_measure_is_refused():
    with pytest.raises(SettingError, match="nobody"):
        benchmark(["learners=[]", "controllers=[]"], None)


def test_a_run_with_other_settings_in_its_place_is_refused(directory, tmp_path):
    cell = plan(benchmark([*TINY, f"folder={tmp_path / 'runs'}"], directory), directory)[1]
    assert not cell.done
    cell.folder.make()
    write_config(cell.folder, cell.config)
    assert not cell.done
    write_json(cell.folder.file("meta.json"), {"status": "done", "versions": {"rldbs": "0.1.0"}})
    with pytest.raises(RunError, match=r"version 1 of the physics"):
        assert cell.done
    older = {key: value for key, value in cell.config["checkpoints"].items() if key != "objective"}
    write_config(cell.folder, {**cell.config, "checkpoints": older})
    with pytest.raises(RunError, match=r"version 1 of the physics"):
        assert cell.done
    write_config(cell.folder, {**cell.config, "steps": 513})
    with pytest.raises(RunError, match=r"is a run with steps=513, where it should now be 512"):
        assert cell.done


@pytest.mark.parametrize(("controller", "on"), [("none", "clusters"), ("pd", "bvdp")])
def test_a_run_with_a_note_or_from_before_there_were_any_is_the_same(tmp_path, controller, on):
    words = [f"controllers=[{controller}]", f"tasks=[{on}]", "learners=[]", f"folder={tmp_path / 'runs'}"]
    [cell] = plan(benchmark(words, None))
    cell.folder.make()
    unlabelled = {key: value for key, value in cell.config.items() if key not in ("note", "tags")}
    for config in (cell.config, unlabelled, {**cell.config, "note": "kept", "tags": ["first"]}):
        write_config(cell.folder, config)
        assert not cell.done  # it is read, and is the same, but has not ended yet
