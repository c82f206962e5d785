"""What an evaluation measured: trajectories, metrics, statistics and pictures."""
