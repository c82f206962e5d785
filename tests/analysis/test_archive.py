"""A file of arrays takes no memory before it is known to hold what it should."""

import pickle
import tracemalloc
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rldbs.analysis.archive import read_arrays

AXES = {"field": "ET", "kicks": "ET", "free": ""}


def npy(array: Any, **more: Any) -> bytes:
    file = BytesIO()
    np.lib.format.write_array(file, np.asarray(array), **more)
    return file.getvalue()


def declares(shape: tuple[int, ...], dtype: str = "<f8", data: bytes = b"") -> bytes:
    file = BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": dtype, "fortran_order": False, "shape": shape})
    return file.getvalue() + data


SOUND = {"field.npy": npy(np.ones((2, 3))), "kicks.npy": npy(np.zeros((2, 3), np.float32)), "free.npy": npy(5)}


def archive(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


def test_arrays_come_back_as_they_were(tmp_path):
    arrays = read_arrays(archive(tmp_path / "a.npz", SOUND), AXES)
    np.testing.assert_array_equal(arrays["field"], np.ones((2, 3)))
    assert (arrays["kicks"].dtype, arrays["free"]) == (np.float32, 5)


class Payload:
    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.mkdir, (self.canary,)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"field.npy": None}, "it holds free.npy, kicks.npy"),
        ({"more.npy": npy(1)}, "it holds"),
        ({"../../field.npy": npy(1)}, "it holds"),
        ({"field.npy": npy(np.ones((2, 4)))}, "kicks.npy has shape"),
        ({"field.npy": npy(np.ones(6))}, "field.npy has shape"),
        ({"free.npy": npy([1, 2])}, "free.npy has shape"),
        ({"field.npy": npy(np.array([[None]]), allow_pickle=True)}, "declares object"),
        ({"field.npy": npy(np.zeros((2, 3), [("a", "f8")]))}, "declares"),
        ({"free.npy": npy(np.array("x" * 1000))}, "declares <U1000"),
        ({"field.npy": declares((2**31, 2**31))}, "and has 0 bytes"),
        ({"field.npy": declares((2, 3), data=bytes(47))}, "and has 47 bytes"),
        ({"field.npy": declares((-2, -3), data=bytes(48))}, "field.npy|dimension|shape"),
        ({"field.npy": b"\x93NUMPY\x02\x00" + bytes(100)}, "another version"),
        ({"field.npy": b""}, "EOF"),
        ({"field.npy": b"\x93NUMPY\x01\x00\xff\xff" + b"(" * 65535}, "eader"),
        ({"field.npy": b"\x93NUMPY\x01\x00\x20\x00" + b"__import__('os').mkdir('canary')"}, "eader|malformed"),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path, monkeypatch, changes, words):
    monkeypatch.chdir(tmp_path)
    members = {name: data for name, data in {**SOUND, **changes}.items() if data is not None}
    with pytest.raises(ValueError, match=words):
        read_arrays(archive(tmp_path / "a.npz", members), AXES)
    assert not (tmp_path / "canary").exists()


def test_a_pickle_is_not_opened(tmp_path):
    canary = tmp_path / "canary"
    path = tmp_path / "a.npz"
    path.write_bytes(pickle.dumps(Payload(canary)))
    with pytest.raises(ValueError, match="not a zip file"):
        read_arrays(path, AXES)
    np.savez(path, allow_pickle=True, field=np.array([[Payload(canary)]], object), kicks=np.zeros((1, 1)), free=1)
    with pytest.raises(ValueError, match="declares object"):
        read_arrays(path, AXES)
    assert not canary.exists()


def test_a_bomb_takes_no_memory(tmp_path):
    """A file of some hundred kilobytes that says that it is of gigabytes."""
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("free.npy", SOUND["free.npy"])
        file.writestr("kicks.npy", declares((8, 2**20)))
        with file.open("field.npy", "w", force_zip64=True) as member:
            member.write(declares((8, 2**20)))
            for _ in range(64):
                member.write(bytes(2**20))
    data = path.read_bytes()
    for bomb in (data, data.replace((64 * 2**20 + 128).to_bytes(4, "little"), (2**31 + 128).to_bytes(4, "little"))):
        path.write_bytes(bomb)
        tracemalloc.start()
        with pytest.raises(ValueError, match=r"more than|and has"):
            read_arrays(path, AXES)
        assert tracemalloc.get_traced_memory()[1] < 2**22
        tracemalloc.stop()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_another_packing_is_refused(tmp_path, method):
    with pytest.raises(ValueError, match="packed in another way"):
        read_arrays(archive(tmp_path / "a.npz", SOUND, method), AXES)


def test_every_changed_byte_is_refused_or_without_consequence(tmp_path):
    path = archive(tmp_path / "a.npz", SOUND)
    data, rng = path.read_bytes(), np.random.default_rng(0)
    for place, bit in zip(rng.integers(0, len(data), 400).tolist(), rng.integers(0, 8, 400).tolist(), strict=True):
        changed = bytearray(data)
        changed[place] ^= 1 << bit
        path.write_bytes(changed)
        try:
            arrays = read_arrays(path, AXES)
        except ValueError:
            continue
        np.testing.assert_array_equal(arrays["field"], np.ones((2, 3)))
    for length in range(len(data)):
        path.write_bytes(data[:length])
        with pytest.raises(ValueError, match=r".+"):
            read_arrays(path, AXES)
