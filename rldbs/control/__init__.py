"""The closed loop: stimulus, population, recording, reward, and the clock of the episodes."""
