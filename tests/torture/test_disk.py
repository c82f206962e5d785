"""A disk that is full, locked or gone ends a run with one message, and costs it no more than a rollout."""

import os
import random
import resource
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.experiment.test_train import rows
from tests.torture.runs import appears, check_same, command, ended, resumed, start, steps_saved, wait_for, whole

pytestmark = pytest.mark.torture


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "none", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"needs a file system of its own, which takes root: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("case", range(3))
def test_a_run_on_a_full_disk_saves_itself_and_goes_on_when_there_is_room(case, reference, disk):
    agent, hard = ("ppo", "sac")[case % 2], case > 1
    folder, chance = disk / "run", random.Random(case)
    process = start(command(folder, agent, hard))
    assert wait_for(process, appears(folder, "checkpoints/1024"))
    time.sleep(chance.uniform(0, 0.5))
    fill(disk)
    full = steps_saved(folder)
    _one_message(ended(process), folder)
    assert steps_saved(folder) >= full
    assert int(rows(folder)[-1]["steps"]) == steps_saved(folder)
    assert process.returncode == 1
    (disk / "ballast").unlink()
    whole(resumed(folder))
    check_same(folder, reference(agent, hard).folder)


def test_a_disk_that_is_full_for_the_last_measurement_keeps_what_was_learned(reference, disk):
    folder = disk / "run"
    process = start(command(folder))
    assert wait_for(process, appears(folder, "checkpoints/last"))
    assert wait_for(process, appears(folder, "evaluation/~final"))
    fill(disk)
    _one_message(ended(process), folder)
    (disk / "ballast").unlink()
    whole(resumed(folder))
    check_same(folder, reference("ppo", False).folder)


def test_a_disk_that_is_full_from_the_beginning_is_said_so(disk):
    fill(disk)
    status, _, complaint = ended(start(command(disk / "run")))
    assert status == 1
    assert "No space left on device" in complaint
    assert "Traceback" not in complaint
    assert "rldbs resume" not in complaint


def test_output_that_cannot_be_written_does_not_stop_a_run(reference, disk, tmp_path):
    fill(disk)
    with open(disk / "said", "w") as file:
        status = subprocess.run(command(tmp_path / "run"), stdout=file, stderr=file, check=False).returncode
    assert status == 1  # all is done, but it could not be told
    check_same(tmp_path / "run", reference("ppo", False).folder)


def test_a_folder_that_cannot_be_written_is_said_so(disk):
    folder = disk / "run"
    process = start(command(folder))
    assert wait_for(process, appears(folder, "checkpoints/last"))
    process.kill()
    ended(process)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    _one_message(ended(start(resumed(folder))), folder)
    status, _, complaint = ended(start(command(disk / "other")))
    assert (status, complaint.count("\n")) == (2, 1)
    assert f"{disk / 'other'}: cannot be created: Read-only file system" in complaint


def test_a_run_whose_folder_is_moved_says_so_and_goes_on_where_it_is(reference, tmp_path):
    folder, elsewhere = tmp_path / "run", tmp_path / "elsewhere"
    process = start(command(folder))
    assert wait_for(process, appears(folder, "checkpoints/last"))
    folder.rename(elsewhere)
    status, _, complaint = ended(process)
    assert status == 1
    assert f"{folder}: was removed or replaced" in complaint or "No such file or directory" in complaint
    assert "Traceback" not in complaint
    whole(resumed(elsewhere))
    check_same(elsewhere, reference("ppo", False).folder)


def test_a_run_whose_folder_is_deleted_says_so(tmp_path):
    folder = tmp_path / "run"
    process = start(command(folder))
    assert wait_for(process, appears(folder, "checkpoints/last"))
    while folder.exists():
        shutil.rmtree(folder, ignore_errors=True)  # the run may just be writing into it
    status, _, complaint = ended(process)
    assert status == 1
    assert f"{folder}: was removed or replaced" in complaint or "No such file or directory" in complaint
    assert "Traceback" not in complaint
    assert not folder.exists()


def test_files_that_may_not_grow_end_a_run_with_a_message(reference, tmp_path):
    folder = tmp_path / "run"
    process = subprocess.Popen(
        command(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
    )
    _one_message(ended(process), folder)
    whole(resumed(folder))
    check_same(folder, reference("ppo", False).folder)


def fill(disk: Path) -> None:
    """Leave no room on a disk."""
    with open(disk / "ballast", "ab", buffering=0) as file:
        try:
            for size in (65536, 4096):
                while True:
                    file.write(os.urandom(size))
        except OSError:
            return


def _one_message(result: tuple[int, str, str], folder: Path) -> None:
    status, _, complaint = result
    assert status == 1, complaint
    assert "Traceback" not in complaint
    assert complaint.count("rldbs: ") == 1
    assert f"rldbs resume {folder}" in complaint
