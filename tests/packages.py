"""Debian's packages, as long as a command runs: ``python -m tests.packages slurm|shells|page COMMAND…``.

What was there before stays. What a run that was cut off has left behind is removed by the next one.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.slurm import cluster

PACKAGES = {
    "slurm": ("munge", "slurm-client", "slurmctld", "slurmd"),
    "shells": ("bash", "zsh", "fish"),
    "page": ("chromium",),
}
REMEMBERED = Path(sys.prefix) / "packages"
"""The packages that were installed here, and are to be removed."""


def main(name: str, command: Sequence[str]) -> int:
    """Run a command with some packages installed; its exit status."""
    if not _missing(name):
        return _run(command)
    if shutil.which("apt-get") is None:
        print(f"Not installed: {', '.join(_missing(name))}; and there is no apt-get to do it", file=sys.stderr)  # noqa: T201
        return 1
    try:
        _install(PACKAGES[name])
        return _run(command)
    finally:
        _remove()


def _missing(name: str) -> list[str]:
    """Programs that are not there."""
    if name == "slurm":
        return list(cluster.missing())
    return [program for program in PACKAGES[name] if shutil.which(program) is None]


def _install(packages: Sequence[str]) -> None:
    before = _installed()
    _as_root("apt-get", "update", "-qq")
    try:
        _as_root("apt-get", "install", "-qq", "--yes", "--no-install-recommends", *packages)
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
    sys.exit(main(sys.argv[1], sys.argv[2:]))
