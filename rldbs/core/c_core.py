"""The compiled C core, loaded: its functions and types."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

_POLICY = "OMP_WAIT_POLICY"


@contextmanager
def waiting_asleep() -> Iterator[None]:
    """Within the block, a library that uses OpenMP can be loaded: its threads will wait for work asleep.

    They wait by spinning unless told otherwise, and OpenMP reads that once, when it is loaded. On a machine whose cores
    are busy, spinning made a batch step of 64 populations 40 times slower; waiting asleep did not.
    """
    unset = _POLICY not in os.environ
    if unset:
        os.environ[_POLICY] = "PASSIVE"
    try:
        yield
    finally:
        if unset:
            del os.environ[_POLICY]


with waiting_asleep():
    from rldbs.core._native import ffi as ffi
    from rldbs.core._native import lib as lib
