"""The run folder on disk: where it is, what is in it, who is at work on it."""
