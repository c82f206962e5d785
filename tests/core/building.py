"""Builds of the C core beside the installed one, each in a folder of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

import cmake

ROOT = Path(__file__).parents[2]


def run(*command: object, **options: object) -> subprocess.CompletedProcess[bytes]:
    """The finished command, with what it printed, errors and all, in ``stdout``."""
    options = {"cwd": ROOT, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT} | options
    return subprocess.run([str(word) for word in command], **options)  # type: ignore[call-overload, no-any-return]


def missing(*tools: str) -> list[str]:
    """Those of the tools that are not here."""
    return [tool for tool in tools if shutil.which(tool) is None]


def build(name: str, compiler: str, flags: str = "", defines: tuple[str, ...] = (), driver: bool = True) -> Path:
    """The driver, or the extension, in build/NAME, compiled without a warning.

    Raises:
        SystemExit: it cannot be built.
    """
    folder = ROOT / "build" / name
    program = Path(cmake.CMAKE_BIN_DIR) / "cmake"
    settings = [f"-DCMAKE_C_COMPILER={compiler}", f"-DCMAKE_C_FLAGS={flags} -Werror", *defines]
    if driver:
        settings.append("-DRLDBS_DRIVER=ON")
    else:
        settings += [f"-DPython_EXECUTABLE={sys.executable}", "-DSKBUILD_SABI_COMPONENT=Development.SABIModule"]
    for command in (
        [program, "-S", "native", "-B", folder, "-DCMAKE_BUILD_TYPE=Release", *settings],
        [program, "--build", folder],
    ):
        done = run(*command)
        if done.returncode:
            sys.exit(f"{name}: {compiler} does not build the core:\n{done.stdout.decode()}")
    return folder / ("driver" if driver else "_native.abi3.so")
