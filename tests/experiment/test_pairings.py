"""Every option runs, and every pairing of stimulus, reward and agent runs or is refused with a reason."""

from functools import cache
from io import StringIO

import numpy as np
import pytest
import torch
from rich.console import Console

from rldbs.agents.learned_controller import LearnedController
from rldbs.agents.learner import build_learner
from rldbs.agents.learner_state import policy_arrays
from rldbs.agents.one_thread import one_thread
from rldbs.agents.settings import LEARNERS, NetworkSettings
from rldbs.config.composition import compose
from rldbs.config.groups import groups, keys
from rldbs.config.python_arguments import make_loop_settings
from rldbs.config.schema import train_settings
from rldbs.control.loop import ClosedLoop
from rldbs.core.errors import SettingError
from rldbs.experiment.train import train
from rldbs.runs.record import CHANGES
from tests.conftest import SMALL_AGENTS, SMALL_RUN

REWARDS = [name for name in groups()["reward"] if name not in ("beta", "error_index", "lasting")]
"""Those that are not for models whose time is in ms."""
STIMULI = [name for name in groups()["stimulus"] if name not in ("biphasic", "train")]
TINY = ("model.neurons=20", "model.transient=100", "model.period=40", "recording.length=20", "envs=8", "steps=160")
LONGER = ("envs=4", "steps=1024")
"""What is identified from, and searched in, is longer than a rollout of a network."""
KINDS = ("demo", "krylov2020_double", "hsu_charge_balanced", "hsu_discrete", "noisy", "drawn_coupling")
"""Experiments of which each has something that the others have not."""
QUICK = {
    "rollout": 16,
    "minibatch": 32,
    "epochs": 1,
    "warmup": 64,
    "updates": 1,
}
"""Settings of the learners, where they have them, for two or three updates in all."""


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with one_thread():
        yield


@cache
def reward_section(name: str) -> dict[str, object]:
    return compose("environment", [f"reward={name}", "model.period=40"])["reward"]


def learn(config: dict[str, object]) -> None:
    """Learn for a few updates, and act."""
    settings = train_settings(config)
    loop = ClosedLoop(settings.loop, settings.envs, 0)
    learner = build_learner(settings.agent, loop, 0)
    learner.learn(settings.steps)
    actions = LearnedController(settings.agent, settings.loop, policy_arrays(learner.policy)).act(loop.observe())
    assert actions.shape == (settings.envs, loop.action_size)
    assert (np.abs(actions) <= 1).all()
    assert all(torch.isfinite(parameter).all() for parameter in learner.policy.parameters())


def pairing(agent: str, stimulus: str, levels: str) -> list[str]:
    """The overrides that pair a learner with a stimulus."""
    own = [text for text in SMALL_AGENTS[agent] if not text.startswith("stimulus.")]
    if issubclass(LEARNERS[agent], NetworkSettings):
        own += [f"agent.{key}={QUICK[key]}" for key in QUICK if f"agent.{key}" in keys("train", {"agent": agent})]
    budget = () if issubclass(LEARNERS[agent], NetworkSettings) else LONGER
    chosen = [] if stimulus == "pulse" and levels == "null" else [f"stimulus.levels={levels}"]
    return [f"agent={agent}", *SMALL_RUN, *own, *TINY, *budget, f"stimulus={stimulus}", *chosen]


def fits(agent: str, stimulus: str, levels: str) -> bool:
    return ("amplitudes" if levels == "null" else "levels") in LEARNERS[agent].takes


PAIRINGS = [
    (agent, stimulus, levels)
    for agent in LEARNERS
    for stimulus in STIMULI
    for levels in ("null", "5")
    if not (stimulus == "pulse" and levels != "null")
]


@pytest.mark.parametrize(
    ("agent", "stimulus", "levels", "reward"),
    [(*p, REWARDS[k % len(REWARDS)]) for k, p in enumerate(p for p in PAIRINGS if fits(*p)) if k % 4 == 0],
)
def test_a_pairing_learns(agent, stimulus, levels, reward):
    learn({**compose("train", pairing(agent, stimulus, levels)), "reward": reward_section(reward)})


@pytest.mark.slow
@pytest.mark.parametrize(("agent", "stimulus", "levels"), [p for p in PAIRINGS if fits(*p)])
def test_a_pairing_learns_with_every_reward(agent, stimulus, levels):
    config = compose("train", pairing(agent, stimulus, levels))
    for reward in REWARDS:
        learn({**config, "reward": reward_section(reward)})


@pytest.mark.parametrize(("agent", "stimulus", "levels"), [p for p in PAIRINGS if not fits(*p)])
def test_a_pairing_that_cannot_be_is_refused_with_the_reason_and_the_way_out(agent, stimulus, levels):
    with pytest.raises(SettingError, match=rf"agent={agent}: .*\nSet .* or use agent=\w+\|"):
        train_settings(compose("train", pairing(agent, stimulus, levels)))


def test_a_pulse_of_three_numbers_has_no_levels():
    with pytest.raises(SettingError, match=r"there is no setting stimulus\.levels"):
        compose("train", pairing("dqn", "pulse", "5"))


@pytest.mark.parametrize(
    ("group", "option"),
    [
        (group, option)
        for group in ("model", "tissue", "electrode", "stimulus", "recording", "reward", *CHANGES, "start")
        for option in groups()[group]
    ],
)
def test_every_option_makes_an_environment_that_steps(group, option, run):
    overrides: dict[str, object] = {"neurons": 27, "transient": 100, "start.populations": 2, "snapshots": 1}
    if group in ("tissue", "electrode", "electrode_drift", "encapsulation") or option == "beta":
        overrides["model"] = "kuramoto_populations" if option == "populations" else "kuramoto"
    if option in ("so2012", "error_index", "biphasic", "train", "features") or group == "course":
        del overrides["neurons"]  # a network has the cells that it has
        overrides["model"] = "so2012"
    if option == "stn_gpe":
        del overrides["neurons"]
    if option in ("ei_plastic", "lasting"):
        overrides |= {"model": "ei_plastic", "neurons": 30}
    overrides |= {group: option} | ({"electrode": "four"} if group == "electrode_drift" else {})
    if option == "positions":
        overrides["tissue.table"] = [f"{k % 3} {k // 3} 0" for k in range(27)]
    if (group, option) == ("start", "suppressed"):
        overrides["start.run"] = str(run)
    model = str(overrides.pop("model", "bvdp"))
    loop = ClosedLoop(make_loop_settings(model, overrides), 2)
    loop.reset()
    for _ in range(3):
        rewards, _ = loop.step(np.full((2, loop.action_size), 0.5))
    assert np.isfinite(rewards).all()
    assert loop.kicks.any()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in KINDS else pytest.mark.slow) for name in groups()["experiment"]]
)
def test_every_experiment_trains_and_is_measured(name, tmp_path):
    own = compose("train", [f"experiment={name}"])
    period = own["model"]["period"]
    overrides = [
        f"experiment={name}",
        "envs=4",
        "steps=512",
        "threads=1",
        *SMALL_AGENTS[own["agent"]["name"]],
        "checkpoints.every=256",
        *(text for text in SMALL_RUN if text.startswith(("model.", "start.", "protocol."))),
        f"protocol.free={period}",
        f"protocol.stimulated={period + 100}",
        f"protocol.relaxed={period}",
        f"checkpoints.stimulated={2 * period}",
        "checkpoints.least_activity=0",
    ]
    if name == "krylov2020_double":
        overrides += ["start.steps=50", "start.populations=2"]
    folder = tmp_path / "run"
    folder.mkdir()
    train(train_settings(compose("train", overrides)), folder, Console(file=StringIO()))
    assert (folder / "evaluation" / "final" / "metrics.json").is_file()
