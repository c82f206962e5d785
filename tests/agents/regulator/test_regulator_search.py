"""The search begins as the identified regulator, compares like with like, and goes downhill."""

from typing import Any

import numpy as np
import pytest
from stable_baselines3.common.callbacks import ConvertCallback

from rldbs.agents.regulator import regulator_search
from rldbs.agents.regulator.identified_regulator import Regulator
from rldbs.agents.regulator.regulator_search import LARGEST, Course, RegulatorSearch, _directions
from tests.agents.conftest import Learned, _one_thread, learned
from tests.conftest import small_run

__all__ = ["_one_thread"]

RUNGS = 5
"""In a small run."""
IDENTIFICATION = 4 * 128
"""Environment steps of the only one in a small run."""


def still(learner: RegulatorSearch) -> ConvertCallback:
    """A callback that does nothing."""
    callback = ConvertCallback(None)
    callback.init_callback(learner)
    return callback


def searching(*overrides: str, steps: int = IDENTIFICATION) -> tuple[Learned, RegulatorSearch]:
    run = learned("lqg_search", *overrides, steps=steps)
    assert isinstance(run.learner, RegulatorSearch)
    return run, run.learner


PLAIN = np.eye(RUNGS, RUNGS + 1)
"""The mixture of such a run at the beginning."""


def course(samples: int = 4000) -> Course:
    """What four regulators and the stabilising controllers want, two of them nearly the same, on two rungs."""
    generator = np.random.default_rng(0)
    wanted = generator.standard_normal((samples, RUNGS + 1)) * [0.2, 0.1, 0.05, 0.0, 0.02, 0.02]
    wanted[:, 3] = wanted[:, 0] + 1e-5 * generator.standard_normal(samples)
    return Course(wanted, generator.choice([0, 2], samples, p=[0.75, 0.25]), np.zeros(1))


def test_every_direction_changes_the_input_by_as_much_as_it_is():
    seen = course()
    given = (PLAIN[seen.rungs] * seen.wanted).sum(axis=1)
    directions = _directions(seen, PLAIN)
    changes = np.array([(change[seen.rungs] * seen.wanted).sum(axis=1) for change in directions])
    for rung, some in ((0, directions[:, 0].any(axis=1)), (2, directions[:, 2].any(axis=1))):
        there = seen.rungs == rung
        np.testing.assert_allclose(np.square(changes[some][:, there]).mean(axis=1), np.square(given[there]).mean())
        assert not changes[some][:, ~there].any()
    across = changes @ changes.T / len(given)
    np.testing.assert_allclose(across, np.diag(np.diag(across)), atol=1e-9)


def test_directions_that_hardly_show_in_the_input_are_left_out():
    directions = _directions(course(), PLAIN)
    assert len(directions) == 2 * 5  # for each rung that acted, without that of two regulators alike
    assert not directions[:, [1, 3, 4]].any()  # rungs that never acted


def test_inputs_far_beyond_the_limits_count_as_a_few_times_the_limits():
    seen = course()
    large = Course(100.0 * seen.wanted, seen.rungs, seen.costs)
    changes = np.array([(one[seen.rungs] * large.wanted).sum(axis=1) for one in _directions(large, PLAIN)])
    assert (np.square(changes).mean(axis=1) <= LARGEST**2 + 1e-9).all()


def test_until_the_search_begins_it_does_what_identification_does():
    _, searched = searching("agent.identifications=2", steps=2 * IDENTIFICATION)
    identified = learned("lqg", "agent.price=100.0", steps=2 * IDENTIFICATION).weights()
    found = searched.policy.arrays
    for name, array in identified.items():
        np.testing.assert_array_equal(found[name], array)


def test_then_it_changes_the_mixture_alone():
    run, learner = searching()
    before, state = learner.policy.arrays, learner.own_state()
    assert (before["mixture"] == PLAIN).all()
    learner.learn(3 * IDENTIFICATION, reset_num_timesteps=False)
    after = learner.policy.arrays
    assert {name for name in before if not np.array_equal(before[name], after[name])} == {"mixture"}
    changed = {name for name, array in learner.own_state().items() if not np.array_equal(array, state[name])}
    assert changed == {"momentum", "square"}
    assert learner._n_updates > 1
    assert learner.num_timesteps == run.settings.envs * learner.loop.environments // 4 * 128 * learner._n_updates


def test_a_rollout_is_as_long_as_it_says():
    run, learner = searching(steps=2 * IDENTIFICATION)
    assert learner._n_updates == 2
    assert learner.num_timesteps == 2 * run.settings.envs * run.settings.agent.stretch


def test_the_same_seed_finds_the_same():
    first, second = (searching(steps=3 * IDENTIFICATION)[1].policy.arrays for _ in range(2))
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name])
    assert (first["mixture"] != PLAIN).any()


class Trials:
    """A generation whose costs are given in the place of those of populations.

    Args:
        cost: of the mixtures (environments, rungs, rungs + 1).
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, cost: Any) -> None:
        self.mixtures: list[np.ndarray] = []
        _, self.learner = searching("envs=12", "agent.pairs=2", "steps=4096", steps=12 * 128)
        seen = course()

        def followed(regulator: Regulator, steps: int, callback: object) -> Course:
            self.mixtures.append(regulator._mixture)
            return seen._replace(costs=cost(regulator._mixture))

        monkeypatch.setattr(self.learner, "_followed", followed)
        self.directions = _directions(seen, self.learner.policy.arrays["mixture"])
        self.regulator = Regulator(self.learner.settings, self.learner.loop.settings, self.learner.policy.arrays)
        self.regulator(self.learner.loop.observe())
        self.learner._current_progress_remaining = 1.0

    def generation(self) -> float:
        return self.learner._generation(self.regulator, np.array([3, 5]), self.directions, still(self.learner))


def test_trials_are_pairs_forth_and_back_of_the_policy_each_on_the_same_populations(monkeypatch):
    trials = Trials(monkeypatch, lambda mixtures: np.ones(len(mixtures)))
    branched = []
    monkeypatch.setattr(trials.learner.loop, "branch", branched.append)
    own = trials.learner.policy.arrays["mixture"]
    assert trials.generation() == 0.0
    (mixtures,) = trials.mixtures
    np.testing.assert_array_equal(branched[0], [3, 5] * 6)
    each = mixtures[:10].reshape(5, 2, *own.shape)
    np.testing.assert_array_equal(each[:, 0], each[:, 1])
    np.testing.assert_allclose(each[:2, 0] + each[2:4, 0], 2 * own[None] * np.ones((2, 1, 1)), atol=1e-12)
    np.testing.assert_array_equal(each[4, 0], own)
    np.testing.assert_array_equal(mixtures[10:], [own, own])  # environments that are left over
    assert (each[0, 0] != own).any()
    np.testing.assert_array_equal(trials.learner.policy.arrays["mixture"], own)  # no cost, no step


def test_the_search_goes_downhill(monkeypatch):
    """Where the logarithm of the cost is a slope, or a bowl about another mixture."""
    slope = np.random.default_rng(1).standard_normal(PLAIN.shape)
    trials = Trials(monkeypatch, lambda mixtures: np.exp(0.1 * (mixtures * slope).sum(axis=(1, 2))))
    logs = [trials.generation() for _ in range(20)]
    assert logs[-1] < logs[0] - 0.01
    assert np.diff(logs[5:]).mean() < 0


def test_a_step_is_as_large_as_the_learning_rate_says_and_falls_to_nothing(monkeypatch):
    slope = np.random.default_rng(1).standard_normal(PLAIN.shape)
    sizes = []
    for remaining in (1.0, 0.5, 0.0):
        trials = Trials(monkeypatch, lambda mixtures: np.exp((mixtures * slope).sum(axis=(1, 2))))
        trials.learner._current_progress_remaining = remaining
        np.random.seed(5)  # noqa: NPY002
        before = trials.learner.policy.arrays["mixture"]
        trials.generation()
        sizes.append(float(np.linalg.norm(trials.learner.policy.arrays["mixture"] - before)))
    assert sizes[1] == pytest.approx(0.5 * sizes[0])
    assert sizes[0] > sizes[2] == 0.0


def test_what_trials_cost_is_compared_on_the_same_populations_with_the_same_noise(monkeypatch):
    """Where trials are the policy itself, those of a population all cost the same."""
    _, learner = searching("envs=12", "agent.pairs=2", "recording.noise=0.05", "steps=4096", steps=12 * 128)
    monkeypatch.setattr(regulator_search, "_directions", lambda seen, mixture: np.zeros((2, *mixture.shape)))
    found, followed = [], learner._followed

    def kept(regulator: Regulator, steps: int, callback: Any) -> Course:
        found.append(followed(regulator, steps, callback))
        return found[-1]

    monkeypatch.setattr(learner, "_followed", kept)
    learner._current_progress_remaining = 1.0
    learner.search(still(learner))
    assert len(found) == 1 + 2
    for one in found[1:]:
        costs = one.costs[:10].reshape(5, 2)
        np.testing.assert_allclose(costs, costs[:1] * np.ones((5, 1)), rtol=1e-5)
        assert costs[0, 0] != pytest.approx(costs[0, 1], rel=1e-3)


def test_without_settling_trials_begin_where_episodes_do(monkeypatch):
    _, learner = searching("agent.settle=0", "agent.generations=4")
    clocks, branch = [], learner.loop.branch

    def branched(sources: np.ndarray) -> None:
        branch(sources)
        clocks.append(learner.loop.clock.now.copy())

    monkeypatch.setattr(learner.loop, "branch", branched)
    learner._current_progress_remaining = 1.0
    learner.search(still(learner))
    assert len(clocks) == 4
    assert not np.any(clocks)


def test_a_generation_for_each_few_populations_and_no_more():
    _, learner = searching("agent.generations=100", "agent.horizon=8", "agent.settle=16")
    before = learner.num_timesteps
    learner._current_progress_remaining = 1.0
    learner.search(still(learner))
    assert learner.num_timesteps - before == 4 * (16 + 4 * 8)


@pytest.mark.parametrize("horizon", [2, 3, 5, 8, 9, 40])
@pytest.mark.parametrize("settle", [0, 1, 7])
def test_trials_may_be_as_short_as_one_likes(horizon, settle):
    _, learner = searching(f"agent.horizon={horizon}", f"agent.settle={settle}")
    learner._current_progress_remaining = 1.0
    learner.search(still(learner))
    assert np.isfinite(learner.policy.arrays["mixture"]).all()


def test_what_is_followed_costs_the_variance_and_the_price_of_kicks():
    _, learner = searching("agent.price=7.0")
    learner._last_obs = learner._fresh()
    regulator = Regulator(learner.settings, learner.loop.settings, learner.policy.arrays)
    loop, x, kicks = learner.loop, [], []
    step = loop.episode_step

    def watched(actions: np.ndarray) -> Any:
        out = step(actions)
        x.append(loop.mean_field[:, :, 0])
        kicks.append(loop.kicks[:, 0].copy())
        return out

    loop.episode_step = watched  # type: ignore[method-assign]
    found = learner._followed(regulator, 50, still(learner))
    used = np.concatenate(x[5:], axis=1)
    expected = used.var(axis=1) + 7.0 * np.square(kicks[5:]).mean(axis=0)
    np.testing.assert_allclose(found.costs, expected, rtol=1e-5)
    assert found.wanted.shape == (len(found.rungs), RUNGS + 1)


def test_of_several_prices_it_begins_at_that_which_costs_least(monkeypatch):
    """Each is tried on the same populations, which come to rest before what counts."""
    _, learner = searching("agent.price=[1.0,10.0,100.0]", "envs=12", "agent.pairs=2", "steps=4096", steps=12 * 128)
    sources, lengths, rungs = [], [], []
    branch = learner.loop.branch

    def branched(rows: np.ndarray) -> None:
        branch(rows)
        sources.append(rows)

    def followed(regulator: Regulator, steps: int, callback: object) -> Course:
        lengths.append(steps)
        rungs.append(np.array(regulator._chosen))
        return course()._replace(costs=np.array([3.0, 1.0, 2.0])[regulator._chosen])

    monkeypatch.setattr(learner.loop, "branch", branched)
    monkeypatch.setattr(learner, "_followed", followed)
    assert learner.policy.arrays["chosen"] == 0
    learner.improve(still(learner))
    np.testing.assert_array_equal(sources[0], np.arange(12) % 4)
    np.testing.assert_array_equal(rungs[0], np.repeat([0, 1, 2], 4))
    assert lengths == [learner.settings.settle, learner.settings.horizon]
    assert learner.policy.arrays["chosen"] == 1


def test_with_several_prices_suppression_alone_counts():
    _, one = searching("agent.price=7.0")
    _, several = searching("agent.price=[7.0,8.0]", steps=IDENTIFICATION)
    assert one._price == 7.0 * one.loop.settings.stimulus.amplitude**2
    assert several._price == 0.0


def test_from_synchrony_only_what_the_stabilising_controller_does_is_searched():
    _, learner = searching("agent.settle=0", "agent.horizon=60")
    learner._last_obs = learner._fresh()
    regulator = Regulator(learner.settings, learner.loop.settings, learner.policy.arrays)
    found = learner._followed(regulator, 60, still(learner))
    assert set(found.rungs.tolist()) == {RUNGS - 1}


@pytest.mark.parametrize(("settle", "seen"), [(0, True), (16, False)])
def test_from_synchrony_the_oscillator_a_quarter_of_a_cycle_later_is_searched_from_the_first_trial_on(
    settle, seen, monkeypatch
):
    _, learner = searching(f"agent.settle={settle}", "agent.horizon=60")
    followed, found = learner._followed, []
    monkeypatch.setattr(learner, "_followed", lambda *arguments: found.append(followed(*arguments)) or found[-1])
    learner._current_progress_remaining = 1.0
    learner.search(still(learner))
    assert bool(found[0].wanted[:, -1].any()) is seen


def test_a_whole_run_searches_and_is_measured(tmp_path):
    metrics = small_run(tmp_path / "run", ["steps=1536", "checkpoints.every=512"], "lqg_search")
    assert np.isfinite(metrics["deterministic"]["suppression"]["iqm"])


def test_mixtures_of_several_contacts_are_searched_as_one():
    places = ("electrode=four", "recording.variable=[x,y]", "agent.channel=all")
    _, learner = searching(*places, "agent.price=7.0")
    learner._last_obs = learner._fresh()
    regulator = Regulator(learner.settings, learner.loop.settings, learner.policy.arrays)
    found = learner._followed(regulator, 48, still(learner))
    assert found.wanted.shape == (len(found.rungs), RUNGS + 1)
    assert len(found.rungs) % 4 == 0
    learner._current_progress_remaining = 1.0
    learner.search(still(learner))
    assert np.isfinite(learner.policy.arrays["mixture"]).all()
