"""Policies of runs, asked for one action after the other."""

import copy
import pickle

import numpy as np
import pytest

import rldbs
from rldbs.agents.learned_controller import LearnedController
from rldbs.agents.learner import build_learner
from rldbs.agents.learner_state import policy_arrays
from rldbs.config.schema import train_settings
from rldbs.control.loop import ClosedLoop
from rldbs.core.errors import SettingError
from rldbs.envs.single import PopulationEnv
from rldbs.envs.vector import PopulationVectorEnv
from rldbs.experiment.trained_policies import policy_weights
from rldbs.runs.record import read_config
from rldbs.scripting.run_policy import Policy
from tests.conftest import small_settings

REMEMBERING = ("zoo:hr-ppo", "zoo:hr-lqg")
"""A network that is told of its past kicks, and a regulator."""


def observed(policy, count: int, rows: int = 3) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.3, (count, rows, policy.observation_size)).astype(np.float32)


def controller_of(run, generator=None) -> LearnedController:
    """What the evaluation measures."""
    settings = train_settings(read_config(run))
    weights, _ = policy_weights(settings.agent, settings.loop, run, "best")
    return LearnedController(settings.agent, settings.loop, weights, generator)


@pytest.mark.parametrize("name", ["zoo:bvdp-ppo", *REMEMBERING])
def test_actions_are_those_of_the_evaluation(name):
    run = rldbs.load(name)
    controller, state = controller_of(run.path), None
    for observations in observed(run.policy, 20):
        actions, state = run.policy.predict(observations, state)
        np.testing.assert_array_equal(actions, controller.act(observations))
    assert (actions.dtype, actions.shape) == (np.float32, (3, 1))


@pytest.mark.parametrize("name", ["zoo:bvdp-ppo", *REMEMBERING])
def test_one_environment_is_acted_on_as_one_of_several(name):
    policy, state, several = rldbs.load(name).policy, None, None
    for observations in observed(policy, 20):
        action, state = policy.predict(observations[1], state)
        actions, several = policy.predict(observations, several)
        assert action.shape == (1,)
        np.testing.assert_allclose(action, actions[1], rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("agent", ["dqn", "recurrent_ppo"])
def test_the_environment_takes_the_actions(agent):
    settings = small_settings(agent=agent)
    loop = ClosedLoop(settings.loop, 2, 0)
    weights = policy_arrays(build_learner(settings.agent, loop, 0).policy)
    policy, env, venv = (
        Policy(settings.agent, settings.loop, weights, 0),
        PopulationEnv(settings.loop, 0),
        PopulationVectorEnv(settings.loop, 2, 0),
    )
    action, state = policy.predict(env.reset()[0])
    assert env.action_space.contains(action)
    assert (state is not None) == policy.remembers == (agent == "recurrent_ppo")
    observations, _ = venv.reset()
    actions, _ = policy.predict(observations)
    assert venv.action_space.contains(actions)
    if agent == "dqn":
        values = LearnedController(settings.agent, settings.loop, weights).act(observations)
        np.testing.assert_allclose(np.linspace(-1, 1, policy.levels)[actions][:, None], values)


@pytest.mark.parametrize("name", REMEMBERING)
def test_a_copied_state_goes_on_by_itself(name):
    policy = rldbs.load(name).policy
    first, *others = observed(policy, 12)
    _, state = policy.predict(first)
    kept, written = copy.deepcopy(state), pickle.loads(pickle.dumps(state))
    outcomes = []
    for at in (state, kept, written):
        outcomes.append([])
        for observations in others:
            actions, at = policy.predict(observations, at)
            outcomes[-1].append(actions.tobytes())
    assert outcomes[0] == outcomes[1] == outcomes[2]


def test_an_episode_begins_without_a_memory_of_the_one_before():
    policy = rldbs.load("zoo:hr-ppo").policy
    first, second = observed(policy, 2)
    before, state = policy.predict(first)
    policy.predict(second, state)
    assert policy.predict(first)[0].tobytes() == before.tobytes()


def test_a_state_is_good_for_one_observation_of_as_many_environments():
    policy = rldbs.load("zoo:hr-ppo").policy
    first, second = observed(policy, 2)
    _, state = policy.predict(first)
    with pytest.raises(SettingError, match="state: is of 3 environments, the observations are of 1"):
        policy.predict(second[0], state)
    policy.predict(second, state)
    with pytest.raises(SettingError, match=r"state: has been used; give the one that predict gave last"):
        policy.predict(second, state)
    with pytest.raises(SettingError, match=r"state=3: must be what predict has returned, or None"):
        policy.predict(second, 3)
    with pytest.raises(SettingError, match=r"state=3: this policy remembers nothing; it must be None"):
        rldbs.load("zoo:bvdp-ppo").policy.predict(np.zeros(80), 3)


@pytest.mark.parametrize(
    ("observation", "words"),
    [
        (np.zeros(79), r"observation: must be \(80,\) or \(environments, 80\), is \(79,\)"),
        (np.zeros((0, 80)), r"is \(0, 80\)"),
        (np.zeros((1, 1, 80)), r"is \(1, 1, 80\)"),
        (0.5, r"is \(\)"),
        (np.full(80, np.inf), r"observation: is not finite"),
        ("much", r"observation='much': must be numbers"),
    ],
)
def test_what_is_no_observation_is_refused(observation, words):
    with pytest.raises(SettingError, match=words):
        rldbs.load("zoo:bvdp-ppo").policy.predict(observation)


def test_a_checkpoint_and_a_stochastic_policy_are_chosen(run):
    loaded = rldbs.load(run)
    policy = loaded.load_policy(2048, stochastic=True, seed=3)
    assert (policy.steps, policy.stochastic, loaded.load_policy("last").steps) == (2048, True, 4096)
    (observations,) = observed(policy, 1)
    actions = {loaded.load_policy(2048, True, seed).predict(observations)[0].tobytes() for seed in (3, 3, 4)}
    assert (len(actions), policy.predict(observations)[0].tobytes() in actions) == (2, True)
    own = controller_of(run, np.random.default_rng(0)).act(observations)
    np.testing.assert_array_equal(loaded.load_policy(stochastic=True).predict(observations)[0], own)
    with pytest.raises(SettingError, match="stochastic=True: lqg learns a deterministic policy"):
        rldbs.load("zoo:hr-lqg").load_policy(stochastic=True)
