"""The settings of each agent. Free of torch, so that a configuration is checked without loading it."""

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rldbs.agents.classical import CLASSICAL, ClassicalSettings
from rldbs.agents.controller import Controller, Rest
from rldbs.agents.settings.ars import ARSSettings
from rldbs.agents.settings.levels import DQNSettings, QRDQNSettings
from rldbs.agents.settings.lqg import LQGSettings, RegulatorSearchSettings
from rldbs.agents.settings.off_policy import CrossQSettings, DDPGSettings, SACSettings, TD3Settings, TQCSettings
from rldbs.agents.settings.on_policy import A2CSettings, PPOSettings, RecurrentPPOSettings, TRPOSettings
from rldbs.agents.settings.shared import LearnerSettings, NetworkSettings
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.plugins import Options

__all__ = [
    "AGENTS",
    "CLASSICAL",
    "IDENTIFIED",
    "LEARNERS",
    "AgentSettings",
    "ClassicalSettings",
    "LearnerSettings",
    "NetworkSettings",
    "NoStimulation",
]


@dataclass(frozen=True)
class NoStimulation(ClassicalSettings):
    """The free population: no stimulation at all. The baseline of every table."""

    rests = True

    def make(self, loop: LoopSettings, seed: int) -> Controller:
        return Rest(loop.stimulus.action_size)


AgentSettings = LearnerSettings | ClassicalSettings

NONE = "none"
"""The agent that never stimulates."""
LEARNERS: Options[LearnerSettings] = Options(
    "learner",
    {
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
        "lqg": LQGSettings,
        "lqg_search": RegulatorSearchSettings,
    },
    LearnerSettings,
    besides=(NONE,),
)
"""Settings of what is trained, by the name that the configuration uses."""
IDENTIFIED = tuple(name for name, settings in LEARNERS.own.items() if settings.identified)
"""Those of which a model is trained, and control follows from theory: they stand beside the classical controllers."""
AGENTS: Mapping[str, type[AgentSettings]] = ChainMap[str, Any]({NONE: NoStimulation}, CLASSICAL, LEARNERS)  # type: ignore[arg-type]
"""Agent settings by the name that the configuration uses."""
