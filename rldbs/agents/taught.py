"""A learner that begins with what a classical controller does, instead of with nothing."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.policies import ActorCriticPolicy
from stable_baselines3.td3.policies import TD3Policy
from torch import Tensor

from rldbs.agents.action_distribution import Actor
from rldbs.agents.controller import Controller
from rldbs.agents.judging import ACTOR
from rldbs.agents.learned_controller import LearnedController
from rldbs.agents.learner_state import policy_arrays
from rldbs.agents.optimizers import LightAdam
from rldbs.agents.past_kicks import PastKicks
from rldbs.agents.settings import NetworkSettings
from rldbs.agents.settings.teacher import Teacher
from rldbs.control.loop import ClosedLoop

SAMPLES = 512
"""Observations of a gradient step."""
ROWS = 8192
"""Observations that are looked at together afterwards."""


def teach(
    learner: BaseAlgorithm,
    settings: NetworkSettings,
    teacher: Teacher,
    loop: ClosedLoop,
    seed: int,
    told: Callable[[int, float], None],
) -> None:
    """Let a fresh learner imitate a controller.

    Args:
        learner: as :func:`rldbs.agents.learner.build_learner` makes it.
        settings: its own.
        teacher: whom it imitates, and for how long.
        loop: environments of its own, all of whose episodes end together.
        seed: draws the order in which is learned, and what the teacher leaves to chance.
        told: of every round its number, from 1 on, and the root mean square difference of what the learner does then
            from what the teacher said in it, in units of the amplitude.
    """
    lessons, rng = teacher.lessons, np.random.default_rng(seed)
    length = lessons.steps // (lessons.rounds * loop.environments)
    actor = [each for name, each in learner.policy.named_parameters() if name.startswith(ACTOR)]
    optimizer = LightAdam(actor, lr=lessons.learning_rate)
    seen = torch.empty(0, *(learner.observation_space.shape or ()))
    said = torch.empty(0, loop.action_size)
    for number in range(1, lessons.rounds + 1):
        learning = np.arange(loop.environments) < round((1.0 - 0.5 ** (number - 1)) * loop.environments)
        pupil = partial(LearnedController, settings, loop.settings, policy_arrays(learner.policy))
        now = _round(settings, pupil, partial(teacher.controller.make, loop.settings), loop, length, learning, rng)
        seen, said = torch.cat([seen, now[0]]), torch.cat([said, now[1]])
        _fit(learner.policy, optimizer, seen, said, lessons.updates, rng)
        told(number, _difference(learner.policy, *now))
    if isinstance(learner.policy, TD3Policy):
        learner.policy.actor_target.load_state_dict(learner.policy.actor.state_dict())


def _round(
    settings: NetworkSettings,
    pupil: Callable[[], Controller],
    teacher: Callable[[int], Controller],
    loop: ClosedLoop,
    length: int,
    learning: NDArray[np.bool_],
    rng: np.random.Generator,
) -> tuple[Tensor, Tensor]:
    """What the learner sees in ``length`` decisions, and what the teacher would do: float32 (decisions · environments,
    numbers) each. The learner acts in the environments ``learning``, bool (environments,), and else the teacher.
    """
    seen, said = [], []
    for step in range(length):
        if step % loop.settings.episode.steps == 0:
            loop.reset()
            controllers = teacher(int(rng.integers(2**32))), pupil()
            past = PastKicks(settings.remembered, loop.settings.stimulus)
        observations = loop.observe()
        wanted, tried = (controller.act(observations) for controller in controllers)
        seen.append(past.after(observations))
        said.append(wanted)
        actions = np.where(learning[:, None], tried, wanted)
        past.add(actions)
        _, diverged, _ = loop.episode_step(actions)
        if diverged.any():
            loop.reset(diverged)
    return torch.from_numpy(np.concatenate(seen)), torch.from_numpy(np.concatenate(said))


def _fit(
    policy: Any, optimizer: torch.optim.Optimizer, seen: Tensor, said: Tensor, updates: int, rng: np.random.Generator
) -> None:
    """Bring what a policy does at what was seen nearer to what was said."""
    policy.set_training_mode(True)
    for _ in range(updates):
        drawn = torch.from_numpy(rng.integers(len(seen), size=SAMPLES))
        loss = (_actions(policy, seen[drawn]) - said[drawn]).square().mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    policy.set_training_mode(False)


@torch.no_grad()
def _difference(policy: Any, seen: Tensor, said: Tensor) -> float:
    """The root mean square of what a policy does at what was seen, less what was said."""
    done = torch.cat([_actions(policy, part) for part in torch.split(seen, ROWS)]).clamp(-1.0, 1.0)
    return float((done - said).square().mean().sqrt())


def _actions(policy: Any, observations: Tensor) -> Tensor:
    """Float32 (rows, action_size), without chance, before they are limited."""
    if isinstance(policy, ActorCriticPolicy):
        return Actor(policy).outputs(observations)
    without_chance = {} if isinstance(policy, TD3Policy) else {"deterministic": True}
    actions: Tensor = policy.actor(observations, **without_chance)
    return actions
