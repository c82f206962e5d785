"""``rldbs train -m`` and ``rldbs resume SWEEP``: every run that is not done yet, and what has become of them."""

import multiprocessing
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from rich.console import Console

from rldbs.config.checked_records import checked
from rldbs.config.overrides import read_overrides
from rldbs.core.errors import RldbsError, RunError, SettingError
from rldbs.experiment.command_settings import TrainSettings
from rldbs.process.console import screen
from rldbs.process.plurals import counted
from rldbs.process.shell import to_type
from rldbs.process.stop import NOTICE, Stopped, stop_requests
from rldbs.runs.find import read_meta
from rldbs.runs.lock import sole
from rldbs.runs.log_tail import last_words, length
from rldbs.runs.physics import check_physics
from rldbs.sweep import ray, slurm_queue
from rldbs.sweep.definition import Job, define
from rldbs.sweep.engines import Engine, engine
from rldbs.sweep.job import stopping
from rldbs.sweep.launcher import check_launcher, launch
from rldbs.sweep.open_sweep import open_sweep
from rldbs.sweep.results import RESULTS, Results, remove_unfinished_results
from rldbs.sweep.sweep_folder import Sweep
from rldbs.sweep.watch import PAUSE, Watch

MOST_DEATHS = 2
"""How often the process of a run may die until the run is given up."""
LAUNCHER = ("hydra/launcher", "hydra.launcher.")
"""Settings that may be other when a sweep is gone on with, beside threads."""


def run_sweep(overrides: Sequence[str], directory: Path | None, console: Console | None = None) -> None:
    """Train once for every combination of the values in ``overrides``, or go on with that.

    All combinations are checked before the first run starts.

    Args:
        overrides: ``KEY=VALUE``, or several values.
        directory: with groups and options of the user's own.
        console: where is said how far it is.

    Raises:
        SettingError: an override is not allowed.
        RunError: the folder holds something else, or another process works on the sweep.
        RldbsError: runs have failed.
        Stopped: a signal came; the same command goes on.
    """
    definition = define(overrides, directory)
    check_launcher(engine(definition.hydra, definition.threads, len(definition.jobs)).hydra)
    sweep = open_sweep(definition)
    _work(sweep, definition.hydra, definition.threads, console or screen())


def resume_sweep(sweep: Sweep, overrides: Sequence[str], console: Console | None = None) -> None:
    """Go on with a sweep.

    Args:
        sweep: the sweep.
        overrides: ``threads=N``, and settings of the launcher.
        console: where is said how far it is.

    Raises:
        SettingError: an override would change what the sweep is.
        RunError: another process works on the sweep, or it was cut off before its runs were prepared.
        RldbsError: runs have failed.
        Stopped: a signal came.
    """
    threads, hydra = None, []
    for override in read_overrides("train", overrides):
        text = str(override.input_line)
        if override.is_sweep_override():
            raise SettingError(f"{text}: one value is needed")
        if override.key_or_group == "threads":
            threads = checked(TrainSettings, {"threads": override.value()}, ("threads",))["threads"]
        elif text.startswith(LAUNCHER):
            hydra.append(text)
        else:
            raise SettingError(
                f"{text}: a resumed sweep stays what it is; only threads and settings of hydra/launcher may change\n"
                "To add values, give the command of the sweep with them: rldbs train -m"
            )
    if any(not sweep.run(job).has("config.yaml") for job in sweep.jobs):
        raise RunError(f"{sweep.name}: was cut off before all its runs were prepared; give its command again")
    chosen = any(text.startswith("hydra/launcher=") for text in hydra)
    if not chosen:
        ray.check_stored(sweep.hydra, hydra)
    _work(sweep, hydra if chosen else [*sweep.hydra, *hydra], threads, console or screen())


def _work(sweep: Sweep, hydra: Sequence[str], threads: int | None, console: Console) -> None:
    """Do every run that is not done, and say what has become of them.

    Raises:
        As :func:`run_sweep`.
    """
    with sole(sweep.place) as lock:
        remove_unfinished_results(lock.held)
        for job in sweep.jobs:
            check_physics(
                sweep.run(job), read_meta(sweep.run(job)), "Give the command of the sweep with another folder"
            )
        done = [job for job in sweep.jobs if sweep.status(job) == "done"]
        jobs = [job for job in sweep.jobs if job not in done]
        console.print(f"sweep    {sweep.name}", highlight=False, soft_wrap=True, markup=False)
        already = f", {len(done)} of them done already" if done else ""
        count = len(sweep.jobs)
        console.print(f"{count} run{'' if count == 1 else 's'}{already}", highlight=False)
        with closing(Results(sweep, done)) as results:
            watch = Watch(sweep, jobs, len(done), results, console)
            if jobs:
                chosen = engine(hydra, threads, len(jobs))
                console.print(chosen.plan, highlight=False)
                with watch:
                    _do(sweep, chosen, watch)
        console.print(f"results  {sweep.name}/{RESULTS}", highlight=False, soft_wrap=True, markup=False)
        compare = to_type("compare", f"sweep={sweep.short}")
        console.print(f"compare  {compare}", highlight=False, soft_wrap=True, markup=False)
        if watch.failed:
            raise RldbsError(_failures(sweep, watch))


def _do(sweep: Sweep, chosen: Engine, watch: Watch) -> None:
    """Start the runs until each has ended: again where a process died, later where one is still at work on a run.

    Raises:
        RldbsError: the launcher does not work.
        Stopped: a signal came.
    """
    deaths: Counter[Job] = Counter()
    while watch.left:
        running = [] if chosen.queued else watch.running()
        waiting = {job: watch.changed(job) for job in watch.left if job not in running}
        lengths = {job: length(sweep.log(job)) for job in waiting}
        with _stoppable(sweep, watch, chosen):
            given_up, cause = _launched(sweep, chosen, watch, list(waiting)) if waiting else ({}, "")
            while not waiting and watch.running() and stopping.number is None:
                time.sleep(PAUSE)
        watch.look()
        left = [job for job in waiting if job in watch.left and sweep.status(job) != "running"]
        if cause:
            watch.say(f"A process has died: {cause}\nThe runs that were at work go on from their newest checkpoints")
        if cause and not any(watch.changed(job) != before for job, before in waiting.items()):
            raise RldbsError(f"hydra/launcher={chosen.name}: {cause}")
        for job in left:
            if sweep.run(job).path in given_up:
                watch.fail(job, given_up[sweep.run(job).path])
                continue
            begun = watch.changed(job) != waiting[job]
            deaths[job] += begun or not cause  # one that did not come to its turn before others died is not to blame
            if deaths[job] >= MOST_DEATHS:
                said = last_words(sweep.log(job), lengths[job])
                watch.fail(job, f"its process died: {cause}" if begun and cause else said)


def _launched(sweep: Sweep, chosen: Engine, watch: Watch, jobs: Sequence[Job]) -> tuple[Mapping[Path, str], str]:
    """Have a launcher do runs; those that it gave up, and what it raised when it lost the process of one."""
    try:
        runs = [sweep.run(job).path for job in jobs]
        return launch(sweep.folder, runs, chosen.threads, chosen.hydra, watch.say), ""
    except RldbsError:
        raise
    except KeyboardInterrupt:  # that of a process whose run had not begun; this one has a handler of its own
        stopping.number = stopping.number or signal.SIGINT
        return {}, ""
    except Exception as error:
        return {}, " ".join(f"{type(error).__name__}: {error}".split())[:200]


@contextmanager
def _stoppable(sweep: Sweep, watch: Watch, chosen: Engine) -> Iterator[None]:
    """Let the first signal ask every run to save itself, and then end the sweep; jobs in a queue are left there.

    It is passed on to the processes of this sweep on this machine; elsewhere their engine tells them. As Ctrl-C
    comes from a terminal to them too, it is passed on as a notice, which is never one signal too many.

    Raises:
        Stopped: a signal came.
    """
    over = threading.Event()
    passing = threading.Thread(target=_pass_on, args=(sweep, watch, chosen, over), daemon=True)
    passing.start()
    try:
        with stop_requests(stopping):
            yield
    except Stopped as stop:
        said = str(stop) or "Stopped. The runs that had begun have saved themselves"
        if chosen.queued:
            said = f"The jobs stay in the queue; to take them out of it: scancel {slurm_queue.arrays(sweep.folder)}"
        raise Stopped(f"{said}\nGo on with: {to_type('resume', Path(sweep.name))}", stop.number) from None
    finally:
        over.set()
        passing.join()
        stopping.number = None


def _pass_on(sweep: Sweep, watch: Watch, chosen: Engine, over: threading.Event) -> None:
    """Say that a signal has come, and pass it on to the processes of the runs on this machine, once to each."""
    told: set[tuple[Job, int]] = set()
    said = False
    while not over.wait(PAUSE):
        if stopping.number is None or chosen.queued:
            continue
        if not said:
            watch.say("Every run that has begun saves itself first. Once more stops at once.")
            said = True
        with suppress(OSError, RunError):  # a process that has ended, a folder that is gone
            for job, process in _at_work(sweep, watch) - told:
                told.add((job, process))
                os.kill(process, NOTICE)


def _at_work(sweep: Sweep, watch: Watch) -> set[tuple[Job, int]]:
    """The runs on which processes work that this one has started, with the processes.

    What a run's folder says of its process is believed of these alone.
    """
    own = {child.pid for child in multiprocessing.active_children()}
    found = ((job, read_meta(sweep.run(job)).get("pid")) for job in watch.running())
    return {(job, process) for job, process in found if process is not None and process in own}


def _failures(sweep: Sweep, watch: Watch) -> str:
    lines = [f"{job.name}: {reason}\n  log: {sweep.log(job)}" for job, reason in watch.failed.items()]
    again = f"To try them again: {to_type('resume', Path(sweep.name))}"
    return "\n".join([f"{len(watch.failed)} of {counted(len(sweep.jobs), 'run')} failed", *lines, again])
