"""Experiments: train, evaluate, simulate; the run folder and what is in it."""
