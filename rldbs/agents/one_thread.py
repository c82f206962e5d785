"""One thread for the small products of networks and windows, so that their bits are the same wherever they run."""

from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits


@contextmanager
def one_thread(learned: bool = True) -> Iterator[None]:
    """Within the block, products are computed in one thread.

    These networks are too small to share. Both torch and the BLAS of NumPy would take all cores, and the last digits
    of a product depend on their number.

    Args:
        learned: whether networks of torch are at work; without them it is not loaded, which would take seconds.
    """
    with threadpool_limits(1, user_api="blas"):
        if not learned:
            yield
            return
        import torch

        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            with threadpool_limits(1, user_api="blas"):  # of libraries that came with torch, too
                yield
        finally:
            torch.set_num_threads(before)
