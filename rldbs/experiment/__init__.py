"""What is done in a run: training, its measurements, the protocol, a look at the free population."""
