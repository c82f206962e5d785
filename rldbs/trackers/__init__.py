"""Experiment trackers beside the run folder: MLflow, Weights & Biases, or one of a package of the user's own."""
