"""All recordings by name."""

from rldbs.control.features import Features
from rldbs.control.recording import Recording, Window
from rldbs.core.plugins import Options

RECORDINGS: Options[Recording] = Options("recording", {"window": Window, "features": Features}, Recording)
"""Recording classes by the name that the configuration uses."""
