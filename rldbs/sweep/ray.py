"""The runs of a sweep as tasks of Ray, on this machine or on a cluster.

The settings are those of Hydra's launcher for Ray. The tasks are started here: that launcher names the size of an
object store to a cluster too, which Ray refuses, and when it is stopped, Ray kills its tasks before they can save
themselves.
"""

import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, suppress
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt

from rldbs.config.checked_records import record
from rldbs.core.errors import RldbsError, SettingError
from rldbs.runs.lock import in_use
from rldbs.sweep.job import do_run, stopping

LAUNCHER = "ray"
ADDRESS = "hydra.launcher.ray.init.address"
CORES = "hydra.launcher.ray.remote.num_cpus"
STORE = 78_643_200
"""Bytes of an object store: the least that Ray takes. Tasks give nothing back."""
LOCAL = ("num_cpus", "num_gpus", "object_store_memory")
"""Settings of a Ray that is started here; a cluster has its own."""
SILENT = {"RAY_USAGE_STATS_ENABLED": "0"}
"""Ray tells nobody how it is used."""
QUIET = {"RAY_DEDUP_LOGS_SKIP_REGEX": "."}
"""Of a node's death it would tell by pages; we do in a line."""
JOINING = (
    "HOST:PORT is for a command on a node of the cluster; from elsewhere it is ray://HOST:10001\n"
    "Where the cluster has a token, this needs it too, and RAY_AUTH_MODE=token"
)
PAUSE = 0.5
"""Seconds between two looks at whether the sweep is to stop."""
ROUND = 5.0
"""Seconds between two looks at the nodes."""
SILENCE = 30.0
"""Seconds without a run at work after which tasks are given to Ray anew, where a node has left."""
PATIENCE = 10.0
"""Seconds within which the head of a cluster must answer."""


@dataclass(frozen=True)
class Init:
    """Which Ray, and what of one that is started here."""

    address: str | None
    num_cpus: Annotated[int, Ge(1)] | None
    num_gpus: Annotated[int, Ge(0)] | None
    object_store_memory: Annotated[int, Ge(STORE)] | None
    include_dashboard: bool
    log_to_driver: bool


@dataclass(frozen=True)
class Remote:
    """What a run needs, and what becomes of it when its node dies."""

    num_cpus: Annotated[float, Gt(0)] | None
    num_gpus: Annotated[float, Ge(0)]
    memory: Annotated[int, Gt(0)] | None
    max_retries: Annotated[int, Ge(-1)]
    scheduling_strategy: Literal["DEFAULT", "SPREAD"]


def check(launcher: Mapping[str, Any]) -> tuple[Init, Remote]:
    """The settings of Hydra's launcher for Ray, checked.

    Raises:
        SettingError: one is not allowed, or Ray is not there, which is installed only where it is asked for.
    """
    if find_spec("ray") is None:
        raise SettingError(f"hydra/launcher={LAUNCHER} needs Ray: pip install 'ray>=2.40'")
    init = record(Init, launcher["ray"]["init"], "hydra.launcher.ray.init")
    given = next((key for key in LOCAL if getattr(init, key) is not None), None)
    address = _address(init)
    if address is not None and given is not None:
        raise SettingError(f"hydra.launcher.ray.init.{given}: is for a Ray that is started here, not for {address}")
    return init, record(Remote, launcher["ray"]["remote"], "hydra.launcher.ray.remote")


def check_stored(stored: Sequence[str], given: Sequence[str]) -> None:
    """Whether a cluster that stands in the folder of a sweep is named by the user too.

    The folder may be a stranger's, and whoever has the cluster can do as they like in a process that joins it.

    Raises:
        SettingError: it is not.
    """
    there = next((text for text in stored if text.startswith(f"{ADDRESS}=")), None)
    if there is not None and not any(text.startswith(f"{ADDRESS}=") for text in given):
        raise SettingError(f"This sweep was on a Ray cluster; if you trust it, add {there}")


def threads(given: Mapping[str, str]) -> int:
    """Threads of each run where only its cores are said, by the overrides ``given``: as many.

    Raises:
        SettingError: that is no number.
    """
    text = given.get(CORES, "null")
    try:
        return 1 if text == "null" else max(1, int(float(text)))
    except (ValueError, OverflowError):
        raise SettingError(f"{CORES}={text}: must be a number of cores, or null: as many as the threads") from None


def do(runs: Sequence[Path], threads: int, launcher: Mapping[str, Any], say: Callable[[str], None]) -> None:
    """Have every run done by a task of Ray; back when all tasks have ended.

    Where a node dies, Ray gives its tasks to another one, and each goes on with its run. When the sweep is to stop,
    tasks that have not begun are withdrawn, and all others told to save their runs.

    Args:
        runs: prepared run folders, absolute, on a file system that the nodes share.
        threads: of each run.
        launcher: settings of Hydra's launcher for Ray.
        say: tells the user something.

    Raises:
        SettingError: as :func:`check`.
        RldbsError: there is no such cluster.
        Exception: what Ray raises for a task whose node has died too often.
    """
    init, remote = check(launcher)
    options = {"num_cpus": threads, **{key: value for key, value in asdict(remote).items() if value is not None}}
    left = list(runs)
    while left and stopping.number is None:
        with _connected(init):
            import ray

            _check_room(ray.nodes(), options, say)
            task = ray.remote(**options)(_task)
            left = _wait({task.remote(str(run), threads, os.getcwd()): run for run in left}, say)


def _task(folder: str, threads: int, directory: str) -> None:
    """One run, in a process of Ray's. Relative paths in its settings are meant from where the sweep was started."""
    with suppress(OSError):
        os.chdir(directory)
    do_run(Path(folder), threads)


def _wait(tasks: Mapping[Any, Path], say: Callable[[str], None]) -> list[Path]:
    """Wait for the end of all tasks; once the sweep is to stop, tell them.

    Args:
        tasks: each with its run.
        say: tells the user something.

    Returns:
        The runs of tasks of which nothing is heard any more: Ray waits without end for a node that has fallen silent.

    Raises:
        Exception: what Ray raises for a task whose node has died too often.
    """
    import ray

    waiting, lost, told, nodes = list(tasks), None, False, _Nodes(say)
    next_look = heard = time.monotonic()
    while waiting:
        if stopping.number is not None and not told:
            for task in waiting:
                ray.cancel(task, force=False)
            told = True
        ended, waiting = ray.wait(waiting, num_returns=len(waiting), timeout=PAUSE)
        lost = _error(ended) or lost
        if time.monotonic() < next_look:
            continue
        nodes.look()
        next_look = time.monotonic() + ROUND
        if not (told or nodes.gone) or ended or any(in_use(tasks[task]) for task in waiting):
            heard = time.monotonic()
        elif time.monotonic() > heard + SILENCE:
            return [tasks[task] for task in waiting]
    if lost is not None:
        raise lost
    return []


def _error(tasks: Sequence[Any]) -> Exception | None:
    """What has become of tasks that have ended, where one of them was lost."""
    import ray

    error = None
    for task in tasks:
        try:
            ray.get(task)
        except ray.exceptions.TaskCancelledError:
            continue
        except ray.exceptions.RayError as raised:
            error = raised
    return error


class _Nodes:
    """The nodes of the cluster.

    Attributes:
        gone: whether one has left since.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say, self._dead, self.gone = say, self._names(), False

    def look(self) -> None:
        """Say which have left since the last look."""
        before, self._dead = self._dead, self._names()
        for number in self._dead.keys() - before.keys():
            self._say(f"Node {self._dead[number]} is gone; what ran there goes on elsewhere")
            self.gone = True

    def _names(self) -> dict[str, str]:
        """The names of those that are no longer there, by their number."""
        import ray

        return {node["NodeID"]: node["NodeManagerHostname"] for node in ray.nodes() if not node["Alive"]}


@contextmanager
def _connected(init: Init) -> Iterator[None]:
    """Within the block there is Ray: a cluster that runs already, or one that is started here and ends with the block.

    Raises:
        RldbsError: there is no such cluster.
    """
    for name, value in {**SILENT, **({} if init.log_to_driver else QUIET)}.items():
        os.environ.setdefault(name, value)
    import ray

    address = _address(init)
    settings = {key: value for key, value in asdict(init).items() if value is not None}
    if address is None:
        settings = {"object_store_memory": STORE, **settings}
    else:
        del settings["include_dashboard"]
        _check_reach(address)
    before = signal.getsignal(signal.SIGTERM)
    try:
        with chdir("/"):  # Ray lets its tasks import from the current folder, which may be a stranger's
            ray.init(**settings, logging_level=logging.ERROR)
    except Exception as error:
        why = " ".join(str(error).split())[:300]
        raise RldbsError(
            f"Ray on this machine: {why}" if address is None else f"Ray {address}: {why}\n{JOINING}"
        ) from None
    finally:
        signal.signal(signal.SIGTERM, before)  # Ray's own would end the sweep at once
    try:
        yield
    finally:
        ray.shutdown()


def _address(init: Init) -> str | None:
    """That of the cluster; None for a Ray that is started here."""
    address = init.address
    if address in (None, "auto"):
        address = os.environ.get("RAY_ADDRESS", address)
    return None if address in ("local", "") else address


def _check_reach(address: str) -> None:
    """Whether somebody listens at an address: Ray would try for minutes.

    Raises:
        RldbsError: nobody does.
    """
    host, _, port = address.rpartition("/")[2].rpartition(":")
    if not host or not port.isdecimal():
        return
    try:
        socket.create_connection((host, int(port)), PATIENCE).close()
    except (OSError, OverflowError) as error:
        raise RldbsError(f"Ray {address}: cannot be reached: {error}") from None


def _check_room(nodes: Sequence[Mapping[str, Any]], options: Mapping[str, Any], say: Callable[[str], None]) -> None:
    """Say so where no node is large enough for a run now: Ray would wait for one without a word."""
    sizes = [node["Resources"] for node in nodes if node["Alive"]]
    demand = {"CPU": options["num_cpus"], "GPU": options["num_gpus"], "memory": options.get("memory", 0)}
    if not any(all(size.get(kind, 0) >= amount for kind, amount in demand.items()) for size in sizes):
        text = ", ".join(f"{kind} {amount:g}" for kind, amount in demand.items() if amount)
        say(f"Ray has no node with {text} for a run; it waits until there is one")
