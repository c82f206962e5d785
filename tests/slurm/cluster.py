"""A SLURM cluster of one node, in a folder, as the user that starts it."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

NEEDED = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scontrol", "scancel")
PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
PATIENCE = 60
"""Seconds within which a daemon must be there, or a job must do what is asked of it."""

CONFIGURATION = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={control}
SlurmdPort={work}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
CryptoType=crypto/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
ReturnToService=2
KillWait=30
MinJobAge=300
OverTimeLimit=0
SchedulerParameters=sched_interval=2,bf_interval=2
SlurmdParameters=config_overrides
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=64000 State=UNKNOWN
PartitionName=normal Nodes={host} Default=YES MaxTime=INFINITE State=UP PriorityTier=1 PreemptMode=REQUEUE
PartitionName=urgent Nodes={host} MaxTime=INFINITE State=UP PriorityTier=10 PreemptMode=OFF
"""


def missing() -> list[str]:
    """The programs that a cluster needs and that are not installed."""
    return [name for name in NEEDED if shutil.which(name, path=PATH) is None]


@dataclass(frozen=True)
class Cluster:
    """A cluster that is up.

    Attributes:
        environment: of the commands that are to see it.
    """

    folder: Path
    environment: Mapping[str, str]

    def ask(self, *words: str) -> str:
        """What one of SLURM's commands answers."""
        answer = subprocess.run(words, env=self.environment, capture_output=True, text=True, timeout=PATIENCE)
        assert answer.returncode == 0, f"{' '.join(words)}: {answer.stdout}{answer.stderr}"
        return answer.stdout

    def jobs(self) -> dict[str, str]:
        """The state of every job that has not ended, by its number."""
        lines = self.ask("squeue", "--noheader", "--array", "--format=%i %T").splitlines()
        return dict(line.split() for line in lines)

    def at_once(self, job: str) -> None:
        """Let a job that was requeued begin without the two minutes that SLURM waits."""
        self.ask("scontrol", "update", f"JobId={job}", "StartTime=now")


@contextmanager
def cluster(folder: Path, cpus: int = 2) -> Iterator[Cluster]:
    """A cluster, as long as the block lasts; its jobs end with it."""
    environment = {**os.environ, "PATH": PATH, "SLURM_CONF": str(folder / "slurm.conf")}
    _write(folder, cpus)
    munge = folder / "munge"
    of_munge = {"socket": "socket", "key-file": "key", "pid-file": "pid", "log-file": "log", "seed-file": "seed"}
    commands = [
        ["munged", "--foreground", "--force", *(f"--{name}={munge / file}" for name, file in of_munge.items())],
        ["slurmctld", "-D", "-f", environment["SLURM_CONF"]],
        ["slurmd", "-D", "-f", environment["SLURM_CONF"]],
    ]
    running: list[subprocess.Popen[bytes]] = []
    up = Cluster(folder, environment)
    try:
        for command in commands:
            running.append(_daemon(command, environment, folder))
            if command[0] == "munged":
                until(lambda: (munge / "socket").exists(), "munged")
        until(lambda: "idle" in up.ask("sinfo", "--noheader", "--format=%t"), "a node", lambda: _logs(folder))
        yield up
        up.ask("scancel", "--me", "--signal=KILL", "--full")
        up.ask("scancel", "--me")
        until(lambda: not up.jobs(), "the end of all jobs", lambda: _logs(folder))
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait(PATIENCE)


def until(
    claim: Callable[[], bool], what: str, more: Callable[[], str] = lambda: "", seconds: float = PATIENCE
) -> None:
    """Wait for something.

    Raises:
        AssertionError: it does not come.
    """
    end = time.monotonic() + seconds
    error = ""
    while time.monotonic() < end:
        try:
            if claim():
                return
            error = ""
        except AssertionError as reason:
            error = str(reason)
        time.sleep(0.2)
    raise AssertionError(f"waited {seconds:.0f} s for {what}\n{error}\n{more()}")


def _write(folder: Path, cpus: int) -> None:
    """Lay out the folder: keys, places for what the daemons keep, the configuration."""
    for name in ("munge", "state", "spool"):
        (folder / name).mkdir(mode=0o700)
    key = folder / "munge" / "key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o600)
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        control, work = one.getsockname()[1], other.getsockname()[1]
    host, user = socket.gethostname().partition(".")[0], pwd.getpwuid(os.getuid()).pw_name
    text = CONFIGURATION.format(folder=folder, host=host, user=user, cpus=cpus, control=control, work=work)
    (folder / "slurm.conf").write_text(text)


def _daemon(command: list[str], environment: Mapping[str, str], folder: Path) -> subprocess.Popen[bytes]:
    program = shutil.which(command[0], path=PATH)
    assert program is not None
    with open(folder / f"{command[0]}.out", "wb") as out:
        return subprocess.Popen([program, *command[1:]], env=environment, stdout=out, stderr=out, cwd=folder)


def _logs(folder: Path) -> str:
    """The ends of what the daemons have said."""
    paths = sorted([*folder.glob("*.out"), *folder.glob("*.log")])
    return "\n".join(f"{path.name}: {path.read_text(errors='replace')[-2000:]}" for path in paths)
