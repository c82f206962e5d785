"""A sweep on a SLURM cluster: whatever happens to its jobs, it ends with the numbers of undisturbed runs."""

import csv
import os
import signal

import pytest

from rldbs.runs.find import read_meta
from tests.experiment.test_resume import same
from tests.slurm.cluster import until
from tests.slurm.sweeps import LONG, Sweep, interrupt, well_ended
from tests.torture.runs import ended

pytestmark = pytest.mark.slurm

STEPS = 20_480
"""So many that a run can be disturbed at work."""


def test_a_job_of_eight_that_is_requeued_ends_as_if_it_had_not_been(slurm, tmp_path, undisturbed):
    sweep = Sweep(slurm, tmp_path / "sweep", range(8), STEPS)
    with sweep.at_work(1) as command:
        slurm.ask("scontrol", "requeue", sweep.job(1))
        sweep.goes_on(1)
        said = well_ended(command)
    assert "8 jobs submitted" in said
    with open(sweep.folder / "results.csv", newline="") as file:
        assert sorted((row["seed"], row["status"]) for row in csv.DictReader(file)) == [
            (str(seed), "done") for seed in range(8)
        ]
    assert [sweep.restarts(seed) for seed in range(8)] == [0, 1, 0, 0, 0, 0, 0, 0]
    same(sweep.run(1), undisturbed(STEPS))


def test_a_job_whose_time_is_up_saves_itself_and_goes_on(slurm, tmp_path, undisturbed):
    times = ["hydra.launcher.timeout_min=2", "hydra.launcher.signal_delay_s=110"]
    sweep = Sweep(slurm, tmp_path / "sweep", [1], STEPS, times)
    with sweep.at_work(1) as command:
        process = read_meta(sweep.run(1))["pid"]
        os.kill(process, signal.SIGSTOP)  # it must not end before; SLURM lets it go on when it tells it
        sweep.goes_on(1)
        slurm.ask("scontrol", "update", f"JobId={sweep.job(1)}", "TimeLimit=10")
        well_ended(command)
    assert sweep.restarts(1) == 1
    same(sweep.run(1), undisturbed(STEPS))


def test_a_job_that_is_told_to_make_room_goes_back_into_the_queue_by_itself(slurm, tmp_path, undisturbed):
    sweep = Sweep(slurm, tmp_path / "sweep", [1], STEPS)
    with sweep.at_work(1) as command:
        slurm.ask("scancel", "--signal=USR2", sweep.job(1))
        sweep.goes_on(1)
        well_ended(command)
    assert sweep.restarts(1) == 1
    same(sweep.run(1), undisturbed(STEPS))


def test_a_job_goes_on_when_the_one_that_was_more_urgent_has_ended(slurm, tmp_path, undisturbed):
    sweep = Sweep(slurm, tmp_path / "sweep", [1], STEPS)
    with sweep.at_work(1) as command:
        slurm.ask("sbatch", "--partition=urgent", "--cpus-per-task=2", "--output=/dev/null", "--wrap=sleep 1")
        sweep.goes_on(1)
        well_ended(command)
    assert sweep.restarts(1) == 1
    same(sweep.run(1), undisturbed(STEPS))


def test_a_job_whose_process_was_killed_is_submitted_again(slurm, tmp_path, undisturbed):
    sweep = Sweep(slurm, tmp_path / "sweep", [1], STEPS)
    with sweep.at_work(1) as command:
        first = sweep.job(1)
        os.kill(read_meta(sweep.run(1))["pid"], signal.SIGKILL)  # the node is this machine
        well_ended(command)
    assert sweep.job(1) != first
    same(sweep.run(1), undisturbed(STEPS))


def test_the_queue_keeps_the_jobs_when_the_command_is_left_and_they_are_not_submitted_twice(slurm, tmp_path):
    sweep = Sweep(slurm, tmp_path / "sweep", range(4), STEPS)
    with sweep.at_work(1) as command:
        before = {seed: sweep.job(seed) for seed in sweep.seeds}
        status, complaint = interrupt(command)
    assert status == 130
    assert f"to take them out of it: scancel {before[0].partition('_')[0]}" in complaint
    assert set(slurm.jobs()) >= {before[2], before[3]}
    said = well_ended(sweep.begin())
    assert "0 jobs submitted, " in said
    assert {seed: sweep.job(seed) for seed in sweep.seeds} == before
    assert [sweep.status(seed) for seed in sweep.seeds] == ["done"] * 4
    numbers = slurm.ask("scontrol", "--oneliner", "show", "jobs")
    assert numbers.count("\n") == 4


def test_a_run_whose_job_was_cancelled_is_told_and_left_until_the_sweep_is_resumed(slurm, tmp_path):
    sweep = Sweep(slurm, tmp_path / "sweep", range(3), STEPS)
    with sweep.at_work(1) as command:
        slurm.ask("scancel", sweep.job(1))
        slurm.ask("scancel", sweep.job(2))
        status, _, complaint = ended(command)
    assert status == 1
    for seed in (1, 2):
        assert f"seed={seed}: its job {sweep.job(seed)} was cancelled" in complaint
    before = sweep.job(0)
    said = well_ended(sweep.resume())
    assert "2 jobs submitted" in said
    assert sweep.job(0) == before
    assert [sweep.status(seed) for seed in sweep.seeds] == ["done"] * 3


def test_a_run_whose_time_was_up_too_often_says_so(slurm, tmp_path):
    times = ["hydra.launcher.max_num_timeout=0", "hydra.launcher.timeout_min=5"]
    sweep = Sweep(slurm, tmp_path / "sweep", [1], STEPS, times)
    with sweep.at_work(1) as command:
        slurm.ask("scancel", "--signal=USR2", sweep.job(1))
        status, _, complaint = ended(command)
    assert status == 1
    assert "timed-out too many times" in complaint
    assert sweep.status(1) == "interrupted"


def test_why_jobs_wait_is_told(slurm, tmp_path):
    slurm.ask("sbatch", "--cpus-per-task=2", "--output=/dev/null", "--wrap=sleep 25")
    until(lambda: "RUNNING" in slurm.jobs().values(), "the other job", seconds=LONG)
    sweep = Sweep(slurm, tmp_path / "sweep", [1], 1024)
    assert "jobs are waiting in the queue: Resources" in well_ended(sweep.begin())


def test_what_slurm_does_not_take_is_told_in_its_words(slurm, tmp_path):
    sweep = Sweep(slurm, tmp_path / "sweep", [1], STEPS, ["hydra.launcher.partition=nowhere"])
    status, _, complaint = ended(sweep.begin())
    assert status == 1
    assert "SLURM does not take the jobs: " in complaint
    assert "nowhere" in complaint or "partition" in complaint
