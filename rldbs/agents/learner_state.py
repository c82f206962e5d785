"""All that a learner's further course depends on, as named arrays.

Stable-Baselines3's own ``save`` is no help here: it pickles code, and leaves out the random generators, the state of
the environments, the last observations and the replay buffer.
"""

from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sb3_contrib import ARS
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.policies import BasePolicy
from stable_baselines3.common.vec_env import VecNormalize

from rldbs.agents.optimizers import optimizer_arrays, restore_optimizers
from rldbs.agents.regulator.identifying_learner import Identification
from rldbs.agents.remembering import remembering
from rldbs.agents.replay import SeriesReplayBuffer
from rldbs.agents.schedules import GaussianNoise
from rldbs.core.errors import MOST_COUNT, RunError
from rldbs.core.saved_arrays import (
    Arrays,
    Named,
    generator_words,
    generators_from,
    only,
    part,
    prefixed,
    put,
    take,
    whole,
)
from rldbs.envs.sb3 import PopulationSB3VecEnv

COUNTERS = ("num_timesteps", "_n_updates", "_episode_num", "_n_calls")
FRACTIONS = ("_current_progress_remaining", "exploration_rate")
LAST = ("_last_obs", "_last_original_obs", "_last_episode_starts")
MERSENNE = 624
"""Words of the state of NumPy's global generator, from which Stable-Baselines3 draws minibatches."""


def learner_state(learner: BaseAlgorithm) -> dict[str, Arrays]:
    """The state of a learner and its environments between two rollouts.

    Returns:
        ``policy``: the weights of all networks. ``optimizer``: moments and step counts. ``course``: the rest: counters,
        random generators, environments, last observations, reward statistics, replay buffer.
    """
    return {
        "policy": policy_arrays(learner.policy),
        "optimizer": optimizer_arrays(learner),
        "course": {
            **_counters(learner),
            **prefixed("random", _random_state(learner)),
            **prefixed("environments", _environments(learner).saved()),
            **prefixed("returns", _return_state(learner)),
            **prefixed("memory", _memory_state(learner)),
            **prefixed("replay", _replay_state(learner)),
            **prefixed("own", learner.own_state() if isinstance(learner, Identification) else {}),
        },
    }


def restore_learner(learner: BaseAlgorithm, groups: Mapping[str, Named]) -> None:
    """Let a fresh learner go on where :func:`learner_state` was called.

    Args:
        learner: as :func:`rldbs.agents.learner.build_learner` makes it from the same settings.
        groups: what :func:`learner_state` has returned.

    Raises:
        RunError: the arrays are not those of such a learner.
    """
    fresh = learner_state(learner)
    only(groups, fresh.keys())
    for group in fresh.keys() - groups.keys():
        raise RunError(f"there is no {group} in it")
    only(groups["course"], fresh["course"].keys() | set(LAST))
    restore_weights(learner.policy, groups["policy"])
    restore_optimizers(learner, groups["optimizer"])
    if isinstance(learner, ARS):
        weights: Any = torch.nn.utils.parameters_to_vector(learner.policy.parameters()).detach()
        learner.weights = weights
    course = dict(groups["course"])
    _restore_counters(learner, course)
    _environments(learner).restore(part("environments", course))
    _restore_returns(learner, part("returns", course))
    _restore_memory(learner, part("memory", course))
    _restore_replay(learner, part("replay", course))
    if isinstance(learner, Identification):
        learner.restore_own(part("own", course))
    _restore_random(learner, part("random", course))


def policy_arrays(policy: BasePolicy) -> Arrays:
    """The weights of all networks, and what else they act by, by name, as copies."""
    return {name: tensor.detach().numpy().copy() for name, tensor in policy.state_dict().items()}


def restore_weights(policy: BasePolicy, weights: Named) -> None:
    """Give a policy the weights that :func:`policy_arrays` has returned.

    Raises:
        RunError: they do not fit it, or are not finite.
    """
    own = policy_arrays(policy)
    shapes = {name: array.shape for name, array in own.items()}
    given = {name: array.shape for name, array in weights.items()}
    for name in sorted(shapes.keys() | given.keys()):
        if shapes.get(name) != given.get(name):
            raise RunError(
                f"policy weights {name}: shape {given.get(name, 'missing')}, but this recording, stimulus and agent "
                f"need {shapes.get(name, 'none')}"
            )
        if weights[name].dtype != own[name].dtype:
            raise RunError(f"policy weights {name}: must be {own[name].dtype}, are {weights[name].dtype}")
        if not np.isfinite(weights[name]).all():
            raise RunError(f"policy weights {name}: not finite")
        if own[name].dtype.kind == "i" and not ((weights[name] >= 0) & (weights[name] <= MOST_COUNT)).all():
            raise RunError(f"policy weights {name}: must be from 0 to {MOST_COUNT}")
    policy.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in weights.items()})


def _counters(learner: BaseAlgorithm) -> Arrays:
    counters = {name: np.array(getattr(learner, name), np.int64) for name in COUNTERS if hasattr(learner, name)}
    fractions = {name: np.array(getattr(learner, name), np.float64) for name in FRACTIONS if hasattr(learner, name)}
    last = {name: getattr(learner, name).copy() for name in LAST if getattr(learner, name, None) is not None}
    episodes = [[episode["r"], episode["l"], episode["t"]] for episode in learner.ep_info_buffer or ()]
    return {**counters, **fractions, **last, "episodes": np.array(episodes, np.float64).reshape(-1, 3)}


def _restore_counters(learner: BaseAlgorithm, arrays: Named) -> None:
    for name in COUNTERS:
        if hasattr(learner, name):
            setattr(learner, name, whole(arrays, name, 0, MOST_COUNT))
    for name in FRACTIONS:
        if hasattr(learner, name):
            setattr(learner, name, float(take(arrays, name, (), np.float64)))
    assert learner.env is not None
    observations = learner.env.num_envs, *(learner.observation_space.shape or ())
    learner._last_obs = take(arrays, "_last_obs", observations, np.float32)
    past = remembering(learner.env)
    if past is not None:
        past.go_on(learner._last_obs)
    learner._last_episode_starts = take(arrays, "_last_episode_starts", (learner.env.num_envs,), np.bool_)
    if "_last_original_obs" in arrays:
        learner._last_original_obs = take(arrays, "_last_original_obs", observations, np.float32)
    rows = arrays["episodes"].shape[0] if "episodes" in arrays and arrays["episodes"].ndim else 0
    episodes = take(arrays, "episodes", (rows, 3), np.float64).tolist()
    learner.ep_info_buffer = deque(
        ({"r": r, "l": int(length), "t": t} for r, length, t in episodes), maxlen=learner._stats_window_size
    )
    learner.ep_success_buffer = deque(maxlen=learner._stats_window_size)


def _environments(learner: BaseAlgorithm) -> PopulationSB3VecEnv:
    assert learner.env is not None
    environments = learner.env.unwrapped
    assert isinstance(environments, PopulationSB3VecEnv)
    return environments


def _return_state(learner: BaseAlgorithm) -> Arrays:
    """The running statistics that rewards are divided by; nothing where they are not."""
    env = learner.get_env()
    if not isinstance(env, VecNormalize):
        return {}
    statistics: Any = env.ret_rms
    return {
        "mean": np.array(statistics.mean, np.float64),
        "var": np.array(statistics.var, np.float64),
        "count": np.array(statistics.count, np.float64),
        "returns": env.returns.copy(),
    }


def _restore_returns(learner: BaseAlgorithm, arrays: Arrays) -> None:
    env = learner.get_env()
    if isinstance(env, VecNormalize):
        statistics: Any = env.ret_rms
        statistics.mean = take(arrays, "mean", (), np.float64)
        statistics.var = take(arrays, "var", (), np.float64)
        statistics.count = float(take(arrays, "count", (), np.float64))
        put(env.returns, arrays, "returns")


def _memory_state(learner: BaseAlgorithm) -> Arrays:
    """What a recurrent network remembers of the episodes in progress."""
    return {name: state.numpy().copy() for name, state in _memories(learner).items()}


def _restore_memory(learner: BaseAlgorithm, arrays: Arrays) -> None:
    for name, state in _memories(learner).items():
        put(state.numpy(), arrays, name)


def _memories(learner: BaseAlgorithm) -> dict[str, torch.Tensor]:
    states: Any = getattr(learner, "_last_lstm_states", None)
    if states is None:
        return {}
    return {f"{kind}.{i}": state for kind in states._fields for i, state in enumerate(getattr(states, kind))}


def _replay_state(learner: BaseAlgorithm) -> Arrays:
    buffer = getattr(learner, "replay_buffer", None)
    return buffer.saved() if isinstance(buffer, SeriesReplayBuffer) else {}


def _restore_replay(learner: BaseAlgorithm, arrays: Arrays) -> None:
    buffer = getattr(learner, "replay_buffer", None)
    if isinstance(buffer, SeriesReplayBuffer):
        buffer.restore(arrays)


def _random_state(learner: BaseAlgorithm) -> Arrays:
    """Of torch's and NumPy's global generators, and of those of the learner's own."""
    legacy: Any = np.random.get_state(legacy=False)  # noqa: NPY002
    generators = [learner.action_space.np_random, *_noise(learner)]
    return {
        "torch": torch.get_rng_state().numpy().copy(),
        "numpy": legacy["state"]["key"].copy(),
        "numpy_at": np.array(legacy["state"]["pos"]),
        "numpy_normal": np.array([legacy["has_gauss"], legacy["gauss"]], np.float64),
        "own": generator_words(generators),
    }


def _restore_random(learner: BaseAlgorithm, arrays: Arrays) -> None:
    size = tuple(torch.get_rng_state().shape)
    try:
        words = take(arrays, "torch", size, np.uint8)
        if not _follows(words):
            raise RuntimeError
        torch.set_rng_state(torch.from_numpy(words))
    except RuntimeError:
        raise RunError("saved state random.torch: is not the state of a generator") from None
    has_normal, normal = take(arrays, "numpy_normal", (2,), np.float64).tolist()
    if has_normal not in (0.0, 1.0):
        raise RunError(f"saved state random.numpy_normal: must begin with 0 or 1, begins with {has_normal}")
    key, at = take(arrays, "numpy", (MERSENNE,), np.uint32), whole(arrays, "numpy_at", 0, MERSENNE)
    np.random.set_state(("MT19937", key, at, int(has_normal == 1.0), normal))  # noqa: NPY002
    noise = _noise(learner)
    saved = generators_from(arrays, "own", 1 + len(noise))
    for generator, state in zip((learner.action_space.np_random, *noise), saved, strict=True):
        generator.bit_generator.state = state.bit_generator.state


def _follows(words: NDArray[np.uint8]) -> bool:
    """Whether torch's generator stays within its own words from here on; torch itself does not look at both counts.

    It holds how many words are left before new ones are made, and which is the next; there are 624 of them.
    """
    left, following = int(words[8:12].view(np.int32)[0]), int(words[16:24].view(np.uint64)[0])
    return (left, following) == (1, 0) or (1 <= left <= MERSENNE and left + following == MERSENNE + 1)


def _noise(learner: BaseAlgorithm) -> tuple[np.random.Generator, ...]:
    noise = getattr(learner, "action_noise", None)
    return (noise.generator,) if isinstance(noise, GaussianNoise) else ()
