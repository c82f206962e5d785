"""What is exported: the controller of a run, or one from its settings, with what its copies are held against."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from rldbs.agents.controller import Controller
from rldbs.agents.inference import Weights
from rldbs.agents.learned_controller import LearnedController
from rldbs.agents.settings import ClassicalSettings, NetworkSettings
from rldbs.experiment.command_settings import EvaluateSettings
from rldbs.experiment.trained_policies import policy_weights
from rldbs.export.layout import Layout
from rldbs.export.plain_network import PlainNetwork, plain_network
from rldbs.export.recorded_loop import RecordedLoop, record_loop


@dataclass(frozen=True)
class Subject:
    """A controller that leaves the house.

    Args:
        settings: of the controller and its environment.
        name: what its files, and in C all names, begin with.
        decisions: how many of a closed loop its copies are held against.
        weights: of a learned policy.
        steps: environment steps that it has learned for.
    """

    settings: EvaluateSettings
    name: str
    decisions: int
    weights: Weights | None
    steps: int | None

    @classmethod
    def of(cls, settings: EvaluateSettings, run: Path | None, name: str, decisions: int) -> "Subject":
        """The controller of a run, or that which the settings tell.

        Raises:
            RunError: the run has no such checkpoint, it is damaged, or it does not fit the settings.
            SettingError: the settings do not fit the environment.
        """
        if isinstance(settings.agent, ClassicalSettings):
            subject = cls(settings, name, decisions, None, None)
        else:
            assert run is not None
            weights, steps = policy_weights(settings.agent, settings.loop, run, settings.checkpoint)
            subject = cls(settings, name, decisions, weights, steps)
        subject.controller()
        return subject

    @cached_property
    def layout(self) -> Layout:
        return Layout.of(self.settings.loop)

    @cached_property
    def network(self) -> PlainNetwork | None:
        """What it consists of, where it is a network."""
        agent = self.settings.agent
        if not isinstance(agent, NetworkSettings) or self.weights is None:
            return None
        return plain_network(agent, self.settings.loop, self.weights)

    @cached_property
    def recorded(self) -> RecordedLoop:
        """What it saw and did in a closed loop."""
        settings = self.settings
        return record_loop(self.layout, self.controller, self.decisions, settings.seed, settings.threads)

    def controller(self) -> Controller:
        """The controller itself, made anew."""
        agent, loop = self.settings.agent, self.settings.loop
        if isinstance(agent, ClassicalSettings):
            return agent.make(loop, self.settings.seed)
        assert self.weights is not None
        return LearnedController(agent, loop, self.weights)

    @property
    def title(self) -> str:
        """What it is, in a line."""
        learned = "" if self.steps is None else f", after {self.steps:,} environment steps"
        return f"{self.settings.agent_name} on {self.settings.loop.model.name}{learned}"

    def words(self) -> dict[str, Any]:
        """What other programs have to know of it, for JSON."""
        network = self.network
        past = (
            {}
            if network is None
            else {"past_kicks": network.past, "kick_of_action": network.kick, "memory": network.remembered}
        )
        return {
            "agent": self.settings.agent_name,
            "checkpoint": self.settings.checkpoint if self.steps is not None else None,
            "steps": self.steps,
            **self.layout.words(),
            **past,
        }
