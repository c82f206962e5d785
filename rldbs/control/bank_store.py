"""Populations that were prepared before, kept on disk: the same ones need not run through their transient again.

A file holds one bank. It is named after all that decides its numbers, says so inside, and carries a checksum of them:
one that does not fit in every respect is as good as none. What was not used for longest goes when room runs out.
"""

import hashlib
import json
import os
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rldbs.core import _native
from rldbs.core.arguments import Floats
from rldbs.core.bank import Bank, prepare_bank
from rldbs.core.cache_folder import OFF as OFF
from rldbs.core.cache_folder import VARIABLE as VARIABLE
from rldbs.core.cache_folder import cache_folder
from rldbs.core.errors import RldbsError
from rldbs.core.model_settings import ModelSettings
from rldbs.files.descriptors import UNFINISHED
from rldbs.files.folder import Folder

LEAST_WORK = 2 * 10**7
"""Steps of single neurons below which preparing costs little more than reading, and nothing is kept."""
LEFT = 3600
"""Seconds after which nobody is still writing a file."""
MOST_BYTES, MOST_ALL = 2**28, 2**30
"""Bytes of one file, and of all together."""
NAME = re.compile(r"[0-9a-f]{64}\.bank")
"""Of our own files; any other in the folder is somebody else's."""


class _Wanted(NamedTuple):
    """The arguments of :func:`rldbs.core.bank.prepare_bank`."""

    settings: ModelSettings
    populations: int
    snapshots: int
    seed: int
    memory: int
    threads: int
    coupling: tuple[float, ...] | None

    def shapes(self) -> list[tuple[int, ...]]:
        """Those of the arrays of the bank, in its order."""
        entries, neurons = self.populations * self.snapshots, self.settings.neurons
        model = self.settings.model
        past = entries, self.memory, len(model.variables)
        return [(entries, *self.settings.state_shape), (entries, neurons), past, (entries,)]

    def key(self) -> bytes:
        """All that decides the numbers. The initial states are drawn by NumPy; the equations are in the core."""
        decisive = self._asdict() | {"core": _core(), "numpy": np.__version__}
        model = {each.name: getattr(self.settings, each.name) for each in fields(self.settings)}
        decisive["space"] = repr(model.pop("space"))
        decisive["settings"] = {name: _plain(value) for name, value in model.items()}
        del decisive["threads"], decisive["settings"]["set_point"]
        return json.dumps(decisive, default=np.generic.item).encode()


def _plain(value: object) -> object:
    """A setting as JSON has it: mappings, in their order, and the records in them, as pairs."""
    if is_dataclass(value):
        return [type(value).__name__, _plain(vars(value))]
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return value


def stored_bank(
    settings: ModelSettings,
    populations: int,
    snapshots: int,
    seed: int,
    memory: int,
    threads: int,
    coupling: tuple[float, ...] | None = None,
) -> Bank:
    """What :func:`rldbs.core.bank.prepare_bank` returns for the same arguments, from disk where it is there.

    Raises:
        SettingError, DivergedError: as for that function.
    """
    wanted = _Wanted(settings, populations, snapshots, seed, memory, threads, coupling)
    folder = store()
    work = populations * settings.neurons * (settings.transient + settings.period)
    return prepare_bank(*wanted) if folder is None or work < LEAST_WORK else _kept(folder, wanted)


def store() -> Path | None:
    """The folder where banks are kept; None: they are not."""
    return cache_folder("banks")


@lru_cache(maxsize=8)
def _kept(place: Path, wanted: _Wanted) -> Bank:
    key = wanted.key()
    name, folder = f"{hashlib.sha256(key).hexdigest()}.bank", Folder(place)
    with suppress(OSError, RldbsError):  # what cannot be read is prepared
        found = _read(folder, name, key, wanted.shapes())
        if found is not None:
            return Bank(*found)
    bank = prepare_bank(*wanted)
    with suppress(OSError, RldbsError):  # and what cannot be written is not kept
        _write(folder, name, key, bank)
    return bank


@cache
def _core() -> str:
    """A checksum of the compiled core: whoever changes an equation has other banks."""
    with open(_native.__file__, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(folder: Folder, name: str, key: bytes, shapes: list[tuple[int, ...]]) -> list[Floats] | None:
    """The arrays of a file; None where there is none, or not what it should be."""
    sizes = [int(np.prod(shape)) for shape in shapes]
    header, whole = _header(key, b""), 8 * sum(sizes)
    if not folder.has(name):
        return None
    data = folder.file(name).read(len(header) + 64 + whole)
    begin = len(data) - whole
    if begin < 0 or data[:begin] != _header(key, data[begin:]):
        folder.remove(name)
        return None
    numbers = np.split(np.frombuffer(data, np.float64, offset=begin), np.cumsum(sizes)[:-1])
    with suppress(OSError):
        os.utime(folder.path / name)
    return [array.reshape(shape) for array, shape in zip(numbers, shapes, strict=True)]


def _write(folder: Folder, name: str, key: bytes, bank: Bank) -> None:
    """Keep a bank, and let go of those that were not used for longest."""
    arrays = bank.state, bank.current, bank.past, bank.coupling
    if sum(array.nbytes for array in arrays) > MOST_BYTES:
        return
    data = b"".join(array.tobytes() for array in arrays)
    folder.make()
    _remove_leftovers(folder)
    used = {other: status for other in folder.names() if NAME.fullmatch(other) and (status := folder.status(other))}
    room = MOST_ALL - len(data)
    for other in sorted(used, key=lambda other: used[other].st_mtime_ns, reverse=True):
        room -= used[other].st_size
        if room < 0:
            folder.remove(other)
    with folder.file(name).whole() as file:
        file.write(_header(key, data))
        file.write(data)


def _remove_leftovers(folder: Folder) -> None:
    """Remove what processes that were killed have left half written; not what another one is writing."""
    for other in folder.names():
        unfinished = UNFINISHED.fullmatch(other) and NAME.search(other)
        if unfinished and (status := folder.status(other)) and time.time() - status.st_mtime > LEFT:
            folder.remove(other)


def _header(key: bytes, data: bytes) -> bytes:
    """What stands before the numbers of a file, padded so that they begin at a multiple of 8 bytes."""
    text = b"rldbs bank\n" + key + b"\n" + hashlib.sha256(data).hexdigest().encode()
    return text + b" " * (-(len(text) + 1) % 64) + b"\n"
