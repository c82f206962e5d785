"""Beginning a sweep, or going on with the one that is the same."""

from dataclasses import replace
from pathlib import Path

from rldbs.core.errors import RunError
from rldbs.files.folder import Folder
from rldbs.runs.clock import now
from rldbs.runs.configuration import check_same
from rldbs.runs.new_folder import new_folder
from rldbs.runs.places import SWEEPS
from rldbs.runs.record import read_config, write_config
from rldbs.sweep.definition import ANY, Definition
from rldbs.sweep.find_sweep import list_sweeps
from rldbs.sweep.sweep_folder import FILE, LOGS, Sweep, directory_of, read_sweep, save_sweep


def open_sweep(definition: Definition) -> Sweep:
    """The sweep that a definition is of, in a new folder or in the one where it has begun; its runs are prepared.

    Runs that are not in the folder yet are added to it.

    Raises:
        RunError: in its folder there is something else, or a run with other settings.
    """
    sweep = _found(definition) or Sweep(
        _new(definition), now(), definition.fixed, definition.keys, (), (), directory_of(definition)
    )
    order = [definition.keys.index(key) for key in sweep.keys]
    jobs = {replace(job, values=tuple(job.values[k] for k in order)): config for job, config in definition.jobs.items()}
    there = {job.values: job for job in sweep.jobs}
    for job, config in jobs.items():
        run = sweep.run(there.get(job.values, job))
        if run.has("config.yaml"):
            check_same(run, read_config(run), config, ANY, "Remove it, or name another hydra.sweep.dir=DIR")
    added = tuple(job for job in jobs if job.values not in there)
    sweep = replace(sweep, jobs=(*sweep.jobs, *added), hydra=definition.hydra)
    save_sweep(sweep)
    (sweep.place / LOGS).make()
    for job, config in jobs.items():
        run = sweep.run(there.get(job.values, job))
        if not run.has("config.yaml"):
            write_config(run.make(), config)
    return sweep


def _found(definition: Definition) -> Sweep | None:
    """The sweep that has begun already, in the folder that the user names or else the newest that it is the same as.

    Raises:
        RunError: in the folder that the user names, there is something else.
    """
    if definition.folder is None:
        return next((sweep for sweep in list_sweeps(SWEEPS) if sweep.is_of(definition)), None)
    folder = definition.folder
    if Folder(folder).kind(FILE) is None:
        return None
    sweep = read_sweep(folder)
    if not sweep.is_of(definition):
        raise RunError(f"{folder}: {_differing(sweep, definition)}\nName another hydra.sweep.dir=DIR")
    return sweep


def _differing(sweep: Sweep, definition: Definition) -> str:
    """In what a sweep is another one than a definition."""
    if sorted(sweep.keys) != sorted(definition.keys):
        return (
            f"is a sweep over {', '.join(sweep.keys) or 'nothing'}, not over {', '.join(definition.keys) or 'nothing'}"
        )
    for key in {**sweep.fixed, **definition.fixed}:
        here, wanted = sweep.fixed.get(key), definition.fixed.get(key)
        if here != wanted:
            return f"is a sweep with {key}={here or '(the default)'}, not {wanted or '(the default)'}"
    return f"is a sweep with --config-dir {sweep.directory or '(none)'}, not {directory_of(definition) or '(none)'}"


def _new(definition: Definition) -> Path:
    folder = definition.folder
    if folder is None:
        return new_folder(SWEEPS, None).resolve()
    try:
        if Folder(folder).make().names():
            raise RunError(f"{folder}: there is something in it, and it is no sweep; name a new folder")
    except OSError as error:
        raise RunError(f"{folder}: cannot be created: {error.strerror}") from None
    return folder.resolve()
