"""The arguments of ``rldbs evaluate``: a controller that needs no training, or a run as it has recorded itself.

With both, the controller is measured in the environment of the run.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rldbs.agents.settings import LEARNERS
from rldbs.config.changed_values import changed
from rldbs.config.checked_records import shown
from rldbs.config.composition import Config, compose, hydra_errors, run_folder
from rldbs.config.dependent_defaults import OF_THE_RHYTHM, followed, set_by
from rldbs.config.groups import command_groups, leaves
from rldbs.config.overrides import override_text, read_override, unknown_key
from rldbs.config.own_model import model_options
from rldbs.config.recorded_sections import recorded_sections
from rldbs.config.schema import evaluate_settings
from rldbs.core.errors import RunError, SettingError
from rldbs.experiment.command_settings import EvaluateSettings
from rldbs.files.user_file import NamedFile, clear_output
from rldbs.runs.checkpoint import find_checkpoint
from rldbs.runs.find import find_run
from rldbs.runs.record import CHANGES, KEPT

SILENT = ("name", "checkpoint", "threads", "animation", "json", "run", "note", "tags")
"""Keys that do not change what is measured, or that the folder's name tells anyway."""
FOLDER = "hydra.run.dir"
TAKEN = ("run", "json", FOLDER)
"""Keys whose values are no setting's."""


def measure_one(overrides: Sequence[str], directory: Path | None) -> None:
    """Measure what the overrides ask for.

    Raises:
        RunError: there is no such run, it is damaged, or holds another measurement under that name.
        SettingError: an override is not allowed.
    """
    settings, run, json_file = evaluation(overrides, directory)
    from rldbs.experiment.evaluate import evaluate_run

    with clear_output(json_file):
        evaluate_run(settings, run, json_file)


def evaluation(
    overrides: Sequence[str], directory: Path | None
) -> tuple[EvaluateSettings, Path | None, NamedFile | None]:
    """What the overrides ask for.

    Returns:
        The settings; the run, None for a controller that needs none; where the numbers are also written, or None.

    Raises:
        RunError: there is no such run, or it is damaged.
        SettingError: an override is not allowed.
    """
    taken = {key: value for key, _, value in (text.partition("=") for text in overrides) if key in TAKEN}
    rest = [text for text in overrides if text.partition("=")[0] not in taken]
    stress = next((text for text in rest if text.startswith("stress=")), None)
    agent = next((text.partition("=")[2] for text in reversed(rest) if text.startswith("agent=")), None)
    if stress is not None:
        raise SettingError(f"{stress}: a stress test is a set of response curves, which need -m")
    if "run" not in taken and agent is not None:
        run, settings = None, evaluate_settings(compose("evaluate", rest, directory))
    elif directory is not None:
        raise SettingError(f"--config-dir {directory}: a run is measured with its own options; leave it out")
    elif agent is not None and agent not in LEARNERS:
        run, settings = None, on_terms_of(find_run(taken["run"]), agent, rest)
    else:
        run = find_run(taken.get("run", "last"))
        settings = _recorded_settings(run, rest)
    if FOLDER in taken:
        settings = replace(settings, folder=run_folder("evaluate", f"{FOLDER}={taken[FOLDER]}"))
    return settings, run, NamedFile.given(taken["json"], "json") if "json" in taken else None


def on_terms_of(run: Path, agent: str, overrides: Sequence[str] = ()) -> EvaluateSettings:
    """A controller that needs no training, measured in the environment of ``run``: its model, its stimulus, what it
    records, its protocol. Of its own it has the settings of the controller, tuned for that model.

    Args:
        run: the run folder of a learner.
        agent: name of the controller.
        overrides: of the environment, as for a run; ``agent.KEY=VALUE`` of the controller.

    Raises:
        RunError: the run's config.yaml cannot be read, or is not one of a learner's.
        SettingError: there is no such controller, it cannot be in that environment, or an override is not allowed.
    """
    own = [text for text in overrides if text.startswith("agent.")]
    others = [text for text in overrides if text not in own and not text.startswith("agent=")]
    config = recorded_config(run, others)
    chosen = {**model_options(config["model"]), "stimulus": config["stimulus"]["name"], "agent": agent}
    composed = compose("evaluate", [*(override_text(group, option) for group, option in chosen.items()), *own])
    name = config["name"] if any(text.startswith("name=") for text in others) else None
    return _checked({**config, "agent": composed["agent"], "run": None, "name": name}, run, overrides)


def _recorded_settings(run: Path, overrides: Sequence[str]) -> EvaluateSettings:
    settings = _checked(recorded_config(run, overrides), run, overrides)
    find_checkpoint(run, settings.checkpoint)  # before anything heavy is loaded
    return settings


def _checked(config: Config, run: Path, overrides: Sequence[str]) -> EvaluateSettings:
    """The settings of an evaluation; what is wrong, and not in ``overrides``, is the run's."""
    try:
        return evaluate_settings(config)
    except SettingError as error:
        if any(str(error).startswith(text.partition("=")[0]) for text in overrides):
            raise
        raise RunError(f"{error}\n(in {run / 'config.yaml'})") from None


def recorded_config(run: Path, overrides: Sequence[str]) -> Config:
    """The configuration of an evaluation of ``run``.

    What the run has recorded is taken as it stands: a text in it is never an interpolation. Only the overrides may
    have those, which are the user's own.

    Raises:
        RunError: the run's config.yaml cannot be read, or is not one of a learner's.
        SettingError: an override names a setting that an evaluation of this run does not have.
    """
    given = {text.partition("=")[0]: text for text in overrides}
    changes = [given[group] for group in CHANGES if group in given]
    base = compose("evaluate", changes)
    kept = {key: value for key, value in recorded_sections(run).items() if key in KEPT}
    name = kept["agent"].get("name")
    if not isinstance(name, str) or name not in LEARNERS:
        raise RunError(f"{run / 'config.yaml'}: agent.name={shown(name)}: must be one of {', '.join(LEARNERS)}")
    kept |= {group: base[group] for group in CHANGES if group in given}
    overrides = [text for text in overrides if text.partition("=")[0] not in CHANGES]
    whole: Config = {**{key: base[key] for key in base if key not in KEPT}, **kept, "run": str(run)}
    known = command_groups("evaluate")
    names = [name for name, _ in leaves({**base, **kept})]
    parsed = [read_override(text, known) for text in overrides]
    for override in parsed:
        key, asked = override.key_or_group, str(override.input_line)
        section = key.partition(".")[0]
        if key == "agent":
            raise SettingError(f"{asked}: the run keeps its own agent; another learner is measured through its own run")
        if key in known:
            others = ", ".join(f"{group}=…" for group in CHANGES)
            raise SettingError(
                f"{asked}: the run keeps its own {key}\nSingle settings can be changed: {key}.KEY=VALUE; and {others}"
            )
        if section == "agent" or key == "model.name":
            raise SettingError(f"{asked}: belongs to what the run has learned and cannot be changed")
        if key in ("start.seed", "start.populations"):
            raise SettingError(f"{asked}: says on which populations the run was trained, and cannot be changed")
        if override.is_hydra_override() or override.is_sweep_override():
            raise SettingError(
                f"{asked}: an evaluation of a run takes single values of its own settings; several need -m"
            )
        if key == "model.coupling" and kept["coupling"].get("name") == "drawn":
            raise SettingError(f"{asked}: the coupling is drawn from a range; add coupling=fixed")
        if key not in names and not any(name.startswith(f"{key}.") for name in names):
            raise unknown_key(asked, key, names, known)
    with hydra_errors("evaluate", parsed, None):
        whole = followed(changed(whole, parsed), {*set_by(parsed), *OF_THE_RHYTHM})
    if whole["name"] is None:
        told = [text for text in [*changes, *overrides] if text.partition("=")[0] not in SILENT]
        whole["name"] = folder_name([str(whole["checkpoint"]), *sorted(told)])
    return whole


def folder_name(parts: Sequence[str]) -> str:
    """The name of a folder that tells ``parts``."""
    name = re.sub(r"[^\w.,=+-]+", "_", ",".join(parts))
    return name if len(name) <= 120 else f"{name[:100]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
