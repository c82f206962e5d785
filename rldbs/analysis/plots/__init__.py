"""Pictures, in a style of our own, whatever style the user has given to his.

When Matplotlib is first imported, it looks for a style: in the current folder, which may be a stranger's, and in the
user's own settings. A style can start LaTeX with a preamble of its own, or be a pipe that never ends. So it is imported
here, before any module of this package can do so, where it finds nothing but its own defaults, with which every picture
is drawn.
"""

import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from importlib.util import find_spec
from typing import ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Drawn = TypeVar("Drawn")

NOT_STYLE = ("backend", "backend_fallback", "interactive", "toolbar", "timezone", "webagg.port", "savefig.directory")
"""Settings that say where is drawn, not how."""


def _import() -> None:
    """Import Matplotlib from the folder with its own defaults, in which it looks first."""
    spec = find_spec("matplotlib")
    if "matplotlib" in sys.modules or spec is None or spec.submodule_search_locations is None:
        return
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(os.path.join(spec.submodule_search_locations[0], "mpl-data"))
        import matplotlib  # noqa: F401
    finally:
        os.fchdir(here)
        os.close(here)


_import()


@contextmanager
def _defaults() -> Iterator[None]:
    """Matplotlib's own defaults, within the block."""
    import matplotlib

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        style = {key: value for key, value in matplotlib.rcParamsDefault.items() if key not in NOT_STYLE}
        context = matplotlib.rc_context(style)
        context.__enter__()
    try:
        yield
    finally:
        context.__exit__(None, None, None)


def own_style(draw: Callable[Arguments, Drawn]) -> Callable[Arguments, Drawn]:
    """Let a function draw in our style."""

    @wraps(draw)
    def drawn(*arguments: Arguments.args, **named: Arguments.kwargs) -> Drawn:
        with _defaults():
            return draw(*arguments, **named)

    return drawn
