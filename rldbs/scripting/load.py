"""``rldbs.load``: a folder as the object that it holds."""

import os
from pathlib import Path
from typing import Any, Literal, overload

from rldbs.environments import Named
from rldbs.runs.find import GOES_ON, find_run, read_run
from rldbs.runs.places import ROOT
from rldbs.runs.zoo import PREFIX
from rldbs.scripting.loaded_run import Run, found, named
from rldbs.scripting.loaded_search import Search
from rldbs.scripting.loaded_tables import Results, kind_of
from rldbs.sweep.find_sweep import find_sweep


@overload
def load(run: Literal["last"] = ..., directory: Named = ...) -> Run: ...


@overload
def load(run: Named, directory: Named = ...) -> Any: ...


def load(run: Named = "last", directory: Named = ROOT) -> Run | Search | Results:
    """A training run, or whatever else a folder holds.

    Args:
        run: ``last``, the newest training run that has a checkpoint; a path; the beginning of a name; or ``zoo:NAME``,
            a policy that comes with the package (``rldbs list zoo``).
        directory: under which runs are.

    Returns:
        A :class:`.Run`; of a search, ``rldbs tune``, a :class:`.Search`; of response curves, stress tests, sweeps,
        comparisons, and the tables of a benchmark, :class:`.Results`.

    Raises:
        RunError: there is no such run, or it is damaged.
        SettingError: an argument is no name.

    Example:
        >>> run = rldbs.load("zoo:bvdp-ppo")
        >>> env = run.make_env(seed=0)
        >>> observation, info = env.reset()
        >>> action, state = run.policy.predict(observation)
        >>> rldbs.load("runs/bvdp-pd-tune/20260101-120000-s0-1a2b").trials.to_pandas()
    """
    text, root = named("run", run), Path(named("directory", directory))
    if text == "last" or text.startswith(PREFIX):
        return Run(found(run, directory))
    given = Path(os.path.expanduser(text))
    if text and os.path.isdir(given):
        if kind_of(given):
            return Results(Path(os.path.abspath(given)))
    elif (sweep := find_sweep(text, root)) is not None:
        return Results(sweep.folder)
    path = Path(os.path.abspath(find_run(text, root, key=None, wanted=GOES_ON)))
    if kind_of(path):
        return Results(path)
    return Run(path) if read_run(path).trained else Search(path)
