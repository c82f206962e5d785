"""Closed-loop deep brain stimulation on synthetic neuronal populations."""

from rldbs.core.ensemble import Ensemble

__all__ = ["Ensemble"]
__version__ = "0.1.0"
