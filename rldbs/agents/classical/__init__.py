"""Controllers that do not learn: the equations of the literature, on equal terms with the learners.

They see what a learner sees, act through the same stimulus within the same limits, and work on a whole batch at once.
Kicks and gains are in units of x, times in periods of the model's rhythm.
"""

from rldbs.agents.classical.acd import ACDOracleSettings, ACDSettings
from rldbs.agents.classical.adaptive import BetaDualSettings, BetaOnOffSettings, BetaPISettings
from rldbs.agents.classical.base import ClassicalSettings
from rldbs.agents.classical.coordinated_reset import CoordinatedResetSettings
from rldbs.agents.classical.delayed import DelayedFeedbackSettings, NonlinearDelayedFeedbackSettings
from rldbs.agents.classical.linear import PDSettings, PISettings, ProportionalSettings
from rldbs.agents.classical.on_demand import OnDemandSettings
from rldbs.agents.classical.open_loop import ConstantSettings, HighFrequencySettings, OpenLoopSettings, RandomSettings
from rldbs.agents.classical.oscillator import AdaptiveFeedbackSettings, PassiveOscillatorSettings
from rldbs.agents.classical.phase_locked import PhaseLockedSettings
from rldbs.agents.classical.pulses import PhasePulsesSettings
from rldbs.agents.classical.thresholds import DualThresholdSettings, OnOffSettings
from rldbs.agents.classical.until import UntilSettings
from rldbs.core.plugins import Options

__all__ = ["CLASSICAL", "ClassicalSettings"]

CLASSICAL: Options[ClassicalSettings] = Options(
    "controller",
    {
        "constant": ConstantSettings,
        "random": RandomSettings,
        "open_loop": OpenLoopSettings,
        "proportional": ProportionalSettings,
        "pd": PDSettings,
        "pi": PISettings,
        "delayed_feedback": DelayedFeedbackSettings,
        "nonlinear_delayed_feedback": NonlinearDelayedFeedbackSettings,
        "passive_oscillator": PassiveOscillatorSettings,
        "adaptive_feedback": AdaptiveFeedbackSettings,
        "phase_pulses": PhasePulsesSettings,
        "on_off": OnOffSettings,
        "dual_threshold": DualThresholdSettings,
        "beta_on_off": BetaOnOffSettings,
        "beta_dual": BetaDualSettings,
        "beta_pi": BetaPISettings,
        "high_frequency": HighFrequencySettings,
        "coordinated_reset": CoordinatedResetSettings,
        "phase_locked": PhaseLockedSettings,
        "on_demand": OnDemandSettings,
        "until": UntilSettings,
        "acd": ACDSettings,
        "acd_oracle": ACDOracleSettings,
    },
    ClassicalSettings,
)
"""Settings of classical controllers by the name that the configuration uses."""
