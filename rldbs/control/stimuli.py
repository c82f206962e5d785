"""All stimuli, by name."""

from rldbs.control.stimulus import ChargeBalanced, Delta, Pulse, Rectangular, Stimulus
from rldbs.control.timed_stimuli import Biphasic, Train
from rldbs.core.plugins import Options

STIMULI: Options[Stimulus] = Options(
    "stimulus",
    {
        "delta": Delta,
        "rectangular": Rectangular,
        "charge_balanced": ChargeBalanced,
        "pulse": Pulse,
        "biphasic": Biphasic,
        "train": Train,
    },
    Stimulus,
)
"""Stimulus classes by the name that the configuration uses."""
