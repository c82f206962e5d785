"""What the words of each command mean: overrides in, records out, and the one call that does it."""
