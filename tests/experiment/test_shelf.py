"""The checkpoints of a run, and the room that is held for the next one."""

import os

import numpy as np

from rldbs.experiment.checkpoint import bytes_of
from rldbs.experiment.shelf import MARGIN, RESERVE, Course, Shelf


def add(shelf: Shelf, steps: int, size: int) -> int:
    return shelf.add(Course(steps, next_measurement=steps + 100), {"course": {"series": np.zeros(size, np.uint8)}})


def held(folder):
    return (folder / "checkpoints" / RESERVE).stat().st_size


def test_room_is_held_for_the_next_checkpoint_of_a_run_whose_state_grows(tmp_path):
    shelf = Shelf(tmp_path, 3)
    for k in range(1, 5):
        assert add(shelf, 100 * k, 3 * MARGIN * k) < 3 * MARGIN * k + 2000
        assert 3 * MARGIN * (k + 1) < held(tmp_path) < 3 * MARGIN * (k + 1) + MARGIN + 4000


def test_no_more_room_is_held_when_the_state_grows_no_longer(tmp_path):
    shelf = Shelf(tmp_path, 3)
    for steps in (100, 200):
        size = add(shelf, steps, 3 * MARGIN)
    assert held(tmp_path) == size + MARGIN
    assert bytes_of(tmp_path / "checkpoints" / "200") == size


def test_room_that_is_not_there_is_not_taken_in_part(tmp_path, monkeypatch):
    """As ext4 does: it gives all that it has, and then says that this is not enough."""

    def partly(descriptor: int, offset: int, length: int, fallocate=os.posix_fallocate) -> None:
        fallocate(descriptor, offset, length // 2)
        raise OSError(28, "No space left on device")

    shelf = Shelf(tmp_path, 3)
    add(shelf, 100, 100)
    before = held(tmp_path)
    monkeypatch.setattr("rldbs.experiment.shelf.os.posix_fallocate", partly)
    add(shelf, 200, 9 * MARGIN)
    assert held(tmp_path) == before


def test_a_smaller_state_holds_less(tmp_path):
    shelf = Shelf(tmp_path, 3)
    add(shelf, 100, 3 * MARGIN)
    add(shelf, 200, 10)
    assert held(tmp_path) < MARGIN + 2000
