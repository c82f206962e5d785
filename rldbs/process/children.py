"""Python processes that a command starts: none imports from the current folder, and none outlives the command.

The current folder may be a stranger's. Python would look there first for whatever it imports: ``python -m`` puts it
before everything else, and so does an entry of ``PYTHONPATH`` that is empty or relative.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PAUSE = 0.5
"""Seconds between two looks at whether the parent is still there."""
SAFE, PATHS = "PYTHONSAFEPATH", "PYTHONPATH"


def command(*words: str) -> list[str]:
    """What starts a command of rldbs that ends with this process, in :func:`safe_environment`."""
    return [sys.executable, "-P", "-m", "rldbs.process.child", str(os.getpid()), "rldbs.cli", *words]


def safe_environment() -> dict[str, str]:
    """The environment of this process, for one that is not to import anything from the current folder."""
    paths = [path for path in os.environ.get(PATHS, "").split(os.pathsep) if os.path.isabs(path)]
    own = {name: value for name, value in os.environ.items() if name != PATHS}
    return {**own, SAFE: "1", **({PATHS: os.pathsep.join(paths)} if paths else {})}


@contextmanager
def safe_children() -> Iterator[None]:
    """Within the block, whatever starts a process gives it :func:`safe_environment`."""
    before = {name: os.environ.get(name) for name in (SAFE, PATHS)}
    os.environ[SAFE] = "1"
    paths = safe_environment().get(PATHS)
    _set(PATHS, paths)
    try:
        yield
    finally:
        for name, value in before.items():
            _set(name, value)


def keep_out_the_current_folder() -> None:
    """Import nothing from the current folder, unless the user has named it by its whole path."""
    named = os.environ.get(PATHS, "").split(os.pathsep)
    relative = {os.path.abspath(path) for path in named if not os.path.isabs(path)} if PATHS in os.environ else set()
    unwanted = {"", *relative.difference(named)}
    sys.path[:] = [path for path in sys.path if path not in unwanted]


def end_with(parent: int) -> None:
    """Let this process end soon after its parent has, however that ends.

    It is killed where it is, as its parent may have been: what it works on is as sound then as after any kill.

    Args:
        parent: the number of the parent, which may be gone already.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PAUSE)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _set(name: str, value: str | None) -> None:
    """Set a variable of the environment; None for none."""
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
