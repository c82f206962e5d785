"""Training and measuring from Python: the commands ``train``, ``evaluate`` and ``resume`` with Python arguments.

What comes out are their folders, and their bits. Nothing is shown unless it is asked for.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from rldbs.commands.evaluate import FOLDER, TAKEN, evaluation
from rldbs.commands.resume import resume_training
from rldbs.commands.train import train_one
from rldbs.config.groups import groups, keys, leaves
from rldbs.config.overrides import check_directory, directories, override_text
from rldbs.config.python_arguments import split, texts
from rldbs.config.recorded_sections import SECTIONS, recorded_sections
from rldbs.core.errors import SettingError, shown
from rldbs.environments import Named
from rldbs.files.user_file import clear_output
from rldbs.process.console import screen
from rldbs.process.terminal import check_arguments
from rldbs.runs.record import KEPT
from rldbs.scripting.evaluation import Evaluation
from rldbs.scripting.global_randomness import kept_randomness
from rldbs.scripting.loaded_run import Run, found
from rldbs.scripting.python_errors import told_in_python


def train(
    model: str | None = None,
    agent: str | None = None,
    steps: int | None = None,
    *,
    folder: Named | None = None,
    config_dir: Named | None = None,
    progress: bool = False,
    **overrides: Any,
) -> Run:
    """Train a controller, then measure its best checkpoint: as ``rldbs train`` does it, and with the same bits.

    Ctrl-C, and the button of a notebook, finish the rollout and save; :func:`resume` goes on. The global generators of
    Python, NumPy and torch are left as they were.

    Args:
        model: name of a neuron model; ``bvdp``, or that of an experiment, where it is None.
        agent: name of a learner; ``ppo``, or that of an experiment, where it is None.
        steps: the budget in environment steps, all environments together.
        folder: the run folder, a new one; under ``runs/`` where it is None.
        config_dir: a directory with groups and options of one's own.
        progress: whether it is shown how training goes: a panel on a terminal, lines anywhere else.
        **overrides: settings by dotted key, by unique last part of it, or a group's option by the group's name:
            ``seed=1``, ``neurons=200``, ``reward="setpoint"``, ``experiment="noisy"``, ``**{"agent.gamma": 0.9}``.

    Returns:
        The run.

    Raises:
        SettingError: an argument is not allowed.
        RunError: the folder is in use.
        DivergedError: the policy or too many populations went out of bounds; the checkpoints so far are kept.
        StorageError, NoMemoryError: there is no room; likewise.
        KeyboardInterrupt: it was interrupted, and has saved itself.

    Example:
        >>> run = rldbs.train("hr", agent="ppo", steps=3_000_000, seed=1)
        >>> run.progress["suppression"]
    """
    own = _directory(config_dir)
    named = {"model": model, "agent": agent, "steps": steps}
    given = {**{key: value for key, value in named.items() if value is not None}, **overrides}
    words = command_words("train", given, own)
    if folder is not None:
        words.append(override_text(FOLDER, _path("folder", folder)))
    check_arguments(words)
    where = "" if folder is None else repr(_path("folder", folder))
    with told_in_python(f"In Python: rldbs.resume({where})"), kept_randomness():
        path = train_one(words, own, _console(progress))
    return Run(Path(os.path.abspath(path)))


def resume(run: Named = "last", steps: int | None = None, threads: int | None = None, *, progress: bool = False) -> Run:
    """Go on with a training run that was interrupted, or with a larger budget with one that has reached its end: as
    ``rldbs resume`` does it. It ends with the numbers of one that was never interrupted.

    Args:
        run: a path, the beginning of a name, what :func:`load` gives; or ``last``, the newest that is not at its end.
        steps: a larger budget.
        threads: other threads; no result depends on them.
        progress: as for :func:`train`.

    Returns:
        The run.

    Raises:
        RunError: there is no such run, it has reached its budget, or another process works on it.
        SettingError: the budget is smaller than it was.
        DivergedError, StorageError, NoMemoryError, KeyboardInterrupt: as for :func:`train`.

    Example:
        >>> run = rldbs.resume(run, steps=4_000_000)
    """
    given = {"steps": steps, "threads": threads}
    words = [override_text(key, value) for key, value in given.items() if value is not None]
    name = _path("run", run)
    check_arguments([name, *words])
    with told_in_python(f"In Python: rldbs.resume({'' if name == 'last' else repr(name)})"), kept_randomness():
        path = resume_training(name, words, _console(progress))
    return Run(Path(os.path.abspath(path)))


def evaluate(
    model_or_run: Named | None = None,
    agent: str | None = None,
    *,
    folder: Named | None = None,
    config_dir: Named | None = None,
    progress: bool = False,
    **overrides: Any,
) -> Evaluation:
    """Measure a controller: free, stimulated, relaxed, on populations that training has not seen; as ``rldbs evaluate``
    does it, and with the same bits.

    Args:
        model_or_run: the name of a neuron model, for a controller that needs no training; or a run: a path, the
            beginning of a name, ``last``, ``zoo:NAME``, or what :func:`load` and :func:`train` give. None is the newest
            run, or the default model where there is an agent.
        agent: name of a controller that needs no training; with a run, it is measured in the environment of that.
        folder: a run folder of its own, a new one. Where it is None, the evaluation goes into the folder of its run, or
            into a new one under ``runs/``.
        config_dir: as for :func:`train`.
        progress: whether it is shown how far it is, and the table.
        **overrides: settings as for :func:`train`: ``coupling=0.1``, ``checkpoint="last"``, ``name="weaker"``, ….

    Returns:
        The evaluation.

    Raises:
        SettingError: an argument is not allowed.
        RunError: there is no such run, it has no such checkpoint, or there is another evaluation of that name.
        DivergedError: a population went out of bounds.
        StorageError, NoMemoryError: there is no room.

    Example:
        >>> rldbs.evaluate("hr", agent="pd").iqm()["suppression"]
        >>> rldbs.evaluate("zoo:hr-ppo", coupling=0.25, threads=2).trajectory
    """
    own = _directory(config_dir)
    words = _evaluation_words(model_or_run, {**overrides, **({} if agent is None else {"agent": agent})}, own)
    if folder is not None:
        words.append(f"{FOLDER}={_path('folder', folder)}")
    check_arguments(words)
    with told_in_python():
        settings, run, json_file = evaluation(words, own)
        from rldbs.experiment.evaluate import measure_run

        with clear_output(json_file):
            _, place = measure_run(settings, run, json_file, _console(progress))
    return Evaluation(Path(os.path.abspath(place.path)), settings.name)


def _evaluation_words(model_or_run: Named | None, given: dict[str, Any], own: Path | None) -> list[str]:
    """What is to be measured, as the words of the command."""
    for key in ("model", "run"):
        if key in given:
            if model_or_run is not None:
                raise SettingError(f"{key}={shown(given[key])}: {shown(model_or_run)} is named already")
            model_or_run = given.pop(key)
    if isinstance(model_or_run, str) and model_or_run in groups(directories(own))["model"]:
        if "agent" not in given:
            raise SettingError(f"evaluate({model_or_run!r}): with which agent? agent='pd', …; or name a run")
        return command_words("evaluate", {"model": model_or_run, **given}, own)
    if model_or_run is None and "agent" in given:
        return command_words("evaluate", given, own)
    return _run_words(found("last" if model_or_run is None else model_or_run), given)


def command_words(command: str, given: Mapping[str, object], own: Path | None) -> list[str]:
    """Python arguments as the words of a command."""
    options, values = split({key: value for key, value in given.items() if key not in TAKEN})
    known = keys(command, {group: str(option) for group, option in options.items()}, directories(own))
    chosen = [override_text(group, option) for group, option in options.items()]
    return [*chosen, *texts(values, known), *(f"{key}={value}" for key, value in given.items() if key in TAKEN)]


def _run_words(run: Path, given: Mapping[str, object]) -> list[str]:
    """The words that measure a run."""
    config = recorded_sections(run)
    kept = {section: config[section] for section in KEPT}
    own_names = [(section, kept[section].get("name")) for section in SECTIONS]
    options, values = split({key: value for key, value in given.items() if key not in TAKEN})
    chosen = {section: str(name) for section, name in own_names if name} | {g: str(o) for g, o in options.items()}
    command = [name for name in keys("evaluate", chosen) if "." not in name or name.partition(".")[0] in options]
    known = dict.fromkeys([*command, *(name for name, _ in leaves(kept))])
    words = [override_text(group, option) for group, option in options.items()] + texts(values, known)
    return [f"run={run}", *words, *(f"{key}={value}" for key, value in given.items() if key in TAKEN)]


def _directory(config_dir: Named | None) -> Path | None:
    own = None if config_dir is None else Path(_path("config_dir", config_dir))
    check_directory(own)
    return own


def _path(name: str, value: object) -> str:
    if not isinstance(value, str | os.PathLike):
        raise SettingError(f"{name}={shown(value)}: must be a path")
    return str(os.fspath(value))


def _console(progress: bool) -> Console:
    return screen() if progress else screen(silent=True)
