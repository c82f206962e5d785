"""What pieces of a closed loop say of themselves, for the core to do in their place."""

from typing import Any


def said(piece: object, native: str, method: str) -> Any:
    """What a piece says that the core may do for it; None where a class below that has a ``method`` of its own."""
    for kind in type(piece).__mro__:
        if native in vars(kind):
            return getattr(piece, native)
        if method in vars(kind):
            return None
    return None
