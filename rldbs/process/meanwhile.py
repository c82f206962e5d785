"""Work that can be done beside other work, in a thread."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread


@contextmanager
def meanwhile(work: Callable[[], object]) -> Iterator[None]:
    """Do ``work`` beside the block; where that ends well, it is done then.

    For what will be asked for again and is then there: what goes wrong with it is found, and told, when it is.
    """

    def quietly() -> None:
        with suppress(Exception):
            work()

    thread = Thread(target=quietly, daemon=True)
    thread.start()
    yield
    thread.join()
