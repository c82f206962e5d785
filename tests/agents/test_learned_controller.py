"""A learned policy as a controller, for every learner."""

import numpy as np
import pytest
import torch
from safetensors.numpy import load, save
from threadpoolctl import threadpool_info, threadpool_limits

from rldbs.agents.learned_controller import LearnedController, several_controllers
from rldbs.agents.learner_state import learner_state
from rldbs.agents.one_thread import one_thread
from rldbs.agents.settings import LEARNERS, NetworkSettings
from rldbs.core.errors import RunError
from tests.agents.conftest import learned, learned_once
from tests.conftest import small_settings

VARIANTS = [(agent, ()) for agent in LEARNERS] + [
    (agent, ("stimulus.levels=5",)) for agent, settings in LEARNERS.items() if len(settings.takes) == 2
]
NETWORKS = [
    ("ars", ("agent.hidden=[8,4]",)),
    ("ars", ("agent.hidden=[8]", "agent.actor_bias=true", "stimulus.levels=5")),
    ("ppo", ("agent.hidden=[8,4,4]", "agent.difference_gain=0")),
    ("ppo", ("agent.past_kicks=3", "recording.variable=[x,y]")),
    ("ppo", ("agent.past_kicks=3", "agent.difference_gain=10", "recording.variable=[x,y]")),
    ("ppo", ("agent.past_kicks=3", "stimulus.levels=5")),
    ("recurrent_ppo", ("agent.hidden=[8,4]", "recording.variable=[x,y]")),
    ("recurrent_ppo", ("agent.hidden=[8,4]", "agent.past_kicks=3", "stimulus=pulse")),
    ("sac", ("agent.hidden=[8,4]", "agent.difference_gain=0")),
    ("crossq", ("agent.hidden=[8,4]",)),
    ("td3", ("agent.hidden=[8,4]", "stimulus=rectangular")),
    ("qrdqn", ("agent.quantiles=7", "agent.hidden=[8,4]")),
]
STOCHASTIC = [(agent, more) for agent, more in VARIANTS if LEARNERS[agent].stochastic]


@pytest.mark.parametrize(("agent", "more"), VARIANTS + NETWORKS)
def test_restored_policy_acts_as_the_learned_one(agent, more):
    run = learned_once(agent, *more)
    weights = load(save(dict(run.weights())))
    observations = run.loop.observe()
    actions = run.controller().act(observations)
    restored = LearnedController(run.settings.agent, run.settings.loop, weights)
    np.testing.assert_array_equal(restored.act(observations), actions)
    assert (actions.shape, actions.dtype) == ((run.settings.envs, run.loop.action_size), np.float32)
    assert np.abs(actions).max() <= 1
    if not isinstance(run.settings.agent, NetworkSettings):  # torch keeps its weights, and does not act by them
        return
    past = run.settings.agent.remembered * run.loop.action_size
    own = run.learner.predict(np.pad(observations, ((0, 0), (0, past))), deterministic=True)[0]
    if run.settings.loop.stimulus.levels:
        own = (-1 + 2 * own / 4)[:, None]
        assert set(actions.flat) <= {-1.0, -0.5, 0.0, 0.5, 1.0}
    np.testing.assert_allclose(actions, own, atol=1e-6)


@pytest.mark.parametrize(("agent", "more"), STOCHASTIC)
def test_stochastic_policy_repeats_by_its_generator_alone(agent, more):
    run = learned_once(agent, *more)
    observations = run.loop.observe()

    def draws(seed: int) -> np.ndarray:
        controller = run.controller(np.random.default_rng(seed))
        return np.stack([controller.act(observations) for _ in range(20)])

    np.testing.assert_array_equal(draws(1), draws(1))
    assert (draws(1) != draws(2)).any()
    assert draws(1).std(axis=0).max() > 0.005


@pytest.mark.parametrize("agent", ["ppo", "recurrent_ppo", "sac", "ars", "lqg"])
def test_weights_are_copied(agent):
    run = learned(agent, steps=512)
    weights = dict(run.weights())
    controller = LearnedController(run.settings.agent, run.settings.loop, weights)
    observations = run.loop.observe()
    before = run.controller().act(observations)
    for array in weights.values():
        array[...] = 0
    np.testing.assert_array_equal(controller.act(observations), before)


def test_recurrent_policy_remembers_and_begins_empty():
    run = learned_once("recurrent_ppo")
    observations = run.loop.observe()
    controller = run.controller()
    first, second = controller.act(observations), controller.act(observations)
    assert (first != second).any()
    np.testing.assert_array_equal(run.controller().act(observations), first)
    own, memory = run.learner.predict(observations, deterministic=True)
    np.testing.assert_allclose(first, own, atol=1e-6)
    np.testing.assert_allclose(second, run.learner.predict(observations, memory, deterministic=True)[0], atol=1e-6)


def test_batch_normalisation_is_neither_used_nor_changed_by_acting():
    run = learned("crossq")
    run.learner.policy.set_training_mode(True)
    before = run.weights()
    controller = run.controller()
    observations = run.loop.observe()
    alone = [controller.act(row[None]) for row in observations]
    np.testing.assert_allclose(np.concatenate(alone), controller.act(observations), atol=1e-6)
    for name, array in run.weights().items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize(
    ("agent", "owners"),
    [
        ("ppo", {"policy"}),
        ("a2c", {"policy"}),
        ("sac", {"actor", "critic", "ent_coef", "log_ent_coef"}),
        ("td3", {"actor", "critic"}),
        ("qrdqn", {"policy"}),
        ("ars", set()),
        ("lqg", set()),
    ],
)
def test_every_optimizer_is_part_of_a_checkpoint(agent, owners):
    arrays = learner_state(learned_once(agent).learner)["optimizer"]
    assert {name.partition(".")[0] for name in arrays} == owners
    assert load(save(arrays)).keys() == arrays.keys()


def test_networks_act_in_one_thread_whatever_the_cores():
    def threads():
        return [
            torch.get_num_threads(),
            *(one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"),
        ]

    with threadpool_limits(2, user_api="blas"):
        before = threads()
        with one_thread():
            assert set(threads()) == {1}
        assert threads() == before
    assert len(before) > 1


def test_regulators_of_several_prices_think_together_and_act_as_each_alone():
    run = learned("lqg", "agent.price=[1.0,10.0,100.0]", "stimulus.levels=5", steps=512)
    agent, loop = run.settings.agent, run.settings.loop
    several = agent.alternatives(run.weights())
    together = several_controllers(agent, loop, several, 2)
    assert [*together] == ["0", "1", "2"]
    assert len({id(each) for each in together.values()}) == 1
    alone = [LearnedController(agent, loop, each) for each in several]
    observations = np.random.default_rng(0).uniform(-1.0, 1.0, (60, 2, run.loop.observe().shape[1])).astype(np.float32)
    for seen in observations:
        expected = np.concatenate([one.act(seen) for one in alone])
        np.testing.assert_allclose(together["0"].act(np.tile(seen, (3, 1))), expected, atol=1e-6)


def test_alternatives_that_are_none_of_prices_act_each_for_itself():
    run = learned_once("ppo")
    weights = run.weights()
    several = several_controllers(run.settings.agent, run.settings.loop, [weights, weights], 2)
    assert len({id(each) for each in several.values()}) == 2


@pytest.mark.parametrize("agent", [agent for agent, settings in LEARNERS.items() if "amplitudes" in settings.takes])
def test_a_policy_of_other_contacts_is_refused_in_words(agent):
    run = learned_once(agent)
    apart = ("tissue=cube", "electrode=four", "model.neurons=64")
    several = small_settings(apart, agent).loop
    told = r"^policy: gives 1 number at each decision, one for each contact or level, but here an action has 4: "
    with pytest.raises(RunError, match=told + r"leave electrode\.contacts, stimulus\.together, [^\n]*$"):
        LearnedController(run.settings.agent, several, run.weights())
    together = small_settings((*apart, "stimulus.together=true"), agent).loop
    LearnedController(run.settings.agent, together, run.weights())


@pytest.mark.parametrize("agent", [agent for agent, settings in LEARNERS.items() if settings.takes != ("amplitudes",)])
def test_a_policy_of_other_levels_is_refused_in_words(agent):
    run = learned_once(agent, "stimulus.levels=5")
    if not isinstance(run.settings.agent, NetworkSettings):
        return
    others = small_settings(("stimulus.levels=3",), agent).loop
    with pytest.raises(RunError, match=r"^policy: gives 5 numbers at each .*, but here there are 3 levels: leave"):
        LearnedController(run.settings.agent, others, run.weights())
