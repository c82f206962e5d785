"""The C compiler of this machine, at work on the core's own sources with another model in the place of its own."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from rldbs.core.c_core import lib
from rldbs.core.errors import CompilerError, visible

SOURCES = Path(str(files("rldbs") / "native"))
"""Those of the C core, which come with the package."""

FLAGS = ["-std=gnu11", "-O3", "-DNDEBUG", "-ffp-contract=off", "-fno-math-errno", "-fPIC", "-fvisibility=hidden", "-w"]
"""As native/CMakeLists.txt has them: plain IEEE arithmetic, in the order written."""
GENERIC = "generic"
SETS = {"x86-64": ("v1", 16), "x86-64-v3": ("v3", 32), "x86-64-v4": ("v4", 64), GENERIC: ("generic", 16)}
"""What an instruction set is called in the sources, and bytes of its vectors."""
VARIANTS = "kernels", "spatial", "network"
"""Of which there is one for each instruction set."""
COMPILERS = "cc", "gcc", "clang"
LONGEST = 300.0
"""Seconds after which a compiler that is not ready is stopped."""
INSTALL = "apt install gcc, dnf install gcc, conda install c-compiler, or on macOS xcode-select --install"


@dataclass(frozen=True)
class Compiler:
    """A C compiler that is there.

    Attributes:
        command: the words with which it is called.
        identity: what changes when it is another one.
    """

    command: tuple[str, ...]
    identity: str


def compiler() -> Compiler | None:
    """The compiler that ``CC`` names, with options, as a shell would read it; else the system's; None: there is none.

    Raises:
        CompilerError: a shell could not read it.
    """
    named = os.environ.get("CC", "").strip()
    try:
        candidates = [shlex.split(named)] if named else [[name] for name in COMPILERS]
    except ValueError as error:
        reason = str(error).lower()
        raise CompilerError(f"CC={visible(named)}: cannot be read as a command with its options: {reason}") from None
    for words in candidates:
        program = shutil.which(words[0]) if words else None
        if program:
            program = os.path.abspath(program)  # it is called from another folder
            status = os.stat(program)
            identity = f"{os.path.realpath(program)} {status.st_size} {status.st_mtime_ns} {words[1:]}"
            return Compiler((program, *words[1:]), identity)
    return None


def no_compiler() -> CompilerError:
    """The error where there is none."""
    named = os.environ.get("CC", "").strip()
    there = f"CC={visible(named)} is not there" if named else "there is no C compiler here"
    return CompilerError(f"A model from equations is compiled when it is first used, but {there}: {INSTALL}")


@dataclass(frozen=True)
class Parts:
    """What of the core's sources makes a library.

    Attributes:
        kernel: compiled for the instruction set.
        batch: compiled for any.
        flags: the preprocessor's, for both.
        header: what they include that is made here.
        kind: of the record with the library's functions, in ``rldbs.h``.
    """

    kernel: str
    batch: tuple[str, ...]
    flags: tuple[str, ...] = ()
    header: str = "models.h"
    kind: str = "rldbs_neurons"


ALIKE = Parts("kernel.c", ("ensemble.c", "own.c"))
IN_TISSUE = Parts("spatial.c", ("spatial_batch.c", "own.c"), ("-DRLDBS_IN_TISSUE",))
OF_CELLS = Parts("network.c", ("networks.c", "own.c"), ("-DRLDBS_OF_CELLS",), "cells.h", "rldbs_cells")


def build(found: Compiler, parts: Parts, instruction_set: str, header: str, folder: Path, library: Path) -> None:
    """Compile sources for a header with this text into a library.

    Args:
        found: the compiler.
        parts: which sources.
        instruction_set: for which processors. The others' bits are the same, so it stands for whichever is asked for.
        header: C, of our own making.
        folder: an empty folder for what it writes.
        library: the file.

    Raises:
        CompilerError: the compiler has failed; the message has what it said.
    """
    (folder / parts.header).write_text(header, encoding="ascii")
    threads = ["-fopenmp"] if lib.rldbs_has_threads() else []
    try:
        _build(found, parts, instruction_set, threads, folder, library)
    except CompilerError:
        if not threads:
            raise
        _build(
            found, parts, instruction_set, [], folder, library
        )  # a compiler without OpenMP: the same numbers, in one thread


def _build(
    found: Compiler, parts: Parts, instruction_set: str, threads: Sequence[str], folder: Path, library: Path
) -> None:
    common = [*found.command, *FLAGS, *parts.flags, *threads, f"-I{folder}", f"-I{SOURCES}", "-c"]
    x86, (variant, size) = instruction_set != GENERIC, SETS[instruction_set]
    others = [other for other, _ in SETS.values() if other != variant]
    named = [f"-Drldbs_{kind}_{other}=rldbs_{kind}_{variant}" for kind in VARIANTS for other in others]
    batch = ["-DRLDBS_X86_64", *named] if x86 else []
    own = [
        f"-DRLDBS_VARIANT={variant}",
        f"-DRLDBS_VECTOR_BYTES={size}",
        *([f"-march={instruction_set}"] if x86 else []),
    ]
    flags = {parts.kernel: own, **dict.fromkeys(parts.batch, batch)}
    outputs = {name: str(folder / f"{Path(name).stem}.o") for name in flags}
    _run([[*common, *flags[name], str(SOURCES / name), "-o", outputs[name]] for name in flags], folder)
    _run([[*found.command, "-shared", *threads, *outputs.values(), "-lm", "-o", str(library)]], folder)


def _run(commands: Sequence[Sequence[str]], folder: Path) -> None:
    """Run all commands at once.

    Raises:
        CompilerError: one has failed, or they are not ready in time.
    """
    end, said = time.monotonic() + LONGEST, folder / "said"
    with open(said, "wb") as out, _stopped() as running:
        for command in commands:
            try:
                # In a session of its own, a compiler can be stopped with all that it has started.
                running.append(
                    subprocess.Popen(
                        command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=folder, start_new_session=True
                    )
                )
            except OSError as error:
                raise CompilerError(f"The C compiler {command[0]} cannot be run: {error.strerror}") from None
        for each in running:
            try:
                failed = each.wait(max(0.0, end - time.monotonic())) != 0
            except subprocess.TimeoutExpired:
                raise CompilerError(f"The C compiler {commands[0][0]} was not ready after {LONGEST:g} s") from None
            if failed:
                lines = said.read_text(errors="replace").splitlines()
                wrong = [line for line in lines if re.search(r"error|cannot|not found", line)] or lines
                told = "".join(f"\n  {visible(line)[:200]}" for line in wrong[:3]) or ", and says nothing"
                raise CompilerError(f"The C compiler {commands[0][0]} does not compile the model{told}")


@contextmanager
def _stopped() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that are stopped, with all that they have started, when the block ends, however it does."""
    running: list[subprocess.Popen[bytes]] = []
    try:
        yield running
    finally:
        for each in running:
            if each.poll() is None:
                with suppress(OSError):
                    os.killpg(each.pid, signal.SIGKILL)
                each.wait()
