"""The arguments of each command, read: overrides in, records out, and the one call that does it."""
