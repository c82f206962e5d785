"""The shelf keeps the newest and the best, holds room for one more, and gives back the newest that is sound."""

import os
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from rldbs.core.errors import RunError
from rldbs.files.folder import Folder
from rldbs.runs.checkpoint import bytes_of
from rldbs.runs.checkpoint_store import MARGIN, RESERVE, Course, Shelf

COURSE = Course(steps=10, next_measurement=20, best=10, best_suppression=2.0, events=4)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return tmp_path


def add(shelf: Shelf, steps: int, best: int) -> int:
    weights = {"policy": {"weight": np.full(3, steps, np.float32)}}
    return shelf.add(replace(COURSE, steps=steps, next_measurement=steps + 10, best=best), weights)


def there(run: Path) -> list[str]:
    return sorted(path.name for path in (run / "checkpoints").iterdir() if path.name != RESERVE)


def test_the_newest_and_the_best_are_kept(run):
    shelf = Shelf(Folder(run), kept=2)
    for steps in range(10, 60, 10):
        size = add(shelf, steps, best=20 if steps >= 20 else 10)
    assert there(run) == ["20", "40", "50", "best", "last"]
    assert [os.readlink(run / "checkpoints" / name) for name in ("best", "last")] == ["20", "50"]
    assert size == sum(path.stat().st_size for path in (run / "checkpoints" / "50").iterdir())
    assert shelf.size() == (3, 3 * size)


def test_room_is_held_released_and_taken_again(run):
    shelf, reserve = Shelf(Folder(run), kept=2), run / "checkpoints" / RESERVE
    assert not shelf.release()
    size = add(shelf, 10, 10)
    assert reserve.stat().st_size == 2 * size + MARGIN  # it has grown to this from nothing
    assert reserve.stat().st_blocks * 512 >= size  # it is no hole
    assert shelf.release()
    assert not reserve.exists()
    add(shelf, 20, 10)
    assert reserve.stat().st_size >= size + MARGIN


def test_room_is_held_where_the_system_has_no_call_for_it(run, monkeypatch):
    monkeypatch.delattr(os, "posix_fallocate")
    size = add(Shelf(Folder(run), kept=2), 10, 10)
    reserve = run / "checkpoints" / RESERVE
    assert reserve.stat().st_size == 2 * size + MARGIN
    assert reserve.stat().st_blocks * 512 >= MARGIN  # it is no hole


def test_a_link_in_the_place_of_the_room_is_not_written_through(run):
    (run / "checkpoints").mkdir()
    (run / "checkpoints" / RESERVE).symlink_to(run / "outside")
    add(Shelf(Folder(run), kept=2), 10, 10)
    assert not (run / "outside").exists()


def test_the_newest_sound_one_is_given_back_and_named(run):
    shelf, said = Shelf(Folder(run), kept=3), []
    for steps in (10, 20, 30):
        add(shelf, steps, best=10)
    (run / "checkpoints" / "30" / "policy.safetensors").unlink()
    found = shelf.newest(said.append)
    assert found is not None
    assert (found[0].steps, found[0].best, found[1].tensors["policy"]["weight"][0]) == (20, 10, 20)
    assert len(said) == 1
    assert "30: policy.safetensors is missing\nIt is set aside as" in said[0]
    assert there(run) == ["10", "20", "30.damaged", "best", "last"]
    assert os.readlink(run / "checkpoints" / "last") == "20"


def test_without_the_best_one_it_knows_no_checkpoint_is_gone_on_from(run):
    shelf, said = Shelf(Folder(run), kept=3), []
    for steps, best in ((10, 10), (20, 20), (30, 20)):
        add(shelf, steps, best)
    (run / "checkpoints" / "20" / "policy.safetensors").unlink()
    found = shelf.newest(said.append)
    assert found is not None
    assert found[0].steps == 10
    assert "30: the best one so far is lost: checkpoint" in said[0]
    assert there(run) == ["10", "20.damaged", "30.damaged", "best", "last"]


def test_what_was_set_aside_before_gives_way(run):
    shelf, said = Shelf(Folder(run), kept=3), []
    add(shelf, 10, 10)
    (run / "checkpoints" / "10.damaged").mkdir()
    (run / "checkpoints" / "10" / "state.json").unlink()
    with pytest.raises(RunError, match="none of its checkpoints is sound"):
        shelf.newest(said.append)
    assert shelf.newest(said.append) is None
    assert [path.name for path in (run / "checkpoints" / "10.damaged").glob("p*")] == ["policy.safetensors"]


@pytest.mark.parametrize(
    ("before", "loss"),
    [
        ({}, -2.0),
        ({"best_product": None}, -2.0),
        ({"best_product": 30.0}, 30.0),
        ({"best_product": None, "best_order": 0.1}, 0.1),
        ({"best_suppression": None, "best_product": None, "best_order": None}, None),
    ],
)
def test_how_good_the_best_one_was_is_known_of_checkpoints_from_before(before, loss):
    now = asdict(COURSE)
    del now["best_loss"]
    course = Course.of({**now, **before})
    assert course == replace(COURSE, best_suppression=before.get("best_suppression", 2.0), best_loss=loss)
    assert Course.of(asdict(course)) == course


def test_checkpoints_that_lie_elsewhere_are_refused(run, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    add(Shelf(Folder(run), kept=3), 10, 10)
    (run / "checkpoints").rename(elsewhere / "checkpoints")
    (run / "checkpoints").symlink_to(elsewhere / "checkpoints")
    with pytest.raises(RunError, match="must be a folder, not a link"):
        Shelf(Folder(run), kept=3).newest(print)


def grow(shelf: Shelf, steps: int, size: int) -> int:
    return shelf.add(Course(steps, next_measurement=steps + 100), {"course": {"series": np.zeros(size, np.uint8)}})


def held(folder):
    return (folder / "checkpoints" / RESERVE).stat().st_size


def test_room_is_held_for_the_next_checkpoint_of_a_run_whose_state_grows(tmp_path):
    shelf = Shelf(Folder(tmp_path), 3)
    for k in range(1, 5):
        assert grow(shelf, 100 * k, 3 * MARGIN * k) < 3 * MARGIN * k + 2000
        assert 3 * MARGIN * (k + 1) < held(tmp_path) < 3 * MARGIN * (k + 1) + MARGIN + 4000


def test_no_more_room_is_held_when_the_state_grows_no_longer(tmp_path):
    shelf = Shelf(Folder(tmp_path), 3)
    for steps in (100, 200):
        size = grow(shelf, steps, 3 * MARGIN)
    assert held(tmp_path) == size + MARGIN
    assert bytes_of(Folder(tmp_path) / "checkpoints" / "200") == size


def test_room_that_is_not_there_is_not_taken_in_part(tmp_path, monkeypatch):
    """As ext4 does: it gives all that it has, and then says that this is not enough."""

    def partly(descriptor: int, offset: int, length: int, fallocate=os.posix_fallocate) -> None:
        fallocate(descriptor, offset, length // 2)
        raise OSError(28, "No space left on device")

    shelf = Shelf(Folder(tmp_path), 3)
    grow(shelf, 100, 100)
    before = held(tmp_path)
    monkeypatch.setattr("rldbs.runs.checkpoint_store.os.posix_fallocate", partly)
    grow(shelf, 200, 9 * MARGIN)
    assert held(tmp_path) == before


def test_a_smaller_state_holds_less(tmp_path):
    shelf = Shelf(Folder(tmp_path), 3)
    grow(shelf, 100, 3 * MARGIN)
    grow(shelf, 200, 10)
    assert held(tmp_path) < MARGIN + 2000
