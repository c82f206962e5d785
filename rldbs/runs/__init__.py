"""The run folder on disk: where it is, what is in it, who is at work on it.

``rldbs.runs`` is also what lists the runs: ``rldbs.runs()`` gives those under ``runs/``, newest first, with a few facts
of each; see :func:`rldbs.runs.listed_runs.listed_runs`.
"""

import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from os import PathLike

    from rldbs.runs.listed_runs import ListedRun


class _Room(ModuleType):
    """The package, which can be called: it has the name that users of Python know."""

    def __call__(self, directory: "str | PathLike[str]" = "runs") -> "list[ListedRun]":
        """See :func:`rldbs.runs.listed_runs.listed_runs`."""
        from rldbs.runs.listed_runs import listed_runs

        return listed_runs(directory)


sys.modules[__name__].__class__ = _Room
