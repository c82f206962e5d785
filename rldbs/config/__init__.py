"""``conf/`` as names, composed by Hydra, and read into typed records."""
