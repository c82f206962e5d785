"""The generators that a process shares: a learner seeds them, and whoever calls it has them as they were."""

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def kept_randomness() -> Iterator[None]:
    """After the block, ``random``, ``numpy.random`` and torch draw what they would have drawn without it."""
    ours, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002  the global one is what is meant
    torch = sys.modules.get("torch")
    networks = None if torch is None else torch.get_rng_state()
    try:
        yield
    finally:
        random.setstate(ours)
        np.random.set_state(numpy)  # noqa: NPY002
        if torch is not None:
            torch.set_rng_state(networks)
