"""What the optimizers of a learner have gathered, as named arrays."""

from collections.abc import Mapping
from inspect import unwrap
from operator import attrgetter
from typing import Any

import numpy as np
import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from torch.optim import Adam, Optimizer

from rldbs.core.errors import MOST_COUNT
from rldbs.core.saved_arrays import Arrays, Named, only, part, put_within, take


class LightAdam(Adam):
    """Torch's Adam, in one pass over all parameters, and without torch's compiler.

    Its methods load that only to be left alone by it: a thousand modules, as slow to load as torch itself.
    """

    add_param_group = unwrap(Adam.add_param_group)
    state_dict = unwrap(Adam.state_dict)
    load_state_dict = unwrap(Adam.load_state_dict)
    zero_grad = unwrap(Adam.zero_grad)
    step = torch.no_grad()(unwrap(Adam.step))

    def __init__(self, parameters: Any, **settings: Any) -> None:
        super().__init__(parameters, **{**settings, "fused": True})


def fuse(learner: BaseAlgorithm) -> None:
    """Let each optimizer that can take its step for all parameters in one pass over them."""
    for optimizer in _optimizers(learner).values():
        if isinstance(optimizer, Adam):
            for settings in (optimizer.defaults, *optimizer.param_groups):
                settings["fused"] = True


def optimizer_arrays(learner: BaseAlgorithm) -> Arrays:
    """By ``<optimizer>.<parameter index>.<name>``, and what else is learned that is no part of the policy."""
    arrays = {
        f"{short}.{i}.{key}": tensor.numpy().copy()
        for short, optimizer in _optimizers(learner).items()
        for i, entry in optimizer.state_dict()["state"].items()
        for key, tensor in entry.items()
    }
    entropy = _entropy(learner)
    return arrays if entropy is None else {**arrays, "log_ent_coef": entropy.detach().numpy().copy()}


def restore_optimizers(learner: BaseAlgorithm, arrays: Named) -> None:
    """Give a learner's optimizers what :func:`optimizer_arrays` has returned.

    Raises:
        RunError: the arrays are not those of its optimizers.
    """
    expected: set[str] = set()
    for short, optimizer in _optimizers(learner).items():
        saved: dict[int, dict[str, torch.Tensor]] = {}
        parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        there = {key.partition(".")[0] for key in part(short, arrays)}
        for index, parameter in enumerate(parameters):
            if str(index) in there:  # it has none of those that were not changed so far
                kept = _kept_of(optimizer, parameter)
                saved[index] = {name: _moment(arrays, f"{short}.{index}.{name}", kept[name]) for name in kept}
                expected.update(f"{short}.{index}.{name}" for name in kept)
        optimizer.load_state_dict({"state": saved, "param_groups": optimizer.state_dict()["param_groups"]})
    entropy = _entropy(learner)
    if entropy is not None:
        expected.add("log_ent_coef")
        with torch.no_grad():
            entropy.copy_(torch.from_numpy(take(arrays, "log_ent_coef", tuple(entropy.shape), np.float32)))
    only(arrays, expected)


def _kept_of(optimizer: Optimizer, parameter: torch.Tensor) -> Mapping[str, torch.Tensor]:
    """What an optimizer keeps of a parameter, by name, as it is after one step."""
    like = torch.zeros_like(parameter, requires_grad=True)
    like.grad = torch.zeros_like(parameter)
    probe = type(optimizer)([like], **optimizer.defaults)
    probe.step()
    kept: Mapping[str, torch.Tensor] = probe.state[like]
    return kept


def _moment(arrays: Named, name: str, like: torch.Tensor) -> torch.Tensor:
    """A moment, or a count of steps.

    Raises:
        RunError: it is none such.
    """
    least = 1.0 if name.endswith(".step") else -np.inf if name.endswith(".exp_avg") else 0.0
    target = like.numpy().copy()
    put_within(target, arrays, name, least, MOST_COUNT)
    return torch.from_numpy(target)


def _optimizers(learner: BaseAlgorithm) -> dict[str, Optimizer]:
    names = [name for name in learner.get_parameters() if name.endswith("optimizer")]
    return {name.removesuffix("optimizer").rstrip("._"): attrgetter(name)(learner) for name in names}


def _entropy(learner: BaseAlgorithm) -> torch.Tensor | None:
    entropy: torch.Tensor | None = getattr(learner, "log_ent_coef", None)
    return entropy
