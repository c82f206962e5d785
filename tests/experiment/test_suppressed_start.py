"""Episodes, and measurements, after a first agent."""

from dataclasses import replace

import numpy as np
import pytest

from rldbs.agents.controller import Rest
from rldbs.analysis.metrics import measure
from rldbs.config.composition import compose
from rldbs.config.python_arguments import make_loop_settings
from rldbs.config.schema import evaluate_settings, train_settings
from rldbs.control.episode_start import FreeStart
from rldbs.control.loop import ClosedLoop
from rldbs.core.errors import RunError, SettingError
from rldbs.experiment.protocol import measure_controllers
from rldbs.experiment.trained_policies import learned_controllers
from tests.conftest import SMALL, small_run, small_settings

START = ("start=suppressed", "start.steps=30", "start.populations=3", "start.snapshots=2")


def settings(run, *overrides):
    return small_settings([*START, f"start.run={run}", "stimulus.every=2", "recording.length=9", *overrides])


def test_populations_have_been_under_the_first_agent(run):
    loop_settings = settings(run).loop
    bank = loop_settings.start.bank(loop_settings.model, loop_settings.coupling, loop_settings.memory, 1)
    first_settings = replace(small_settings().loop, model=loop_settings.model, start=FreeStart(3, 1, 0))
    first = ClosedLoop(first_settings, 3)
    first.reset(entries=np.arange(3))
    controllers, _ = learned_controllers(small_settings().agent, first_settings, run, "best", 0)
    seen = []
    for _ in range(30 + 81):
        first.step(controllers["deterministic"].act(first.observe()))
        seen.append((first.ensemble.state.copy(), first.mean_field[:, -1, 0]))
    np.testing.assert_array_equal(bank.state[:3], seen[29][0])
    np.testing.assert_array_equal(bank.state[3:], seen[30 + 81 - 1][0])  # half a period later
    np.testing.assert_array_equal(bank.past[:3, -1, 0], seen[29][1])


def test_an_episode_starts_from_them_and_sees_their_past(run):
    loop_settings = settings(run).loop
    bank = loop_settings.start.bank(loop_settings.model, loop_settings.coupling, loop_settings.memory, 1)
    loop = ClosedLoop(loop_settings, 2)
    loop.reset(entries=np.array([4, 1]))
    np.testing.assert_array_equal(loop.ensemble.state, bank.state[[4, 1]])
    assert loop.observe().shape == (2, 9)


@pytest.mark.parametrize("interval", [1, 3])
def test_a_measurement_lets_the_first_agent_act_first(run, interval):
    second = settings(run, f"stimulus.interval={interval}")
    trajectory = measure_controllers(second.loop, second.protocol, {"rest": Rest(1)})["rest"]
    begin, end = trajectory.free, trajectory.free + 30
    assert trajectory.onset == 30 + -(-second.protocol.onset // interval) * interval
    assert np.abs(trajectory.kicks[:, begin:end]).min(axis=0).max() > 0
    assert not trajectory.kicks[:, end:].any()
    assert np.isfinite(measure(trajectory)["suppression"]).all()
    alone = small_settings()
    controllers, _ = learned_controllers(alone.agent, alone.loop, run, "best", 0)
    if interval == 1:
        first = measure_controllers(replace(alone.loop, model=second.loop.model), second.protocol, controllers)
        np.testing.assert_array_equal(trajectory.field[:, :end], first["deterministic"].field[:, :end])


def test_a_second_agent_trains_after_the_first(run, tmp_path):
    metrics = small_run(tmp_path / "second", [*START, f"start.run={run}", "steps=1024"])
    assert metrics["deterministic"]["mean_abs_kick"]["iqm"] > 0


def test_the_run_is_kept_by_its_whole_path(run, monkeypatch):
    monkeypatch.chdir(run.parent)
    assert settings(run.name).config["start"]["run"] == str(run)


def test_it_is_the_same_environment_from_python(run):
    made = make_loop_settings("bvdp", {"start": "suppressed", "start.run": str(run)})
    assert made.start.folder == run


def test_a_coupling_drifts_under_the_second_agent(run):
    ramp = ("coupling=ramp", "coupling.to=0.2", "coupling.length=20")
    drifting = settings(run, *ramp).loop
    bank = drifting.start.bank(drifting.model, drifting.coupling, drifting.memory, 1)
    np.testing.assert_array_equal(bank.coupling, 0.03)
    loop = ClosedLoop(drifting, 2)
    loop.reset()
    strengths = []
    for _ in range(30):
        loop.step(np.zeros((2, 1)))
        strengths.append(loop.ensemble.coupling[0])
    assert (strengths[0], strengths[10], strengths[-1]) == pytest.approx((0.03, 0.115, 0.2))


def test_every_second_agent_is_measured_after_the_same_first_one(run):
    second = settings(run, "start.policy=stochastic")
    both = measure_controllers(second.loop, second.protocol, {"a": Rest(1), "b": Rest(1)})
    np.testing.assert_array_equal(both["a"].field, both["b"].field)
    alone = measure_controllers(second.loop, second.protocol, {"a": Rest(1)})["a"]
    np.testing.assert_array_equal(alone.field, both["a"].field)


def test_what_is_called_free_is_free(run):
    loop = ClosedLoop(settings(run).loop, 2)
    free = ClosedLoop(replace(loop.settings, start=FreeStart(3, 2, 0)), 2)
    assert loop.settings.free_std(1) == free.settings.free_std(1)


def test_a_first_agent_that_came_after_another_one_is_refused(run, tmp_path):
    small_run(tmp_path / "second", [*START, f"start.run={run}", "steps=512"])
    with pytest.raises(SettingError, match="itself came after another one"):
        small_settings([*START, f"start.run={tmp_path / 'second'}"])


@pytest.mark.parametrize(
    ("overrides", "error", "message"),
    [
        (("start.run=null",), SettingError, "which run is the first agent"),
        (("start.run=nothing",), RunError, "start.run=nothing: there are no training runs"),
        (("model=hr",), SettingError, "was trained on bvdp, not hr"),
        (("start.checkpoint=7",), RunError, "no checkpoint '7'"),
    ],
)
def test_a_first_agent_that_cannot_act_is_refused(run, tmp_path, monkeypatch, overrides, error, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=message):
        train_settings(compose("train", [*SMALL, *START, f"start.run={run}", *overrides]))


def test_a_controller_without_weights_is_measured_after_the_first_agent(run):
    config = compose("evaluate", ["agent=none", "start=suppressed", f"start.run={run}"])
    assert evaluate_settings(config).loop.start.folder == run
