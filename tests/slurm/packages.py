"""SLURM from Debian's packages, as long as a command runs: ``python -m tests.slurm.packages COMMAND…``.

What was there before stays. What a run that was cut off has left behind is removed by the next one.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.slurm.cluster import missing

PACKAGES = ("munge", "slurm-client", "slurmctld", "slurmd")
REMEMBERED = Path(sys.prefix) / "slurm-packages"
"""The packages that were installed here, and are to be removed."""


def main(command: Sequence[str]) -> int:
    """Run a command with SLURM installed; its exit status."""
    if not missing():
        return _run(command)
    if shutil.which("apt-get") is None:
        print("SLURM is not installed, and there is no apt-get to install it with", file=sys.stderr)  # noqa: T201
        return 1
    try:
        _install()
        return _run(command)
    finally:
        _remove()


def _install() -> None:
    before = _installed()
    _as_root("apt-get", "update", "-qq")
    try:
        _as_root("apt-get", "install", "-qq", "--yes", "--no-install-recommends", *PACKAGES)
    finally:
        _remember(_remembered() | (_installed() - before))


def _remove() -> None:
    there = sorted(_remembered() & _installed())
    if there:
        _as_root("apt-get", "purge", "-qq", "--yes", *there)
    REMEMBERED.unlink(missing_ok=True)


def _installed() -> set[str]:
    lines = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\n"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    return {name for name, status in map(str.split, lines) if status != "not-installed"}


def _remembered() -> set[str]:
    return set(REMEMBERED.read_text().split()) if REMEMBERED.exists() else set()


def _remember(names: set[str]) -> None:
    REMEMBERED.write_text("\n".join(sorted(names)))


def _as_root(*command: str) -> None:
    root = () if os.geteuid() == 0 else ("sudo",)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*root, *command], check=True, env=environment, stdout=subprocess.DEVNULL)


def _run(command: Sequence[str]) -> int:
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
