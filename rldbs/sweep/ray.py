"""The runs of a sweep as tasks of Ray, on this machine or on a cluster.

The settings are those of Hydra's launcher for Ray. The tasks are started here: that launcher names the size of an
object store to a cluster too, which Ray refuses, and when it is stopped, Ray kills its tasks before they can save
themselves.
"""

import logging
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from rldbs.core.errors import RldbsError, SettingError
from rldbs.sweep.job import job, stopping
from rldbs.terminal import complain

LAUNCHER = "ray"
PAUSE = 0.5
"""Seconds between two looks at whether the sweep is to stop."""
STORE = 78_643_200
"""Bytes of an object store: the least that Ray takes. Tasks give nothing back."""
LOCAL = ("num_cpus", "num_gpus", "object_store_memory", "include_dashboard")
"""Settings of a Ray that is started here; a cluster has its own."""
CORES = "hydra.launcher.ray.remote.num_cpus"
STATISTICS = "RAY_USAGE_STATS_ENABLED"


def check() -> None:
    """Whether Ray is there, which is installed only where it is asked for.

    Raises:
        SettingError: it is not.
    """
    if find_spec("ray") is None:
        raise SettingError(f"hydra/launcher={LAUNCHER} needs an extra: pip install 'rldbs[ray]'")


def threads(given: Mapping[str, str]) -> int:
    """Threads of each run where only its cores are said, by the overrides ``given``: as many.

    Raises:
        SettingError: that is no number.
    """
    text = given.get(CORES, "null")
    try:
        return 1 if text == "null" else max(1, int(float(text)))
    except ValueError:
        raise SettingError(f"{CORES}={text}: must be a number of cores, or null: as many as the threads") from None


def do(runs: Sequence[Path], threads: int, launcher: Mapping[str, Any]) -> None:
    """Have every run done by a task of Ray; back when all tasks have ended.

    Where a node dies, Ray gives its tasks to another one, and each goes on with its run. When the sweep is to stop,
    tasks that have not begun are withdrawn, and all others told to save their runs.

    Args:
        runs: prepared run folders, absolute, on a file system that the nodes share.
        threads: of each run.
        launcher: settings of Hydra's launcher for Ray.

    Raises:
        SettingError: Ray is not installed, or has no such setting.
        RldbsError: there is no such cluster.
        Exception: what Ray raises for a task whose node has died too often.
    """
    check()
    wanted = {key: value for key, value in launcher["ray"]["remote"].items() if value is not None}
    wanted.setdefault("num_cpus", threads)
    with _connected(launcher["ray"]["init"]):
        import ray

        _check_room(ray.nodes(), wanted)
        try:
            task = ray.remote(**wanted)(_task)
        except (TypeError, ValueError) as error:
            raise SettingError(f"hydra.launcher.ray.remote: {_line(error)}") from None
        _wait([task.remote(str(run), threads, os.getcwd()) for run in runs])


def _task(folder: str, threads: int, directory: str) -> None:
    """One run, in a process of Ray's. Relative paths in its settings are meant from where the sweep was started."""
    with suppress(OSError):
        os.chdir(directory)
    job(OmegaConf.create({"folder": folder, "threads": threads}))


def _wait(tasks: Sequence[Any]) -> None:
    """Wait for the end of all tasks; once the sweep is to stop, tell them."""
    import ray

    waiting, lost, told = list(tasks), None, False
    while waiting:
        if stopping.number is not None and not told:
            for task in waiting:
                ray.cancel(task, force=False)
            told = True
        ended, waiting = ray.wait(waiting, num_returns=len(waiting), timeout=PAUSE)
        for task in ended:
            try:
                ray.get(task)
            except ray.exceptions.TaskCancelledError:
                continue
            except ray.exceptions.RayError as error:
                lost = error
    if lost is not None:
        raise lost


@contextmanager
def _connected(settings: Mapping[str, Any]) -> Iterator[None]:
    """Within the block there is Ray: a cluster that runs already, or one that is started here and ends with the block.

    Raises:
        SettingError: Ray has no such setting.
        RldbsError: there is no such cluster.
    """
    os.environ.setdefault(STATISTICS, "0")
    import ray

    given = {key: value for key, value in settings.items() if value is not None}
    address = given.get("address") or os.environ.get("RAY_ADDRESS")
    if address in (None, "local"):
        given.setdefault("object_store_memory", STORE)
    else:
        local = next((key for key in LOCAL if given.pop(key, None)), None)
        if local is not None:
            raise SettingError(f"hydra.launcher.ray.init.{local}: is for a Ray on this machine; {address} has its own")
    before = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(**given, logging_level=logging.ERROR)
    except (TypeError, ValueError) as error:
        raise SettingError(f"hydra.launcher.ray.init: {_line(error)}") from None
    except Exception as error:
        raise RldbsError(f"Ray at {address or 'this machine'}: {_line(error)}") from None
    finally:
        signal.signal(signal.SIGTERM, before)  # Ray's own would end the sweep at once
    try:
        yield
    finally:
        ray.shutdown()


def _check_room(nodes: Sequence[Mapping[str, Any]], wanted: Mapping[str, Any]) -> None:
    """Complain where no node is large enough for a run now: Ray would wait for one without a word."""
    sizes = [node["Resources"] for node in nodes if node["Alive"]]
    demand = {"CPU": wanted["num_cpus"], "GPU": wanted.get("num_gpus", 0), "memory": wanted.get("memory", 0)}
    if not any(all(size.get(kind, 0) >= amount for kind, amount in demand.items()) for size in sizes):
        text = ", ".join(f"{kind} {amount}" for kind, amount in demand.items() if amount)
        complain(f"Ray has no node with {text} for a run; it waits until there is one")


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
