"""The runs of a sweep as SLURM's jobs, as far as that can be told without a cluster."""

import json
import os
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from rldbs.config.settings_files import source
from rldbs.core.errors import RldbsError, SettingError
from rldbs.process.stop import SIGNALS
from rldbs.sweep import slurm, slurm_queue
from rldbs.sweep.engines import engine
from rldbs.sweep.run_sweep import run_sweep

CHOSEN = "hydra/launcher=submitit_slurm"


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """SLURM's commands, which answer what they are told to."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setattr(slurm, "find_spec", lambda name: object())

    def answer(program: str, text: str, status: int = 0) -> None:
        (folder / "answer").write_text(text)
        path = folder / program
        path.write_text(f"#!/bin/sh\ncat '{folder}/answer' >&{1 if status == 0 else 2}\nexit {status}\n")
        path.chmod(0o755)

    for name in ("sbatch", "squeue", "srun"):
        answer(name, "")
    return answer


def submitted(sweep: Path, **jobs: str) -> None:
    (sweep / slurm_queue.FILE).write_text(json.dumps(jobs))


def launcher(**changes: object) -> dict[str, object]:
    """The settings that come with the package, with changes."""
    settings = source("hydra/launcher/submitit_slurm")
    assert settings is not None
    return {**settings.values, **changes}


def test_the_settings_that_come_with_the_package_are_allowed(programs):
    assert slurm.check(launcher()).cpus_per_task is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"timeout_min": 0}, "hydra.launcher.timeout_min=0: must be a whole number of 1 or more"),
        ({"mem_gb": -1}, "hydra.launcher.mem_gb=-1: must be a number above 0 or null"),
        ({"comment": "fine\nreboot"}, r"hydra\.launcher\.comment=fine.*reboot: must be a single line"),
        ({"partition": True}, "hydra.launcher.partition=true: must be text or a whole number or null"),
    ],
)
def test_a_setting_that_slurm_could_not_mean_is_refused(programs, changes, message):
    with pytest.raises(SettingError, match=message):
        slurm.check(launcher(**changes))


def test_a_job_imports_nothing_from_the_folder_in_which_it_begins(programs, tmp_path, monkeypatch):
    seen = {}

    class Executor:
        def __init__(self, folder: Path, **settings: object) -> None:
            seen.update(settings)

        def update_parameters(self, **parameters: object) -> None:
            seen.update(parameters)

    utils = SimpleNamespace(FailedJobError=OSError, FailedSubmissionError=OSError)
    monkeypatch.setitem(sys.modules, "submitit", SimpleNamespace(AutoExecutor=Executor))
    monkeypatch.setitem(sys.modules, "submitit.core.utils", utils)
    monkeypatch.setattr(sys, "executable", "/opt/my python/bin/python3")
    slurm._submit(tmp_path, [], 1, slurm.check(launcher()))
    assert seen["slurm_python"] == "'/opt/my python/bin/python3' -P"


def test_a_missing_extra_is_named_in_one_line_and_nothing_is_begun(tmp_path, monkeypatch):
    monkeypatch.setattr(slurm, "find_spec", lambda name: None)
    with pytest.raises(SettingError) as error:
        run_sweep([CHOSEN, "seed=1,2", f"hydra.sweep.dir={tmp_path / 'sweep'}"], None)
    assert (
        str(error.value) == "hydra/launcher=submitit_slurm needs submitit: pip install submitit hydra-submitit-launcher"
    )
    assert not (tmp_path / "sweep").exists()


def test_a_machine_without_slurm_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(slurm, "find_spec", lambda name: object())
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SettingError, match="there is no SLURM on this machine: sbatch is not found"):
        run_sweep([CHOSEN, "seed=1,2", f"hydra.sweep.dir={tmp_path / 'sweep'}"], None)


@pytest.mark.parametrize(
    ("hydra", "threads", "expected"),
    [((), None, 1), (("hydra.launcher.cpus_per_task=4",), None, 4), (("hydra.launcher.cpus_per_task=4",), 2, 2)],
)
def test_a_run_has_as_many_threads_as_its_job_has_cores(hydra, threads, expected):
    chosen = engine([CHOSEN, *hydra], threads, 8)
    assert (chosen.threads, chosen.queued, chosen.at_once) == (expected, True, None)


@pytest.mark.parametrize("name", ["50%j", "a\nb"])
def test_a_folder_that_slurm_would_misread_is_refused(tmp_path, programs, name):
    with pytest.raises(SettingError, match="must have no % in its path"):
        slurm.do(tmp_path / name, [], 1, launcher(), print)


def test_cores_must_be_a_number():
    with pytest.raises(SettingError, match="cpus_per_task=many: must be a number of cores"):
        engine([CHOSEN, "hydra.launcher.cpus_per_task=many"], None, 8)


def test_only_jobs_of_the_sweep_that_are_in_the_queue_are_queued(tmp_path, programs):
    programs("squeue", "7_0|RUNNING|None\n7_2|PENDING|Resources\n7_3|PENDING|None\n9|PENDING|Priority\n")
    assert slurm_queue.queued(tmp_path) == {}
    submitted(tmp_path, a="7_0", b="7_1", c="7_2", d="7_3")
    assert slurm_queue.queued(tmp_path) == {"a": "", "c": "Resources", "d": ""}
    assert slurm_queue.arrays(tmp_path) == "7"


def test_a_queue_that_does_not_answer_is_an_error(tmp_path, programs):
    submitted(tmp_path, a="7")
    programs("squeue", "slurm_load_jobs error: Unable to contact slurm controller", status=1)
    with pytest.raises(RldbsError, match="squeue: slurm_load_jobs error: Unable to contact"):
        slurm_queue.queued(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", '{"a": 7}', '{"a": "7; reboot"}'])
def test_a_file_of_jobs_that_is_none_is_refused(tmp_path, content):
    (tmp_path / slurm_queue.FILE).write_text(content)
    with pytest.raises(RldbsError, match=r"slurm\.json: "):
        slurm_queue.queued(tmp_path)


def test_a_job_that_is_missing_from_one_look_at_the_queue_is_waited_for(tmp_path, monkeypatch):
    looks = iter([{"a": ""}, {}, {"a": "BeginTime"}, {}, {}])
    monkeypatch.setattr(slurm, "queued", lambda sweep: next(looks))
    monkeypatch.setattr(slurm, "EVERY", 0)
    monkeypatch.setattr(slurm, "PAUSE", 0)
    said: list[str] = []
    slurm._wait(tmp_path, [tmp_path / "a"], said.append)
    assert said == ["jobs are waiting in the queue: BeginTime"]
    assert list(looks) == []


def test_a_queue_that_does_not_answer_is_told_once_and_waited_for(tmp_path, monkeypatch):
    answers = iter([None, None, {}, {}])

    def queued(sweep: Path) -> dict[str, str]:
        answer = next(answers)
        if answer is None:
            raise RldbsError("squeue: busy")
        return answer

    monkeypatch.setattr(slurm, "queued", queued)
    monkeypatch.setattr(slurm, "EVERY", 0)
    monkeypatch.setattr(slurm, "PAUSE", 0)
    said: list[str] = []
    slurm._wait(tmp_path, [tmp_path / "a"], said.append)
    assert said == ["squeue: busy; waiting until it answers"]


def test_who_sits_in_a_job_does_not_pass_its_resources_on(monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "5")
    monkeypatch.setenv("SLURM_CONF", "/etc/slurm.conf")
    monkeypatch.setenv("SBATCH_ACCOUNT", "neuro")
    with slurm._outside_of_a_job():
        assert "SLURM_JOB_ID" not in os.environ
        assert os.environ["SLURM_CONF"] == "/etc/slurm.conf"
        assert os.environ["SBATCH_ACCOUNT"] == "neuro"
    assert os.environ["SLURM_JOB_ID"] == "5"


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGUSR2, True), (signal.SIGTERM, False), (None, False)])
def test_only_a_notice_gives_a_job_back_to_the_queue(monkeypatch, number, expected):
    before = {each: signal.getsignal(each) for each in SIGNALS}
    requeued = []
    signal.signal(signal.SIGUSR2, lambda *_: requeued.append(True))
    monkeypatch.setattr(slurm, "do_run", lambda *_: monkeypatch.setattr(slurm.stopping, "number", number))
    try:
        slurm.Task("/sweep/run", 1)()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    assert bool(requeued) is expected
