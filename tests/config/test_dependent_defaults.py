"""Defaults that hang together follow each other, and what was set is checked."""

import pytest

from rldbs.agents.settings import LEARNERS, NetworkSettings
from rldbs.analysis.tradeoff import RELAY
from rldbs.commands.evaluate import evaluation
from rldbs.commands.tune import tuning
from rldbs.config.composition import compose, compose_each
from rldbs.config.overrides import read_override
from rldbs.config.schema import evaluate_settings, train_settings
from rldbs.core.errors import SettingError
from rldbs.experiment.best_checkpoint import loss
from tests.conftest import small_run

LEVELS = {"dqn", "qrdqn"}
IDENTIFYING = [name for name, settings in LEARNERS.items() if not issubclass(settings, NetworkSettings)]


def trained(*overrides: str):
    return train_settings(compose("train", overrides))


def base(agent: str) -> list[str]:
    return [f"agent={agent}", *(["stimulus.levels=5"] if agent in LEVELS else [])]


@pytest.mark.parametrize(
    ("agent", "override"),
    [
        *((agent, override) for agent in LEARNERS for override in ("envs=8", "envs=64")),
        *((agent, one) for agent in LEARNERS if agent not in IDENTIFYING for one in ("envs=100000", "steps=1000")),
    ],
)
def test_one_setting_alone_is_enough(agent, override):
    settings = trained(*base(agent), override)
    key, _, value = override.partition("=")
    assert getattr(settings, key) == int(value)
    assert settings.agent.objection(settings.steps, settings.envs) is None


@pytest.mark.parametrize("agent", IDENTIFYING)
@pytest.mark.parametrize("override", ["envs=100000", "steps=1000"])
def test_a_budget_in_which_nothing_can_be_identified_is_refused(agent, override):
    with pytest.raises(SettingError):
        trained(f"agent={agent}", override)


@pytest.mark.parametrize(
    ("overrides", "followers"),
    [
        (["envs=8"], {"minibatch": 512, "rollout": 64}),
        (["envs=1024"], {"minibatch": 2048, "rollout": 64}),
        (["agent.rollout=8"], {"minibatch": 512}),
        (["steps=1000"], {"rollout": 15, "minibatch": 960}),
        (["agent=trpo", "envs=4"], {"minibatch": 128}),
        (["agent=recurrent_ppo", "envs=4"], {"minibatch": 256}),
        (["agent=sac", "steps=5000"], {"warmup": 500}),
        (["agent=sac", "agent.returns=10", "envs=100000"], {"transitions": 1_000_000}),
        (["agent=tqc", "agent.quantiles=1"], {"dropped": 0}),
        (["agent=ars", "agent.directions=4"], {"best": 4}),
        (["agent=ars", "envs=8"], {"directions": 4, "best": 4}),
        (["agent=ars", "envs=12", "agent.best=2"], {"directions": 6, "best": 2}),
        (["agent=lqg_search", "envs=5"], {"pairs": 2}),
        (["agent=lqg_search", "envs=16"], {"pairs": 7}),
        (["agent=lqg_search", "steps=2_400_000"], {"identifications": 2}),
        (["agent=lqg_search", "steps=16_000_000"], {"identifications": 4}),
    ],
)
def test_what_was_not_set_gives_way(overrides, followers):
    settings = trained(*overrides)
    assert {key: getattr(settings.agent, key) for key in followers} == followers
    assert {key: settings.config["agent"][key] for key in followers} == followers  # as config.yaml will have it


def test_environments_give_way_to_directions_and_to_long_rollouts():
    assert trained("agent=ars", "agent.directions=5").envs == 60
    assert trained("agent=ars", "agent.directions=100").envs == 200
    assert trained("agent.rollout=100000").envs == 10
    assert trained("agent=sac", "steps=40").envs == 36


def test_steps_give_way_to_three_identifications():
    assert trained("agent=lqg", "agent.recorded=15_000", "episode.steps=15_000").steps == 3 * 128 * 15_000
    assert trained("agent=lqg", "agent.recorded=15_000", "episode.steps=15_000", "steps=2_000_000").steps == 2_000_000


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (
            ["envs=8", "agent.minibatch=2048"],
            "agent.minibatch=2048: must be at most envs × agent.rollout = 8 × 64 = 512",
        ),
        (["agent.minibatch=8192"], "agent.minibatch=8192: must be at most"),
        (["steps=1000", "envs=64", "agent.rollout=64"], "steps=1000: must be at least one rollout"),
        (["agent=sac", "steps=5000", "agent.warmup=10000"], "steps=5000: must be above agent.warmup=10000"),
        (["agent=tqc", "agent.dropped=20"], "agent.dropped=20: must be below agent.quantiles=15"),
        (["agent=ars", "envs=7"], "envs=7: must be a multiple of 2"),
        (["agent=ars", "agent.best=20"], "agent.best=20: must be at most agent.directions=16"),
        (["experiment=krylov2020_bursting", "envs=2"], "agent.minibatch=512: must be at most envs × agent.rollout = 2"),
        (["agent=lqg_search", "envs=2"], "envs=2: must be at least 2 × agent.pairs + 1 = 33"),
        (["agent=lqg_search", "envs=8", "agent.pairs=4"], "envs=8: must be at least 2 × agent.pairs + 1 = 9"),
        (["agent=lqg", "agent.orders=[1000]"], "agent.orders=[1000]: must be below 975, a fourth of what is used of"),
        (["envs=many"], "envs=many: must be a whole number"),
        (["envs=8", "agent.minibatch=all"], "agent.minibatch=all: must be a whole number"),
        (["protocol.stimulated=3000", "protocol.onset=3000"], "protocol.onset=3000: must be below"),
        (["recording.dropout=0.6", "recording.dropout_length=1"], "recording.dropout_length=1: gaps that take 0.6"),
    ],
)
def test_what_was_set_is_checked(overrides, words):
    with pytest.raises(SettingError) as refused:
        trained(*overrides)
    assert words in str(refused.value)


def test_an_experiment_sets_what_it_sets_and_nothing_else():
    settings = trained("experiment=drawn_coupling", "envs=4")
    assert (settings.steps, settings.agent.minibatch) == (1_500_000, 256)
    assert trained("experiment=hsu_discrete").agent.minibatch == 224


def test_phases_and_gaps_follow_too():
    assert trained("protocol.stimulated=3000").protocol.onset == 1000
    assert trained("protocol.stimulated=6000").protocol.onset == 5000
    config = compose("evaluate", ["agent=pd", "protocol.stimulated=3000", "recording.dropout=0.6"])
    assert evaluate_settings(config).protocol.onset == 1000
    assert config["recording"]["dropout_length"] == pytest.approx(1.5)


def test_controllers_follow_the_recording_and_their_own_limits():
    def agent(*overrides: str):
        return evaluate_settings(compose("evaluate", overrides)).agent

    assert agent("agent=pd", "model=hr").smoothing > 4
    assert agent("agent=pd", "model=hr", "recording.length=4").smoothing == 4
    assert agent("agent=pd", "recording.length=4", "agent.smoothing=9").smoothing == 9  # refused when it is made
    assert agent("agent=dual_threshold", "agent.upper=0.1").lower == 0.1
    assert agent("agent=dual_threshold", "agent.upper=0.1", "agent.lower=0.2").lower == 0.2


def test_they_follow_in_a_measurement_of_a_run(tmp_path):
    small_run(tmp_path / "run", ["steps=512", "protocol.stimulated=600", "protocol.onset=300"])
    settings, _, _ = evaluation([f"run={tmp_path / 'run'}", "protocol.stimulated=300"], None)
    assert settings.protocol.onset == 100


def test_they_follow_in_each_run_of_a_sweep():
    every = [[read_override(f"envs={envs}", {})] for envs in (8, 64)]
    assert [config["agent"]["minibatch"] for config in compose_each("train", every)] == [512, 2048]


def test_they_follow_what_a_search_tries():
    settings = tuning(["agent=ppo", "agent.rollout=8,64", "model.neurons=50"], None).settings
    assert [settings.candidate({"agent.rollout": n}).agent.minibatch for n in (8, 64)] == [512, 2048]
    with pytest.raises(SettingError, match=r"agent\.minibatch=1024: must be at most"):
        tuning(["agent=ppo", "agent.rollout=8,64", "agent.minibatch=1024", "model.neurons=50"], None)


def test_defaults_that_fit_stay():
    for agent in LEARNERS:
        plain = compose("train", base(agent))
        assert plain == compose("train", [*base(agent), f"envs={plain['envs']}"])


@pytest.mark.parametrize(
    ("overrides", "limit"),
    [
        (["model=bvdp"], 0.01),
        (["model=hr", "stimulus.amplitude=0.5"], 0.01),
        (["model=kuramoto"], 20.8),
        (["model=kuramoto", "stimulus.amplitude=50"], 2.08),
        (["model=kuramoto", "stimulus=rectangular", "stimulus.width=4"], 83.3),
        (["model=kuramoto_populations"], 0.167),
        (["model=kuramoto_populations", "stimulus.limit=0.5"], 0.0556),
        (["model=kuramoto_line", "stimulus.every=2"], 1.33),
        (["model=kuramoto", "stimulus=biphasic", "stimulus.width=500", "stimulus.recovery=1000"], 41.7),
    ],
)
def test_limits_of_kicks_of_oscillators_are_a_third_of_what_can_be_given(overrides, limit):
    assert trained("agent=a2c", *overrides).checkpoints.most_kick == limit
    assert tuning(["agent=constant", *overrides], None).settings.tune.most_kick == limit


def test_currents_into_cells_have_no_limit_and_the_error_index_says_which_policy_is_best():
    checkpoints = trained("agent=td3", "model=so2012").checkpoints
    assert (checkpoints.most_kick, checkpoints.tradeoff) == (10_000.0, RELAY)
    values = {"mean_abs_kick": 14.0, "activity": 2.0}
    faithful, cheap = values | {"error_index": 0.02, "rms_kick": 119.0}, values | {"error_index": 0.031, "rms_kick": 60}
    assert loss(faithful, checkpoints) == 119.0 < loss(cheap, checkpoints)


def test_a_limit_of_kicks_that_was_set_stays():
    assert trained("model=kuramoto", "checkpoints.most_kick=3").checkpoints.most_kick == 3
    assert tuning(["agent=constant", "model=kuramoto", "tune.most_kick=3"], None).settings.tune.most_kick == 3
    assert trained("agent=sac", "model=kuramoto", "checkpoints.most_kick=null").checkpoints.most_kick == 20.8


def test_a_limit_that_is_tuned_for_a_model_stays():
    assert trained("model=kuramoto", "agent=ppo").checkpoints.most_kick == 10.0


def test_bands_are_those_of_the_rhythm_where_that_is_not_one_of_parkinsons_disease():
    both = ["agent=none", "reward=beta", "recording=features"]
    loop = evaluate_settings(compose("evaluate", ["model=ei_plastic", *both])).loop
    assert (loop.reward.low, loop.reward.high, loop.recording.bands) == (30.0, 50.0, [[30.0, 50.0]])
    own = ["model.band=[35,45]", "reward.low=20", "recording.bands=[[10,60]]"]
    loop = evaluate_settings(compose("evaluate", ["model=ei_plastic", *both, *own])).loop
    assert (loop.reward.low, loop.reward.high, loop.recording.bands) == (20.0, 45.0, [[10.0, 60.0]])
    loop = evaluate_settings(compose("evaluate", ["model=stn_gpe", *both])).loop
    assert (loop.reward.low, loop.reward.high, loop.recording.bands) == (13.0, 30.0, [[12.0, 30.0]])


def test_what_is_tuned_is_not_what_is_usual_of_a_model():
    usual = trained("model=ei_plastic", "agent=ppo").checkpoints.stimulated
    tuned = trained("model=ei_plastic", "agent=ppo", "stimulus=rectangular", "reward=deviation").checkpoints.stimulated
    assert (usual, tuned) == (15_000, 80_000)
