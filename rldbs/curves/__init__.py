"""Response curves and stress tests: one measurement over and over, with settings varied."""
