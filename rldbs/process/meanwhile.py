"""Work that can be done beside other work, in a thread."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread


@contextmanager
def meanwhile(work: Callable[[], object]) -> Iterator[None]:
    """Do ``work`` beside the block; where that ends well, it is done then.

    For calculations that will be asked for again and are then there: what goes wrong with one is found, and told, when
    it is. Nothing that changes what the whole process has, as its current folder, is done in this way.
    """

    def quietly() -> None:
        with suppress(Exception):
            work()

    thread = Thread(target=quietly, daemon=True)
    thread.start()
    yield
    thread.join()
