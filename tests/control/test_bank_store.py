"""Banks are kept on disk, found again to the bit, and prepared anew where anything about a file is not right."""

import os
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from rldbs.config.python_arguments import make_loop_settings
from rldbs.control import bank_store
from rldbs.control.bank_store import OFF, VARIABLE, store, stored_bank
from rldbs.core.bank import Bank, prepare_bank

MODEL = make_loop_settings("bvdp", {"neurons": 50, "transient": 600, "model.period": 80}).model
ARGUMENTS = {"settings": MODEL, "populations": 3, "snapshots": 2, "seed": 7, "memory": 30, "threads": 1}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store, in which also the smallest bank is kept."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "banks"))
    monkeypatch.setattr(bank_store, "LEAST_WORK", 0)
    bank_store._kept.cache_clear()
    return tmp_path / "banks"


def bank(**changes: object) -> Bank:
    """As another process would get it."""
    bank_store._kept.cache_clear()
    return stored_bank(**ARGUMENTS | changes)


def expected(**changes: object) -> bytes:
    return prepare_bank(**ARGUMENTS | changes).digest


@pytest.fixture
def nothing_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        pytest.fail("a population is prepared")

    monkeypatch.setattr(bank_store, "prepare_bank", refuse)


def test_a_bank_is_found_again_to_the_bit(place, request):
    first = bank()
    assert first.digest == expected()
    assert len(list(place.iterdir())) == 1
    request.getfixturevalue("nothing_prepared")
    again = bank()
    assert again.digest == first.digest
    assert again.state.ctypes.data % 8 == 0
    assert not again.state.flags.writeable
    assert stored_bank(**ARGUMENTS) is again
    assert bank(threads=2).digest == first.digest


@pytest.mark.parametrize(
    "change",
    [
        {"populations": 4},
        {"snapshots": 3},
        {"seed": 8},
        {"memory": 31},
        {"coupling": (0.01, 0.02, 0.03)},
        *(
            {"settings": replace(MODEL, **{name: value})}
            for name, value in [
                ("neurons", 51),
                ("coupling", 0.01),
                ("current_mean", 0.5),
                ("current_std", 0.2),
                ("dt", 0.1),
                ("transient", 601),
                ("period", 81),
                ("parameters", {**MODEL.parameters, "rate": 0.11}),
            ]
        ),
    ],
)
def test_whatever_decides_the_numbers_is_another_bank(place, change):
    bank()
    assert bank(**change).digest == expected(**change) != expected()
    assert len(list(place.iterdir())) == 2


def test_another_core_and_another_numpy_are_another_bank(place, monkeypatch):
    bank()
    monkeypatch.setattr(bank_store, "_core", lambda: "other equations")
    bank()
    monkeypatch.setattr(np, "__version__", "99")
    bank()
    assert len(list(place.iterdir())) == 3


def flip(data: bytes, where: int) -> bytes:
    return data[:where] + bytes([data[where] ^ 1]) + data[where:][1:]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: flip(data, 20),
        lambda data: flip(data, len(data) // 2),
        lambda data: flip(data, -1),
        lambda data: data[:-8],
        lambda data: data + b"\0" * 8,
        lambda data: b"",
    ],
)
def test_a_damaged_file_is_replaced(place, damage):
    bank()
    [file] = place.iterdir()
    sound = file.read_bytes()
    file.write_bytes(damage(sound))
    assert bank().digest == expected()
    assert file.read_bytes() == sound


@pytest.mark.parametrize("obstacle", ["file", "link", "read-only"])
def test_where_nothing_can_be_kept_all_works(place, obstacle, tmp_path):
    if obstacle == "file":
        place.write_text("mine")
    elif obstacle == "link":
        bank()
        [file] = place.iterdir()
        other = tmp_path / "other"
        file.rename(other)
        file.symlink_to(other)
    else:
        place.mkdir()
        place.chmod(0o500)
    assert bank().digest == expected()
    assert obstacle != "file" or place.read_text() == "mine"


def test_what_was_not_used_for_longest_goes(place, monkeypatch):
    for seed in range(3):
        bank(seed=seed)
    size = next(place.iterdir()).stat().st_size
    files = sorted(place.iterdir(), key=lambda file: file.stat().st_mtime_ns)
    for age, file in enumerate(files):
        os.utime(file, (1000 + age, 1000 + age))
    bank(seed=0)
    monkeypatch.setattr(bank_store, "MOST_ALL", int(3.5 * size))
    bank(seed=3)
    assert len(list(place.iterdir())) == 3
    assert files[0].exists()
    assert not files[1].exists()
    monkeypatch.setattr(bank_store, "MOST_BYTES", size // 2)
    bank(seed=4)
    assert len(list(place.iterdir())) == 3


def test_what_is_not_its_own_stays(place, monkeypatch):
    place.mkdir()
    for name in ("mine.bank", ".mine.deadbeef", "notes.txt"):
        (place / name).write_text("mine")
    (place / ".settings.deadbeef").mkdir()
    written, left = (f".{'0' * 64}.bank.0000000{k}" for k in range(2))
    for name in (written, left):
        (place / name).write_text("half a bank")
    os.utime(place / left, (1, 1))
    monkeypatch.setattr(bank_store, "MOST_ALL", 0)
    bank()
    names = {file.name for file in place.iterdir() if not bank_store.NAME.fullmatch(file.name)}
    assert names == {"mine.bank", ".mine.deadbeef", "notes.txt", ".settings.deadbeef", written}


def test_a_store_in_which_nothing_can_be_changed_is_read(place, monkeypatch, request):
    first = bank()

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "utime", refuse)
    request.getfixturevalue("nothing_prepared")
    assert bank().digest == first.digest


def test_numbers_and_settings_of_other_types_are_taken_as_they_are_for_preparing(place):
    plain = bank().digest
    settings = replace(MODEL, neurons=np.int64(50), parameters=MappingProxyType(dict(MODEL.parameters)))
    assert bank(settings=settings, seed=np.int64(7)).digest == plain
    assert len(list(place.iterdir())) == 1


def test_where_nobody_is_at_home_nothing_is_kept(monkeypatch):
    def homeless(*_: object, **__: object) -> Path:
        raise RuntimeError

    monkeypatch.delenv(VARIABLE)
    monkeypatch.setattr("rldbs.core.cache_folder.user_cache_path", homeless)
    assert store() is None
    assert bank().digest == expected()
    monkeypatch.setenv(VARIABLE, "~no-such-user-here/banks")
    assert store() is None


def test_small_ones_are_not_kept_and_nothing_is_where_it_is_off(place, monkeypatch):
    monkeypatch.setattr(bank_store, "LEAST_WORK", 10**9)
    bank()
    monkeypatch.setattr(bank_store, "LEAST_WORK", 0)
    monkeypatch.setenv(VARIABLE, OFF)
    assert store() is None
    bank()
    assert not place.exists()


def test_the_users_own_place_is_taken_without_another(monkeypatch, tmp_path):
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    found = store()
    assert found is not None
    assert found.name == "banks"
    assert tmp_path in found.parents
