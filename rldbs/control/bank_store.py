"""Populations that were prepared before, kept on disk: the same ones need not run through their transient again.

A file holds one bank. It is named after all that decides its numbers, says so inside, and carries a checksum of them:
one that does not fit in every respect is as good as none. What was not used for longest goes when room runs out.
"""

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

from rldbs.core.arguments import Floats
from rldbs.core.bank import Bank, prepare_bank
from rldbs.core.errors import RldbsError
from rldbs.core.models import ModelSettings
from rldbs.core.native import PHYSICS
from rldbs.files.folder import Folder

VARIABLE = "RLDBS_CACHE"
"""The variable of the environment that names another folder than the user's own for such files, or is ``off``."""
OFF = "off"
ENDING = ".bank"
LEAST_WORK = 2 * 10**7
"""Steps of single neurons below which preparing costs little more than reading, and nothing is kept."""
MOST_BYTES, MOST_ALL = 2**28, 2**30
"""Bytes of one file, and of all together."""
MOST_KEY = 2**20


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
    folder = store()
    work = populations * settings.neurons * (settings.transient + settings.period)
    if folder is None or work < LEAST_WORK:
        return prepare_bank(settings, populations, snapshots, seed, memory, threads, coupling)
    return _kept(folder, settings, populations, snapshots, seed, memory, threads, coupling)


def store() -> Path | None:
    """The folder where banks are kept; None: they are not."""
    named = os.environ.get(VARIABLE, "")
    if named == OFF:
        return None
    return Path(named).expanduser() if named else user_cache_path("rldbs", appauthor=False) / "banks"


@lru_cache(maxsize=8)
def _kept(
    place: Path,
    settings: ModelSettings,
    populations: int,
    snapshots: int,
    seed: int,
    memory: int,
    threads: int,
    coupling: tuple[float, ...] | None,
) -> Bank:
    key = _key(settings, populations, snapshots, seed, memory, coupling)
    name, folder = f"{hashlib.sha256(key).hexdigest()}{ENDING}", Folder(place)
    entries, variables, neurons = populations * snapshots, len(settings.model.variables), settings.neurons
    shapes = [(entries, variables, neurons), (entries, neurons), (entries, memory, variables), (entries,)]
    with suppress(OSError, RldbsError):  # what cannot be read is prepared
        found = _read(folder, name, key, shapes)
        if found is not None:
            return Bank(*found)
    bank = prepare_bank(settings, populations, snapshots, seed, memory, threads, coupling)
    with suppress(OSError, RldbsError):  # and what cannot be written is not kept
        _write(folder, name, key, bank)
    return bank


def _key(
    settings: ModelSettings,
    populations: int,
    snapshots: int,
    seed: int,
    memory: int,
    coupling: tuple[float, ...] | None,
) -> bytes:
    """All that decides the numbers of a bank. The initial states are drawn by NumPy."""
    model = asdict(settings)
    del model["set_point"]
    decisive = {"physics": PHYSICS, "numpy": np.__version__, "populations": populations, "snapshots": snapshots}
    return json.dumps({**decisive, "seed": seed, "memory": memory, "coupling": coupling, "model": model}).encode()


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
    os.utime(folder.path / name)
    return [array.reshape(shape) for array, shape in zip(numbers, shapes, strict=True)]


def _write(folder: Folder, name: str, key: bytes, bank: Bank) -> None:
    """Keep a bank, and let go of those that were not used for longest."""
    data = b"".join(array.tobytes() for array in (bank.state, bank.current, bank.past, bank.coupling))
    if len(data) > MOST_BYTES:
        return
    folder.make()
    folder.remove_unfinished()
    used = {other: status for other in folder.names() if (status := folder.status(other)) and other.endswith(ENDING)}
    room = MOST_ALL - len(data)
    for other in sorted(used, key=lambda other: used[other].st_mtime_ns, reverse=True):
        room -= used[other].st_size
        if room < 0:
            folder.remove(other)
    with folder.file(name).whole() as file:
        file.write(_header(key, data))
        file.write(data)


def _header(key: bytes, data: bytes) -> bytes:
    """What stands before the numbers of a file, padded so that they begin at a multiple of 8 bytes."""
    text = b"rldbs bank\n" + key + b"\n" + hashlib.sha256(data).hexdigest().encode()
    return text + b" " * (-(len(text) + 1) % 64) + b"\n"
