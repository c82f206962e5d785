"""The libraries of models that users have written as equations: compiled when they are first used, and kept.

A file in the cache is named after all that is in it: the equations, the core's sources, the instruction set, the
compiler and its flags. It appears whole or not at all, so two processes may compile the same at once. Where nothing can
be kept, each process compiles for itself.
"""

import ctypes
import hashlib
import os
import platform
import shutil
import stat
import sysconfig
import tempfile
import time
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from rldbs.core.c_core import ffi, lib, waiting_asleep
from rldbs.core.cache_folder import VARIABLE, cache_folder
from rldbs.core.cell_equations import CellEquations
from rldbs.core.cell_header import cells_header
from rldbs.core.compiler import FLAGS, OF_CELLS, SOURCES, Parts, build, compiler, no_compiler
from rldbs.core.equation_header import models_header
from rldbs.core.equations import Equations
from rldbs.core.errors import CompilerError, visible

KIND = "models"
BEGUN, SUFFIX = ".build-", ".rldbs-model.so"
LEFT = 3600
"""Seconds after which nobody is still compiling."""
MOST_KEPT = 200
"""Libraries; those that were not used for longest go."""


@cache
def own_neurons(equations: Equations, parts: Parts, instruction_set: str) -> Any:
    """The functions of a library for these equations, an ``rldbs_neurons *``, of neurons alike or in tissue.

    It is compiled for one instruction set, which takes a fraction of the time of all.

    Raises:
        CompilerError: there is no compiler, or it has failed.
    """
    return _library(models_header(equations), parts, instruction_set)


@cache
def own_cells(cells: tuple[CellEquations | str, ...], instruction_set: str) -> Any:
    """The functions of a library for these cells, numbered in their order, an ``rldbs_cells *``; likewise.

    Raises:
        CompilerError: as for :func:`own_neurons`.
    """
    return _library(cells_header(cells), OF_CELLS, instruction_set)


def _library(header: str, parts: Parts, instruction_set: str) -> Any:
    """The functions of a library for ``parts.header`` with this text, a ``parts.kind *``."""
    found = compiler()
    key = _digest(
        header, *parts.flags, instruction_set, _sources(), platform.machine(), str(sysconfig.get_config_var("SOABI"))
    )
    folder = cache_folder(KIND)
    if found is None:
        kept = sorted(folder.glob(f"{key}-*{SUFFIX}")) if folder else []  # every compiler gives the same bits
        for path in kept:
            if functions := _kept(path, parts.kind):
                return functions
        raise no_compiler()
    name = f"{key}-{_digest(found.identity, *FLAGS)[:16]}{SUFFIX}"
    if folder and (functions := _kept(folder / name, parts.kind)):
        return functions
    place = _begun(folder)
    try:
        built = place / "library"
        build(found, parts, instruction_set, header, place, built)
        functions = _usable(built, parts.kind)
        if folder and place.parent == folder:
            with suppress(OSError):
                os.replace(built, folder / name)
                _let_go(folder)
        return functions
    finally:
        shutil.rmtree(place, ignore_errors=True)  # what is loaded stays loaded


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:40]


@lru_cache(maxsize=1)
def _sources() -> str:
    """A fingerprint of the core's sources."""
    paths = sorted(path for path in SOURCES.rglob("*") if path.suffix in (".c", ".h"))
    return _digest(str(lib.rldbs_physics()), *(path.read_text(encoding="utf-8") for path in paths))


def _kept(path: Path, kind: str) -> Any:
    """The functions of a library that was compiled before; None where there is none, or it is not to be trusted."""
    try:
        for place in (path, path.parent):
            status = os.lstat(place)
            ours = status.st_uid in (os.geteuid(), 0) and not status.st_mode & stat.S_IWOTH
            if not ours or not (stat.S_ISREG if place == path else stat.S_ISDIR)(status.st_mode):
                return None
        functions = _loaded(path, kind)
    except OSError:  # damaged, or for another system
        return None
    with suppress(OSError):
        os.utime(path)
    return functions


def _loaded(path: Path, kind: str) -> Any:
    with waiting_asleep():
        library = ctypes.CDLL(str(path))
    try:
        return ffi.cast(f"{kind} *", ctypes.addressof(ctypes.c_char.in_dll(library, "rldbs_own")))
    except ValueError:
        raise OSError(f"{path}: is no library of a model") from None


def _usable(built: Path, kind: str) -> Any:
    """The functions of a library that was compiled just now.

    Raises:
        CompilerError: it cannot be loaded.
    """
    try:
        return _loaded(built, kind)
    except OSError as error:
        reason = visible(str(error).replace(str(built), "the library"))
        raise CompilerError(f"The model was compiled, but cannot be loaded: {reason}") from None


def _begun(folder: Path | None) -> Path:
    """A new folder to compile in: in the cache where it can be, so that what is ready needs only a new name.

    Raises:
        CompilerError: nothing can be written, there or among temporary files.
    """
    with suppress(OSError):
        if folder is not None:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return Path(tempfile.mkdtemp(prefix=BEGUN, dir=folder))
    try:
        return Path(tempfile.mkdtemp(prefix="rldbs-model-"))
    except OSError as error:
        where = f" {visible(str(folder))}, nor" if folder else ""
        raise CompilerError(
            f"A model from equations is compiled into a file, but there is no room for one in{where} among temporary "
            f"files: {error.strerror}; {VARIABLE}=DIR names a folder for it"
        ) from None


def _let_go(folder: Path) -> None:
    """Remove the libraries that were not used for longest, and what a compiler that was killed has left."""
    used = sorted(folder.glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in used[MOST_KEPT:]:
        path.unlink(missing_ok=True)
    for path in folder.glob(f"{BEGUN}*"):
        if time.time() - path.stat().st_mtime > LEFT:
            shutil.rmtree(path, ignore_errors=True)
