"""The settings of controllers that are made from an identified model of the recorded signal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, Len

from rldbs.agents.classical.feedback_signal import no_such_channel
from rldbs.agents.classical.oscillator import PassiveOscillator, PassiveOscillatorSettings
from rldbs.agents.settings.shared import Count, Free, LearnerSettings
from rldbs.control.features import Features
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.model_kinds import kind_of
from rldbs.core.model_settings import is_local_x

Price = Annotated[float, Gt(0), Le(1e12)]
ROLLOUTS = 3
"""Least number of identifications, where nobody says how many steps there are: the last regulators need data of their
own."""
LOUDER = 3
"""Prices, each ten times the one before, beyond the highest of ``price``, for when the signal is loud."""


@dataclass(frozen=True)
class LQGSettings(LearnerSettings):
    """Identified linear-quadratic-Gaussian control: the input that makes the sum of y² + price·kick² least.

    A model y(t+1) = Σ aᵢ·y(t−i) + Σ bᵢ·u(t−i) is fitted to populations that are excited in the closed loop; the Riccati
    equation gives the feedback from the last outputs and inputs, which are its state. (Anderson, Moore, Optimal
    Control: Linear Quadratic Methods, 1990; Ljung, System Identification, 1999.) y has a number for every recorded
    variable that is listened to, u one for every contact, unless all act together; their squares are summed.
    """

    algorithm = "rldbs.agents.regulator.identifying_learner.Identification"
    stochastic = False
    identified = True
    longest_of: ClassVar[str] = "agent.recorded"
    """What decides how long an episode has to last, in words."""

    price: Price | Annotated[list[Price], Len(1, 64)]
    """Of control: r in y² + r·kick², y and kick in units of x. Of several, that which suppresses most in the
    measurements of training, within the limits of ``checkpoints``, is the one that acts."""
    recorded: Annotated[int, Ge(100), Le(1_000_000)]
    """Environment steps of each environment between two identifications."""
    excitation: Annotated[float, Gt(0), Le(10_000)]
    """Standard deviation of the random kicks that are added while populations are identified, in units of x."""
    settling: Annotated[float, Ge(0), Le(0.9)]
    """Part of that, at its beginning, from which nothing is identified: populations come to rest in it."""
    orders: Annotated[list[Annotated[int, Ge(1), Le(1000)]], Len(1, 16)]
    """Outputs of the past in the model, among which held-out data decides; as many inputs, and those of a delay."""
    ridge: Annotated[float, Ge(0), Le(1)]
    """Added to the diagonal of the scaled normal equations."""
    mean_rate: Annotated[float, Ge(0), Le(1)]
    """Part of the signal's slow mean that an integration step replaces."""
    trust: Annotated[float, Gt(0), Le(1e6)]
    """Up to so many times the loudness at which it was identified the model is trusted; beyond, the stabilising
    controller acts."""
    own_trust: Annotated[float, Gt(0), Le(1e12)]
    """The regulator of a price acts where the signal is up to so many times as loud as it was identified under it."""
    demand: Annotated[float, Ge(1), Le(1e6)]
    """The regulator of a price acts where it has lately wanted up to so many times what the stimulus can give. Above 1
    its inputs are cut off, which does no harm to a rhythm that does not grow when they are."""
    hold: Annotated[float, Gt(0), Le(1000)]
    """Periods over which it is remembered how loud the signal was, and how large the kicks that were wanted."""
    channel: Annotated[int, Ge(0), Le(15)] | Literal["all"]
    """Which of the recorded variables is the signal, or ``all``: each of them is one. The stabilising controller then
    listens at each contact to the nearest recorded site; where there is none, but x of a cluster for each contact, to
    that; else to the first variable."""
    gain: Annotated[float, Ge(-1000), Le(1000)]
    """Of the stabilising controller, a passive oscillator: kick for each unit of the rhythm's amplitude."""
    phase: Annotated[float, Ge(-360), Le(360)]
    """Degrees by which it is behind the rhythm."""
    frequency: Annotated[float, Gt(0), Le(100)]
    damping: Annotated[float, Gt(0), Le(100)]
    integrator: Annotated[float, Gt(0), Le(100)]
    smoothing: Annotated[int, Ge(1), Le(100_000)]

    @property
    def stretch(self) -> int:
        return self.recorded

    @property
    def prices(self) -> list[float]:
        """Those that may act, lowest first."""
        return sorted({*self.price}) if isinstance(self.price, list) else [self.price]

    @property
    def ladder(self) -> list[float]:
        """All for which there are gains, lowest first: the last ones are for a loud signal."""
        own = self.prices
        return [*own, *(own[-1] * 10.0**k for k in range(1, LOUDER + 1))]

    def between(self, loop: LoopSettings) -> int:
        """Steps of integration from one decision to the next at which x counts; 0 where only the signal does."""
        stimulus = loop.stimulus
        return stimulus.interval if stimulus.interval > 1 and stimulus.every == 1 else 0

    def late(self, loop: LoopSettings) -> int:
        """Decisions after which an input shows in the recording, beyond the first."""
        return -(-getattr(loop.recording, "delay", 0) // loop.stimulus.interval)

    def signals(self, loop: LoopSettings) -> Sequence[int]:
        """The recorded variables that are listened to, by number."""
        return range(loop.recording.channels) if self.channel == "all" else [self.channel]

    def contacts(self, loop: LoopSettings) -> int:
        """Contacts that act by themselves."""
        return 1 if loop.stimulus.together else loop.stimulus.contacts

    def stabilizers(self, loop: LoopSettings) -> list[PassiveOscillator]:
        """The controller that keeps a population quiet while it is identified; the same a quarter of a cycle later."""
        return [PassiveOscillator(self.stabilizing(phase, loop), loop) for phase in (self.phase, self.phase + 90.0)]

    def stabilizing(self, phase: float, loop: LoopSettings) -> PassiveOscillatorSettings:
        """The settings of such a controller, so many degrees behind the rhythm."""
        return PassiveOscillatorSettings(
            channel=self.channel if self.channel != "all" else self._nearest(loop),
            offset=None,
            baseline=None,
            smoothing=self.smoothing,
            frequency=self.frequency,
            damping=self.damping,
            integrator=self.integrator,
            gain=self.gain,
            phase=phase,
        )

    def _nearest(self, loop: LoopSettings) -> Literal["nearest", "each"] | int:
        """What the stabilising controller listens to where all variables are signals."""
        contacts, names = self.contacts(loop), loop.recording.variables
        if contacts > 1 and any(name[0] == "x" and name[1:].isdigit() for name in names):
            return "nearest"
        return "each" if contacts == len(names) and all(map(is_local_x, names)) else 0

    def least_weights(self, inputs: int) -> int:
        return len(self.prices) * 2 * max(self.orders)

    @property
    def longest(self) -> int:
        """Environment steps that an episode has to last."""
        return self.recorded

    def misfit(self, loop: LoopSettings) -> str | None:
        model = loop.model
        if not kind_of(model).quiet:
            return (
                f"model={model.name}: no signal is to be small there, and these agents make one small that they have "
                "identified; use another agent, as agent=td3"
            )
        if isinstance(loop.recording, Features):
            return "recording=features: a model is identified from samples; use recording=window"
        if loop.episode.steps < self.longest:
            return f"episode.steps={loop.episode.steps}: must be at least {self.longest}, {self.longest_of}"
        return None if self.channel == "all" else no_such_channel(self.channel, loop.recording)

    def following(self, steps: int, envs: int, free: Free) -> dict[str, int]:
        found: dict[str, int] = {}
        if free("steps") and steps < ROLLOUTS * envs * self.recorded:
            steps = found["steps"] = ROLLOUTS * envs * self.recorded
        if steps < envs * self.stretch and steps >= self.stretch and free("envs"):
            found["envs"] = steps // self.stretch
        return {**found, **({"episode.steps": self.longest} if free("episode.steps") else {})}

    def objection(self, steps: int, envs: int) -> str | None:
        used = int((1.0 - self.settling) * self.recorded) // 4
        if max(self.orders) >= used:
            return (
                f"agent.orders={self.orders}: must be below {used}, a fourth of what is used of agent.recorded="
                f"{self.recorded}, or nothing is left to hold out"
            )
        if steps < envs * self.stretch:
            return (
                f"steps={steps}: must be at least one rollout, {envs} environments × {self.stretch} steps = "
                f"{envs * self.stretch}"
            )
        return None

    def alternatives(self, weights: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """The same controller at each of its prices."""
        chosen = weights["chosen"]
        others = [k for k in range(len(self.prices)) if k != int(chosen)]
        return [weights, *({**weights, "chosen": np.full_like(chosen, k)} for k in others)]


@dataclass(frozen=True)
class RegulatorSearchSettings(LQGSettings):
    """Policy search that begins as the identified regulator: what suppresses best in the loop itself is learned.

    The policy mixes the inputs that the regulators of its ladder of prices, the stabilising controller and the same a
    quarter of a cycle later would give; for every rung there is a mixture of its own, and at the beginning it is what
    ``lqg`` does. Of several prices it begins at that which suppresses most. An evolution strategy with antithetic pairs
    on the same populations (Salimans et al. 2017, arXiv:1703.03864) makes a cost less: with one price the variance of X
    plus price·kick², with several the variance alone; from synchrony, the product of latency and energy to suppress.
    """

    algorithm = "rldbs.agents.regulator.regulator_search.RegulatorSearch"
    identified = False
    longest_of = "the longer of agent.recorded and agent.settle + agent.horizon"

    identifications: Annotated[int, Ge(1), Le(1000)]
    """Rollouts in which the model is identified, before the search begins."""
    pairs: Annotated[int, Ge(1), Le(10_000)]
    """Directions that are tried forth and back in a generation."""
    reach: Annotated[float, Gt(0), Le(10)]
    """Standard deviation of the input that a trial adds, in units of that of the regulator."""
    step: Annotated[float, Gt(0), Le(10)]
    """Step against the gradient at the beginning, in the same units; it falls linearly to 0."""
    horizon: Count
    """Environment steps over which a trial is followed."""
    settle: Annotated[int, Ge(0), Le(1_000_000)]
    """Environment steps in which populations come to rest before trials; with 0 trials begin in synchrony, and are
    about how soon S comes to 10 and for how little energy."""
    generations: Annotated[int, Ge(1), Le(10_000)]
    """Of a rollout, each on populations of its own."""

    def alternatives(self, weights: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """What was found is one policy."""
        return [weights]

    @property
    def stretch(self) -> int:
        return min(self.recorded, self.settle + self.generations * self.horizon)

    @property
    def longest(self) -> int:
        return max(self.recorded, self.settle + self.horizon)

    def populations(self, envs: int) -> int:
        """Populations that every trial of a generation shares."""
        return envs // (2 * self.pairs + 1)

    def following(self, steps: int, envs: int, free: Free) -> dict[str, int]:
        found = super().following(steps, envs, free)
        steps, envs = found.get("steps", steps), found.get("envs", envs)
        rollouts = steps // (envs * self.recorded)
        if self.identifications >= rollouts > 1 and free("agent.identifications"):
            found["agent.identifications"] = rollouts - 1
        if not self.populations(envs) and envs >= 3 and free("agent.pairs"):
            found["agent.pairs"] = (envs - 1) // 2
        return found

    def objection(self, steps: int, envs: int) -> str | None:
        if not self.populations(envs):
            return (
                f"envs={envs}: must be at least 2 × agent.pairs + 1 = {2 * self.pairs + 1}, an environment for each "
                "trial of a generation and for the policy as it is"
            )
        identified = self.identifications * envs * self.recorded
        if steps <= identified:
            return (
                f"steps={steps}: must be above {identified}, which agent.identifications × envs × agent.recorded = "
                f"{self.identifications} × {envs} × {self.recorded} take, or nothing is left to search in"
            )
        return super().objection(steps, envs)
