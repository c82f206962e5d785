"""The settings of each agent. Free of torch, so that a configuration is checked without loading it."""

from collections.abc import Mapping
from dataclasses import dataclass

from rldbs.agents.classical import CLASSICAL, ClassicalSettings
from rldbs.agents.controller import Controller, Rest
from rldbs.agents.settings.ars import ARSSettings
from rldbs.agents.settings.levels import DQNSettings, QRDQNSettings
from rldbs.agents.settings.off_policy import CrossQSettings, DDPGSettings, SACSettings, TD3Settings, TQCSettings
from rldbs.agents.settings.on_policy import A2CSettings, PPOSettings, RecurrentPPOSettings, TRPOSettings
from rldbs.agents.settings.shared import LearnerSettings
from rldbs.control.loop_settings import LoopSettings

__all__ = ["AGENTS", "CLASSICAL", "LEARNERS", "AgentSettings", "ClassicalSettings", "LearnerSettings", "NoStimulation"]


@dataclass(frozen=True)
class NoStimulation(ClassicalSettings):
    """The free population: no stimulation at all. The baseline of every table."""

    rests = True

    def make(self, loop: LoopSettings, seed: int) -> Controller:
        return Rest(loop.stimulus.action_size)


AgentSettings = LearnerSettings | ClassicalSettings

LEARNERS: Mapping[str, type[LearnerSettings]] = {
    "ppo": PPOSettings,
    "a2c": A2CSettings,
    "trpo": TRPOSettings,
    "recurrent_ppo": RecurrentPPOSettings,
    "sac": SACSettings,
    "tqc": TQCSettings,
    "crossq": CrossQSettings,
    "td3": TD3Settings,
    "ddpg": DDPGSettings,
    "dqn": DQNSettings,
    "qrdqn": QRDQNSettings,
    "ars": ARSSettings,
}
AGENTS: Mapping[str, type[AgentSettings]] = {**LEARNERS, **CLASSICAL, "none": NoStimulation}
"""Agent settings by the name that the configuration uses."""
