"""Proximal policy optimisation that updates at the speed of its matrix products."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.buffers import RolloutBuffer
from stable_baselines3.common.utils import explained_variance
from torch import Tensor

from rldbs.agents.action_distribution import entropy, log_prob
from rldbs.agents.perceptron import actor_of, critic_of, room_for_gradients
from rldbs.agents.rollout import Collecting

Beside = Callable[[Callable[[], Tensor]], Callable[[], Tensor]]
"""Begins a calculation, beside others where there are threads for it; what it returns waits for the result."""


LEFT_OUT = {"target_kl", "clip_range_vf", "normalize_advantage", "use_sde", "sde_sample_freq"}
"""What PPO can do and this one does not: no setting of ours asks for it."""


class PopulationPPO(Collecting, PPO):
    """Stable-Baselines3's PPO, with the same minibatches and losses, and the same names in the log.

    Actor and critic share no weights, so that their gradients have nothing to do with each other until their common
    norm is clipped: where there are two threads, each has its own. That changes no bit. It wants torch to have one
    thread itself, and leaves it so for threads that begin later.

    Args:
        threads: how many there are.
        **arguments: as for PPO, but for those of :data:`LEFT_OUT`.

    Raises:
        TypeError: one of those was given.
    """

    def __init__(self, *args: Any, threads: int = 1, **arguments: Any) -> None:
        if LEFT_OUT & arguments.keys():
            raise TypeError(f"PPO here has no {', '.join(sorted(LEFT_OUT & arguments.keys()))}")
        self._threads = threads
        super().__init__(*args, **arguments)

    def _setup_model(self) -> None:
        super()._setup_model()
        self._actor = actor_of(self.policy, self.batch_size)
        self._critic = critic_of(self.policy, self.batch_size)

    def train(self) -> None:
        self.policy.set_training_mode(True)
        self._update_learning_rate(self.policy.optimizer)
        self._gradients = room_for_gradients(p for p in self.policy.parameters() if p.requires_grad)
        rollout, steps = _Samples.of(self.rollout_buffer), []
        with _threads(self._threads) as beside:
            for _ in range(self.n_epochs):
                order = torch.from_numpy(np.random.permutation(len(rollout.returns)))  # noqa: NPY002
                epoch = [self._gradient_step(rollout.at(part), beside) for part in torch.split(order, self.batch_size)]
                steps += epoch
                self._n_updates += 1
        self._log(steps, epoch)

    def _gradient_step(self, samples: "_Samples", beside: Beside) -> dict[str, Tensor]:
        """Learn from a minibatch; what is logged of it."""
        self._gradients.zero_()
        critic = beside(lambda: self._critic_gradient(samples))
        logged = self._actor_gradient(samples)
        value_loss = critic()
        self._gradients *= (self.max_grad_norm / (self._gradients.norm() + 1e-6)).clamp(max=1.0)
        self.policy.optimizer.step()
        loss = logged["loss"] + self.vf_coef * value_loss
        return {**logged, "value_loss": value_loss, "loss": loss}

    def _critic_gradient(self, samples: "_Samples") -> Tensor:
        error = self._critic.forward(samples.observations) - samples.returns[:, None]
        self._critic.backward(error * (2 * self.vf_coef / len(error)))
        return error.square().mean()

    def _actor_gradient(self, samples: "_Samples") -> dict[str, Tensor]:
        clip = self._clip
        outputs = self._actor.forward(samples.observations).requires_grad_()
        log_ratio = log_prob(self.policy, outputs, samples.actions) - samples.log_probs
        ratio, advantages = log_ratio.exp(), _standardised(samples.advantages)
        policy_loss = -torch.min(advantages * ratio, advantages * ratio.clamp(1 - clip, 1 + clip)).mean()
        entropy_loss = -entropy(self.policy, outputs).mean()
        loss = policy_loss + self.ent_coef * entropy_loss
        torch.autograd.backward(loss)
        assert outputs.grad is not None
        self._actor.backward(outputs.grad)
        logged = {
            "entropy_loss": entropy_loss,
            "policy_gradient_loss": policy_loss,
            "approx_kl": (ratio.detach() - 1 - log_ratio.detach()).mean(),
            "clip_fraction": ((ratio.detach() - 1).abs() > clip).float().mean(),
            "loss": loss,
        }
        return {name: tensor.detach() for name, tensor in logged.items()}

    @property
    def _clip(self) -> float:
        assert callable(self.clip_range)
        return self.clip_range(self._current_progress_remaining)

    def _log(self, steps: list[dict[str, Tensor]], last: list[dict[str, Tensor]]) -> None:
        """Write down what became of the gradient steps, of which those of the last epoch are ``last``."""
        for name in steps[0]:
            of = last if name == "approx_kl" else last[-1:] if name == "loss" else steps
            self.logger.record(f"train/{name}", float(np.mean([step[name].item() for step in of])))
        buffer = self.rollout_buffer
        self.logger.record(
            "train/explained_variance", explained_variance(buffer.values.ravel(), buffer.returns.ravel())
        )
        if hasattr(self.policy, "log_std"):
            self.logger.record("train/std", self.policy.log_std.exp().mean().item())
        self.logger.record("train/n_updates", self._n_updates, exclude="tensorboard")
        self.logger.record("train/clip_range", self._clip)


class _Samples(NamedTuple):
    """A rollout, or a minibatch of it; environment after environment, as Stable-Baselines3 counts them."""

    observations: Tensor
    actions: Tensor
    log_probs: Tensor
    advantages: Tensor
    returns: Tensor

    @classmethod
    def of(cls, buffer: RolloutBuffer) -> "_Samples":
        arrays = (torch.from_numpy(getattr(buffer, name)) for name in cls._fields)
        return cls(*(array.transpose(0, 1).flatten(0, 1) for array in arrays))

    def at(self, indices: Tensor) -> "_Samples":
        return _Samples(*(tensor.index_select(0, indices) for tensor in self))


def _standardised(advantages: Tensor) -> Tensor:
    if len(advantages) == 1:
        return advantages
    return (advantages - advantages.mean()) / (advantages.std() + 1e-8)


@contextmanager
def _threads(count: int) -> Iterator[Beside]:
    """A second thread, or none."""
    if count == 1:
        yield _at_once
    else:
        with ThreadPoolExecutor(1, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            yield lambda calculation: pool.submit(calculation).result


def _at_once(calculation: Callable[[], Tensor]) -> Callable[[], Tensor]:
    result = calculation()
    return lambda: result
