"""A model that a user has written as equations: its section of the configuration, read and checked.

What stands there may be a stranger's: of the texts none can become code, and none can upset a terminal or a picture.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rldbs.config.checked_records import record, shown
from rldbs.core.described_network import OwnNetworkSettings
from rldbs.core.equations import Equations
from rldbs.core.errors import SettingError, visible
from rldbs.core.model_settings import EquationSettings, ModelSettings
from rldbs.core.models import EVERY_MODEL
from rldbs.core.native import instruction_set
from rldbs.core.network_functions import network_functions
from rldbs.core.neuron_functions import neuron_functions, tissue_functions

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}", re.ASCII)
WORDS = re.compile(r"[\w .,:;()'&/+*=%°·²³–—−-]{1,120}")
"""What a title may be made of: nothing that markup or mathematics in a picture begins with."""
TIME_UNITS = ("", "ms")
"""What stimuli, metrics and exports reckon with; none where the model has no dimension."""
MOST_RANGE = 1e5
"""A mean field is taken for diverged beyond ten times that."""


def equation_settings(values: Mapping[str, Any]) -> EquationSettings:
    """The settings of a model with equations.

    Raises:
        SettingError: a key is unknown or missing, a value is not allowed, or an equation cannot be read.
    """
    settings = record(EquationSettings, values, "model")
    check_name(settings.name)
    equations = Equations.of(settings.equations, settings.parameters)
    check_described("title", settings.title)
    check_described("source", settings.source)
    if settings.time_unit not in TIME_UNITS:
        raise SettingError(
            f"model.time_unit={settings.time_unit[:60]!a}: must be ms, in which stimuli and metrics reckon, or '' "
            "where there is none"
        )
    check_told(settings.meanings, settings.ranges, equations.variables)
    return settings


def check_name(name: str) -> None:
    """Whether a model of a user's may be called so.

    Raises:
        SettingError: it may not.
    """
    if not NAME.fullmatch(name) or name in EVERY_MODEL:
        reason = "comes with the package" if name in EVERY_MODEL else "is no name"
        raise SettingError(f"model.name={shown(name)}: {reason}; choose one of letters, digits and _")


def check_described(key: str, text: str) -> None:
    """Whether a text may stand in a heading.

    Raises:
        SettingError: it may not.
    """
    if not WORDS.fullmatch(text):
        raise SettingError(f"model.{key}={text[:60]!a}: must be 1 to 120 letters, digits, spaces and .,:;()'&/+-")


def check_told(meanings: Mapping[str, str], ranges: Mapping[str, Sequence[float]], variables: Sequence[str]) -> None:
    """Whether of each variable is told what it is, and where it stays.

    Raises:
        SettingError: it is not.
    """
    for name, text in meanings.items():
        check_described(f"meanings.{visible(name)[:40]}", text)
    for key, given in (("meanings", meanings), ("ranges", ranges)):
        for name in [*given, *variables]:
            if name not in variables or name not in given:
                wrong = "there is no such variable" if name in given else "is missing"
                there = ", ".join(variables)
                raise SettingError(f"model.{key}.{visible(name)[:40]}: {wrong}; there are {there}")
    for name, (low, high) in ranges.items():
        if not -MOST_RANGE <= low < high <= MOST_RANGE:
            raise SettingError(f"model.ranges.{name}=[{low:g}, {high:g}]: must rise, within ±{MOST_RANGE:g}")


def is_own(model: Mapping[str, Any]) -> bool:
    """Whether a section ``model`` is one that a user has written: neurons from equations, or a network of cells."""
    return "equations" in model or "groups" in model


def compile_own(settings: ModelSettings) -> None:
    """Compile a model that has equations of the user's, unless it was before: so that what fails fails here.

    Raises:
        CompilerError: it cannot be compiled.
    """
    if isinstance(settings, EquationSettings):
        holds = settings.described.holds
        (neuron_functions if settings.space.is_plain else tissue_functions)(holds, instruction_set())
    if isinstance(settings, OwnNetworkSettings):
        network_functions([group.cell for group in settings.network.groups])


def environment_options(model: Mapping[str, Any]) -> dict[str, object]:
    """The options of an environment that has a recorded model: of one from equations there may be no file any more."""
    return {"dose": "none"} if is_own(model) else {"model": model.get("name")}


def model_options(model: Mapping[str, Any]) -> dict[str, object]:
    """The same for a controller: what was tuned for another model is nothing to one from equations."""
    untuned = {"tuned": "none", "tuned_stimulus": "none"} if is_own(model) else {}
    return {**environment_options(model), **untuned}


def kept_values(model: Mapping[str, Any], before: Mapping[str, Any], option: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of an option, for a model from equations with what a section had before in the place of defaults,
    which are those of another model.
    """
    own = {key: value for key, value in before.items() if key in option and key != "name"}
    return {**option, **(own if is_own(model) else {})}
