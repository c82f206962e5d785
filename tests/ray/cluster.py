"""A Ray cluster of two nodes on one machine, each with an address, a name and processes of its own.

A node is a set of namespaces: of the network, of the host's name, of mounts, so that it has a ``/tmp/ray`` and a
``/dev/shm`` of its own, and of processes, so that all of them can be killed at once, as by a power cut. The file system
is the same for all, as a shared folder is.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

NEEDED = ("ip", "unshare", "nsenter", "mount")
RAY = Path(sys.executable).with_name("ray")
PORT = 6379
PATIENCE = 90.0
"""Seconds within which a node must be there."""
SOON = {
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "2000",
    "RAY_health_check_failure_threshold": "3",
}
"""Lets the head miss a node that has fallen silent after seconds, not minutes."""
SCRIPT = """\
echo "$NAME" > /proc/sys/kernel/hostname
mkdir -p /tmp/ray && mount -t tmpfs none /tmp/ray && mount -t tmpfs none /dev/shm
exec "$@"
"""


@dataclass
class Node:
    """A node of the cluster.

    Attributes:
        name: its host's name.
        address: its own.
        cable: its connection to the others.
    """

    name: str
    address: str
    cable: str
    _process: subprocess.Popen[bytes]

    def enter(self, words: Sequence[str], directory: Path) -> list[str]:
        """The command that does ``words`` on the node."""
        first = _children(self._process.pid)[0]
        return ["nsenter", "-t", str(first), "-n", "-u", "-m", "-p", "env", f"--chdir={directory}", *words]

    def kill(self) -> None:
        """Kill all its processes, at once, with ``kill -9``."""
        self._process.kill()  # unshare has asked the kernel to kill the first process with it, and so all of them
        self._process.wait()

    def cut_off(self) -> None:
        """Pull its cable: it works on, and nobody hears of it."""
        _ip("link", "set", self.cable, "down")


@dataclass(frozen=True)
class Cluster:
    """Two nodes with one core each: ``head``, which also runs tasks, and ``worker``."""

    head: Node
    worker: Node

    @property
    def address(self) -> str:
        """Where the cluster is joined."""
        return f"{self.head.address}:{PORT}"


def missing() -> str:
    """What a cluster needs and there is not; empty if all is there."""
    if os.geteuid() != 0:
        return "root"
    lacking = [name for name in NEEDED if shutil.which(name) is None]
    return ", ".join([*lacking, *([] if RAY.exists() else ["pip install 'ray>=2.40'"])])


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster, with the logs of its nodes in ``folder``; nothing is left of it afterwards."""
    bridge = f"rb{os.getpid()}"
    names, addresses = (f"head{os.getpid()}", f"worker{os.getpid()}"), ("10.213.7.1", "10.213.7.2")
    cables = tuple(f"rv{number}-{os.getpid()}" for number in range(2))
    nodes: list[Node] = []
    _ip("link", "add", bridge, "type", "bridge")
    try:
        _ip("link", "set", bridge, "up")
        for name, cable, address in zip(names, cables, addresses, strict=True):
            _network(bridge, name, cable, address)
        head = ("--head", f"--port={PORT}", "--include-dashboard=false")
        ways = head, (f"--address={addresses[0]}:{PORT}",)
        for name, address, cable, words in zip(names, addresses, cables, ways, strict=True):
            nodes.append(Node(name, address, cable, _start(name, address, words, folder / f"{name}.log")))
        yield Cluster(*nodes)
    finally:
        for node in nodes:
            node.kill()
        for words in (*(("link", "del", cable) for cable in (*cables, bridge)), *(("netns", "del", n) for n in names)):
            subprocess.run(["ip", *words], check=False)


def signalled(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """Send a signal to what a command that enters a node does there."""
    for child in _children(process.pid):
        os.kill(child, number)


def wait_until(there: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Wait until something is there."""
    end = time.monotonic() + patience
    while not there():
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.05)


def _network(bridge: str, name: str, cable: str, address: str) -> None:
    """A network namespace with one interface, which is plugged into the bridge."""
    _ip("netns", "add", name)
    _ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name)
    _ip("link", "set", cable, "master", bridge, "up")
    _ip("-n", name, "address", "add", f"{address}/24", "dev", "eth0")
    for interface in ("eth0", "lo"):
        _ip("-n", name, "link", "set", interface, "up")


def _start(name: str, address: str, words: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    """Start Ray on a node, and wait until it is there."""
    apart = ["--uts", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    size = ["--num-cpus=1", "--object-store-memory=78643200", "--disable-usage-stats"]
    start = [str(RAY), "start", "--block", f"--node-ip-address={address}", *size, *words]
    with open(log, "wb") as file:
        process = subprocess.Popen(
            ["ip", "netns", "exec", name, "unshare", *apart, "sh", "-ec", SCRIPT, "sh", *start],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, **SOON, "NAME": name},
        )
    wait_until(lambda: b"block" in log.read_bytes() or process.poll() is not None, f"Ray on {name}")
    assert process.poll() is None, log.read_text()
    return process


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)
