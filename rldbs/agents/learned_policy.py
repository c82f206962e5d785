"""A learner's policy from its weights, in NumPy alone: what each kind of learner has learned to act by."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from rldbs.agents.acting_policy import Policy, Sizes
from rldbs.agents.actor_weights import Shapes, check_outputs, check_shapes, layer, layer_names, perceptron
from rldbs.agents.inference import Deciding, Floats, Layer, Memory, Network, Weights, levels_and_differences, rectified
from rldbs.agents.regulator.identified_regulator import Regulator
from rldbs.agents.settings import LearnerSettings, NetworkSettings
from rldbs.agents.settings.ars import ARSSettings
from rldbs.agents.settings.levels import DQNSettings, QRDQNSettings
from rldbs.agents.settings.lqg import LQGSettings
from rldbs.agents.settings.off_policy import CrossQSettings, DDPGSettings, EntropySettings
from rldbs.agents.settings.on_policy import OnPolicySettings, RecurrentPPOSettings
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.errors import RunError

LOG_STD = -20.0, 2.0
"""Bounds of a squashed Gaussian's log standard deviation, in Stable-Baselines3."""


class ActorCritic(Policy):
    """Tanh units, perhaps after a memory; their outputs are the means of actions, or logits of levels."""

    idle = ("mlp_extractor.value_net.", "value_net.", "lstm_critic.", "critic.")

    @classmethod
    def shapes(cls, settings: OnPolicySettings, sizes: Sizes) -> Shapes:
        shapes: Shapes = {} if sizes.levels else {"log_std": (sizes.outputs,)}
        inputs = sizes.inputs
        if isinstance(settings, RecurrentPPOSettings):
            gates, inputs = 4 * settings.memory, settings.memory
            for name, width in (("ih", sizes.inputs), ("hh", settings.memory)):
                shapes |= {f"lstm_actor.weight_{name}_l0": (gates, width), f"lstm_actor.bias_{name}_l0": (gates,)}
        hidden = perceptron("mlp_extractor.policy_net", [inputs, *settings.hidden])
        return shapes | hidden | layer("action_net", settings.hidden[-1], sizes.outputs)

    def __init__(self, settings: OnPolicySettings, sizes: Sizes, weights: Weights) -> None:
        names = [*layer_names("mlp_extractor.policy_net", len(settings.hidden)), "action_net"]
        layers, features = [Layer.named(weights, name) for name in names], sizes.features
        self._memory: Memory | None = None
        if isinstance(settings, RecurrentPPOSettings):
            self._memory, features = Memory(weights, "lstm_actor", features), None
        layers[0] = layers[0].after_features(features)
        self._network = Network(layers, np.tanh)
        self._std: Any = None if sizes.levels else np.exp(weights["log_std"])

    @property
    def deciding(self) -> Deciding:
        return Deciding(self._memory, [self._network])

    def __call__(self, observations: Floats, generator: np.random.Generator | None) -> NDArray[Any]:
        outputs = self._network(observations if self._memory is None else self._memory(observations))
        if self._std is not None:
            actions: Floats = outputs if generator is None else outputs + self._std * _normal(generator, outputs)
            return actions
        return outputs.argmax(axis=1) if generator is None else _drawn(outputs, generator)


class SquashedGaussian(Policy):
    """Rectified units, then a mean and a log standard deviation; actions go through tanh."""

    idle: ClassVar[tuple[str, ...]] = ("critic.", "critic_target.")

    @classmethod
    def shapes(cls, settings: EntropySettings, sizes: Sizes) -> Shapes:
        last = settings.hidden[-1]
        latent = perceptron("actor.latent_pi", [sizes.inputs, *settings.hidden])
        return latent | layer("actor.mu", last, sizes.outputs) | layer("actor.log_std", last, sizes.outputs)

    def __init__(self, settings: EntropySettings, sizes: Sizes, weights: Weights) -> None:
        names = layer_names("actor.latent_pi", len(settings.hidden))
        self._join([Layer.named(weights, name) for name in (*names, "actor.mu", "actor.log_std")], sizes)

    def _join(self, layers: Sequence[Layer], sizes: Sizes) -> None:
        first, *hidden = layers[:-2]
        self._latent = Network([first.after_features(sizes.features), *hidden], rectified, rectified)
        self._mean, self._log_std = (Network([layer], rectified) for layer in layers[-2:])

    @property
    def deciding(self) -> Deciding:
        return Deciding(None, [self._latent, self._mean], np.tanh)

    def __call__(self, observations: Floats, generator: np.random.Generator | None) -> NDArray[Any]:
        latent = self._latent(observations)
        actions = self._mean(latent)
        if generator is not None:
            std: Any = np.exp(np.clip(self._log_std(latent), *LOG_STD))
            actions = actions + std * _normal(generator, actions)
        return np.tanh(actions)


class NormalisedGaussian(SquashedGaussian):
    """The same with a batch renormalisation before every layer."""

    # How often the statistics were updated is saved too.
    idle = ("critic.", *(f"actor.latent_pi.{3 * i}.steps" for i in range(17)))

    @classmethod
    def shapes(cls, settings: EntropySettings, sizes: Sizes) -> Shapes:
        widths = [sizes.inputs, *settings.hidden]
        latent: Shapes = {}
        for i, width in enumerate(widths):
            latent |= {f"actor.latent_pi.{3 * i}.{name}": (width,) for name in ("scale", "bias", "ra_mean", "ra_var")}
        for i, (before, after) in enumerate(pairwise(widths)):
            latent |= layer(f"actor.latent_pi.{3 * i + 1}", before, after)
        last, outputs = widths[-1], sizes.outputs
        return latent | layer("actor.mu", last, outputs) | layer("actor.log_std", last, outputs)

    def __init__(self, settings: EntropySettings, sizes: Sizes, weights: Weights) -> None:
        count = len(settings.hidden)
        names = [f"actor.latent_pi.{3 * i + 1}" for i in range(count)] + ["actor.mu", "actor.log_std"]
        before = [f"actor.latent_pi.{3 * i}" for i in (*range(count), count, count)]
        pairs = zip(names, before, strict=True)
        self._join([Layer.named(weights, name).after_normalisation(weights, norm) for name, norm in pairs], sizes)


class Deterministic(Policy):
    """Rectified units; the action goes through tanh."""

    idle = ("actor_target.", "critic.", "critic_target.")

    @classmethod
    def shapes(cls, settings: DDPGSettings, sizes: Sizes) -> Shapes:
        return perceptron("actor.mu", [sizes.inputs, *settings.hidden, sizes.outputs])

    def __init__(self, settings: DDPGSettings, sizes: Sizes, weights: Weights) -> None:
        self._network = Network(_layers(weights, "actor.mu", len(settings.hidden) + 1, sizes), rectified, np.tanh)

    @property
    def deciding(self) -> Deciding:
        return Deciding(None, [self._network])

    def __call__(self, observations: Floats, generator: np.random.Generator | None) -> NDArray[Any]:
        return self._network(observations)


class BestLevel(Policy):
    """Rectified units, and the level that is worth most: the mean of what a network tells of each."""

    idle = ("q_net_target.",)
    name: ClassVar[str] = "q_net.q_net"

    @classmethod
    def shapes(cls, settings: DQNSettings, sizes: Sizes) -> Shapes:
        return perceptron(cls.name, [sizes.inputs, *settings.hidden, cls._told(settings) * sizes.outputs])

    def __init__(self, settings: DQNSettings, sizes: Sizes, weights: Weights) -> None:
        self._shape = self._told(settings), sizes.outputs
        self._network = Network(_layers(weights, self.name, len(settings.hidden) + 1, sizes), rectified)

    @staticmethod
    def _told(settings: DQNSettings) -> int:
        """Numbers about each level."""
        return settings.quantiles if isinstance(settings, QRDQNSettings) else 1

    @property
    def deciding(self) -> Deciding:
        return Deciding(None, [self._network], told=self._shape[0])

    def __call__(self, observations: Floats, generator: np.random.Generator | None) -> NDArray[Any]:
        values = self._network(observations).reshape(-1, *self._shape)
        best: NDArray[Any] = values.mean(axis=1).argmax(axis=1)
        return best


class BestLevelOfQuantiles(BestLevel):
    idle = ("quantile_net_target.",)
    name = "quantile_net.quantile_net"


class Searched(Policy):
    """What random search has found: a layer, or tanh units whose action goes through tanh."""

    idle = ()

    @classmethod
    def shapes(cls, settings: ARSSettings, sizes: Sizes) -> Shapes:
        bias = settings.actor_bias or sizes.levels
        return perceptron("action_net", [sizes.inputs, *settings.hidden, sizes.outputs], bias)

    def __init__(self, settings: ARSSettings, sizes: Sizes, weights: Weights) -> None:
        self._levels = sizes.levels
        layers = _layers(weights, "action_net", len(settings.hidden) + 1, sizes)
        self._network = Network(layers, np.tanh, np.tanh if settings.hidden and not sizes.levels else None)

    @property
    def deciding(self) -> Deciding:
        return Deciding(None, [self._network])

    def __call__(self, observations: Floats, generator: np.random.Generator | None) -> NDArray[Any]:
        outputs = self._network(observations)
        return outputs.argmax(axis=1) if self._levels else outputs


KINDS: Mapping[type[LearnerSettings], type[Policy]] = {
    OnPolicySettings: ActorCritic,
    CrossQSettings: NormalisedGaussian,
    EntropySettings: SquashedGaussian,
    DDPGSettings: Deterministic,
    QRDQNSettings: BestLevelOfQuantiles,
    DQNSettings: BestLevel,
    ARSSettings: Searched,
}
"""Policies by the settings of their learners; those first that are a special case of others."""


class Regulated:
    """A regulator as a policy, which leaves nothing to chance. A copy of it has a memory of its own."""

    def __init__(self, regulator: Regulator) -> None:
        self._regulator = regulator

    def __call__(self, observations: Floats, generator: np.random.Generator | None) -> NDArray[Any]:
        return self._regulator(observations)


Acting = Callable[[Floats, np.random.Generator | None], NDArray[Any]]


def learned_policy(settings: LearnerSettings, loop: LoopSettings, weights: Weights) -> Acting:
    """The policy with the given weights, for the environment of ``loop``. The weights are copied.

    Raises:
        RunError: the weights do not fit the environment and the settings, or are not finite.
    """
    size, stimulus = loop.recording.size, loop.stimulus
    there, needed = sum(array.size for array in weights.values()), settings.least_weights(size)
    if there < needed:  # asked before there is memory for them: both come from files
        raise RunError(f"policy weights: {there:,} in all, but this recording and agent need at least {needed:,}")
    if isinstance(settings, LQGSettings):
        return Regulated(Regulator(settings, loop, weights))
    assert isinstance(settings, NetworkSettings)
    kind = next(kind for learner, kind in KINDS.items() if isinstance(settings, learner))
    gain, channels = settings.difference_gain, loop.recording.channels
    kicks, levels = settings.remembered * stimulus.action_size, stimulus.levels
    inputs = (2 * size - channels if gain else size) + kicks
    sizes = Sizes(inputs, stimulus.action_size if levels is None else levels, levels is not None)
    check_outputs(
        lambda outputs: kind.shapes(settings, replace(sizes, outputs=outputs)), weights, sizes.outputs, sizes.levels
    )
    check_shapes(kind.shapes(settings, sizes), weights, kind.idle)
    features = levels_and_differences(size, gain, channels, kicks) if gain else None  # room for it only then
    return kind(settings, replace(sizes, features=features), weights)


def _layers(weights: Weights, name: str, count: int, sizes: Sizes) -> list[Layer]:
    first, *others = (Layer.named(weights, layer) for layer in layer_names(name, count))
    return [first.after_features(sizes.features), *others]


def _normal(generator: np.random.Generator, like: Floats) -> Floats:
    return generator.standard_normal(like.shape, np.float32)


def _drawn(logits: Floats, generator: np.random.Generator) -> NDArray[Any]:
    """Levels by chance, (rows,), for their logits, (rows, levels)."""
    chances = np.exp(logits - logits.max(axis=1, keepdims=True)).cumsum(axis=1, dtype=np.float64)
    passed = chances < chances[:, -1:] * generator.random((len(chances), 1))
    drawn: NDArray[Any] = passed.sum(axis=1)
    return drawn
