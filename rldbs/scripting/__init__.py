"""What scripts and notebooks call, beside environments: runs as objects, training and measuring as functions."""
