"""Controllers that do not learn: the equations of the literature, on equal terms with the learners.

They see what a learner sees, act through the same stimulus within the same limits, and work on a whole batch at once.
Kicks and gains are in units of x, times in periods of the model's rhythm.
"""

from collections.abc import Mapping

from rldbs.agents.classical.controller import ClassicalSettings
from rldbs.agents.classical.linear import ProportionalSettings

__all__ = ["CLASSICAL", "ClassicalSettings"]

CLASSICAL: Mapping[str, type[ClassicalSettings]] = {
    "proportional": ProportionalSettings,
}
"""Settings of classical controllers by the name that the configuration uses."""
