"""Tuning: a search over the settings of a controller."""
