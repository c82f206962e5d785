"""What ``rldbs evaluate`` measures: a controller that needs no training, or a run as it has recorded itself."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from omegaconf import OmegaConf

from rldbs.composition import Config, compose, hydra_errors, plain, read_override, unknown_key
from rldbs.config import evaluate_settings
from rldbs.core.errors import SettingError
from rldbs.experiment.record import KEPT, read_config
from rldbs.experiment.runs import find_run
from rldbs.experiment.settings import EvaluateSettings
from rldbs.groups import command_groups, leaves

SILENT = ("name", "checkpoint", "threads", "animation", "json", "run")
"""Keys that do not change what is measured, or that the folder's name tells anyway."""


def evaluation(overrides: Sequence[str], directory: Path | None) -> tuple[EvaluateSettings, Path | None, Path | None]:
    """What the overrides ask for.

    Returns:
        The settings; the run, None for a controller that needs none; where the numbers are also written, or None.

    Raises:
        RunError: there is no such run, or it is damaged.
        SettingError: an override is not allowed.
    """
    taken = {key: value for key, _, value in (text.partition("=") for text in overrides) if key in ("run", "json")}
    rest = [text for text in overrides if text.partition("=")[0] not in taken]
    if "run" not in taken and any(text.startswith("agent=") for text in rest):
        run, config = None, compose("evaluate", rest, directory)
    else:
        run = find_run(taken.get("run", "last"))
        config = recorded_config(run, rest)
    return evaluate_settings(config), run, json_path(taken["json"]) if "json" in taken else None


def recorded_config(run: Path, overrides: Sequence[str]) -> Config:
    """The configuration of an evaluation of ``run``.

    Raises:
        RunError: the run's config.yaml cannot be read.
        SettingError: an override names a setting that an evaluation of this run does not have.
    """
    drift = [text for text in overrides if text.startswith("coupling=")][-1:]
    base = compose("evaluate", drift)
    kept = {key: value for key, value in read_config(run).items() if key in KEPT}
    if drift:
        kept["coupling"] = base["coupling"]
    overrides = [text for text in overrides if not text.startswith("coupling=")]
    config = OmegaConf.create({**{key: base[key] for key in base if key not in KEPT}, **kept, "run": str(run)})
    known = command_groups("evaluate")
    names = [name for name, _ in leaves({**base, **kept})]
    parsed = [read_override(text, known) for text in overrides]
    for override in parsed:
        key, given = override.key_or_group, str(override.input_line)
        section = key.partition(".")[0]
        if key in known:
            raise SettingError(
                f"{given}: the run keeps its own {key}\nSingle settings can be changed: {key}.KEY=VALUE; and coupling=…"
            )
        if section == "agent" or key == "model.name":
            raise SettingError(f"{given}: belongs to what the run has learned and cannot be changed")
        if override.is_hydra_override() or override.is_sweep_override():
            raise SettingError(
                f"{given}: an evaluation of a run takes single values of its own settings; several need -m"
            )
        if key == "model.coupling" and kept["coupling"]["name"] == "drawn":
            raise SettingError(f"{given}: the coupling is drawn from a range; add coupling=fixed")
        if key not in names and not any(name.startswith(f"{key}.") for name in names):
            raise unknown_key(given, key, names, known)
    with hydra_errors("evaluate", parsed, None):
        for override in parsed:
            OmegaConf.update(config, override.key_or_group, override.value(), merge=True)
        whole = plain("evaluate", config)
    if whole["name"] is None:
        changed = [text for text in [*drift, *overrides] if text.partition("=")[0] not in SILENT]
        whole["name"] = folder_name([str(whole["checkpoint"]), *sorted(changed)])
    return whole


def json_path(text: str) -> Path:
    """The file that ``json=…`` names.

    Raises:
        SettingError: it is a directory, or in none.
    """
    path = Path(text).expanduser()
    if not text or path.is_dir() or not path.parent.is_dir():
        raise SettingError(f"json={text}: must be a file in a directory that exists")
    return path


def folder_name(parts: Sequence[str]) -> str:
    """The name of a folder that tells ``parts``."""
    name = re.sub(r"[^\w.,=+-]+", "_", ",".join(parts))
    return name if len(name) <= 120 else f"{name[:100]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
