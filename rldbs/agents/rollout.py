"""Collecting rollouts: a batch of environments at once, and no network asked more often than needed."""

from typing import Any

import numpy as np
import torch
from gymnasium.spaces import Box
from numpy.typing import NDArray
from sb3_contrib import TRPO
from stable_baselines3 import A2C
from stable_baselines3.common.buffers import RolloutBuffer
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.policies import ActorCriticPolicy
from stable_baselines3.common.vec_env import VecEnv

from rldbs.agents.action_distribution import Actor, draw, log_prob
from rldbs.agents.perceptron import critic_of

ROWS = 2048
"""Observations for which the critic is asked at once: what is between its layers shall fit a processor's cache."""


class Collecting:
    """Mixed into an on-policy learner: collects as Stable-Baselines3 does, with the same actions to the bit.

    While the environments step, only the actor is asked; afterwards the critic, once for all that was observed and for
    what ended episodes would have come to. Stable-Baselines3 asks it at every step, and once for each episode's end;
    its values differ from these in the last digits, as sums in a larger matrix product may.
    """

    policy: Any

    @torch.no_grad()
    def collect_rollouts(
        self, env: VecEnv, callback: BaseCallback, rollout_buffer: RolloutBuffer, n_rollout_steps: int
    ) -> bool:
        learner: Any = self
        self.policy.set_training_mode(False)
        rollout_buffer.reset()
        callback.on_rollout_start()
        actor, outputs, ends = Actor(self.policy), [], _Ends()
        continuous = isinstance(learner.action_space, Box)
        for step in range(n_rollout_steps):
            output = actor.outputs(torch.from_numpy(learner._last_obs))
            actions = draw(self.policy, output).numpy()
            observations, rewards, ended, infos = env.step(actions.clip(-1.0, 1.0) if continuous else actions)
            learner.num_timesteps += env.num_envs
            callback.update_locals({"infos": infos, "dones": ended})
            if not callback.on_step():
                return False
            if ended.any():
                ends.add(step, ended, infos)
                learner._update_info_buffer([infos[i] for i in np.flatnonzero(ended)])
            outputs.append(output)
            rollout_buffer.observations[step] = learner._last_obs
            rollout_buffer.actions[step] = actions.reshape(env.num_envs, -1)
            rollout_buffer.rewards[step] = rewards
            rollout_buffer.episode_starts[step] = learner._last_episode_starts
            learner._last_obs, learner._last_episode_starts = observations, ended
        self._judge(rollout_buffer, torch.cat(outputs), ends)
        callback.on_rollout_end()
        return True

    def _judge(self, buffer: RolloutBuffer, outputs: torch.Tensor, ends: "_Ends") -> None:
        """Add to a rollout what the actor and the critic say about it."""
        learner: Any = self
        shape, seen = buffer.rewards.shape, buffer.observations.reshape(len(outputs), -1)
        chosen = torch.from_numpy(buffer.actions.reshape(len(outputs), -1))
        buffer.log_probs[:] = log_prob(self.policy, outputs, chosen).numpy().reshape(shape)
        buffer.values[:] = _values(self.policy, seen).reshape(shape)
        unseen = np.concatenate([learner._last_obs, *ends.observations])
        last, final = np.split(_values(self.policy, unseen), [buffer.n_envs])
        buffer.rewards[ends.steps, ends.environments] += learner.gamma * final
        buffer.compute_returns_and_advantage(torch.from_numpy(last), learner._last_episode_starts)
        buffer.pos, buffer.full = buffer.buffer_size, True


def _values(policy: ActorCriticPolicy, observations: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the critic expects after observations (rows, size): float32 (rows,)."""
    critic = critic_of(policy, ROWS)
    parts = torch.split(torch.from_numpy(observations), ROWS)
    values: NDArray[np.float32] = torch.cat([critic.forward(part) for part in parts])[:, 0].numpy()
    return values


class _Ends:
    """Where in a rollout episodes were cut off by their time limit, and what was observed last in them."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.environments: list[int] = []
        self.observations: list[NDArray[np.float32]] = []

    def add(self, step: int, ended: NDArray[np.bool_], infos: list[dict[str, Any]]) -> None:
        for i in np.flatnonzero(ended).tolist():
            if not infos[i].get("TimeLimit.truncated"):
                continue
            self.steps.append(step)
            self.environments.append(i)
            self.observations.append(infos[i]["terminal_observation"][None])


class PopulationA2C(Collecting, A2C):
    """Stable-Baselines3's A2C on rollouts of ours."""


class PopulationTRPO(Collecting, TRPO):
    """sb3-contrib's TRPO on rollouts of ours."""
