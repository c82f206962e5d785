"""A model that a user has written as equations: its section of the configuration, read and checked.

What stands there may be a stranger's: of the texts none can become code, and none can upset a terminal or a picture.
"""

import re
from collections.abc import Mapping
from typing import Any

from rldbs.config.checked_records import record, shown
from rldbs.core.equations import Equations
from rldbs.core.errors import SettingError, visible
from rldbs.core.model_settings import EquationSettings, ModelSettings
from rldbs.core.models import EVERY_MODEL
from rldbs.core.native import instruction_set
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
    if not NAME.fullmatch(settings.name) or settings.name in EVERY_MODEL:
        reason = "comes with the package" if settings.name in EVERY_MODEL else "is no name"
        raise SettingError(f"model.name={shown(settings.name)}: {reason}; choose one of letters, digits and _")
    equations = Equations.of(settings.equations, settings.parameters)
    texts = {"title": settings.title, "source": settings.source}
    texts |= {f"meanings.{name}": text for name, text in settings.meanings.items()}
    for key, text in texts.items():
        if not WORDS.fullmatch(text):
            raise SettingError(f"model.{key}={text[:60]!a}: must be 1 to 120 letters, digits, spaces and .,:;()'&/+-")
    if settings.time_unit not in TIME_UNITS:
        raise SettingError(
            f"model.time_unit={settings.time_unit[:60]!a}: must be ms, in which stimuli and metrics reckon, or '' "
            "where there is none"
        )
    for key, given in (("meanings", settings.meanings), ("ranges", settings.ranges)):
        for name in [*given, *equations.variables]:
            if name not in equations.variables or name not in given:
                wrong = "there is no such variable" if name in given else "is missing"
                there = ", ".join(equations.variables)
                raise SettingError(f"model.{key}.{visible(name)[:40]}: {wrong}; there are {there}")
    for name, (low, high) in settings.ranges.items():
        if not -MOST_RANGE <= low < high <= MOST_RANGE:
            raise SettingError(f"model.ranges.{name}=[{low:g}, {high:g}]: must rise, within ±{MOST_RANGE:g}")
    return settings


def compile_own(settings: ModelSettings) -> None:
    """Compile a model that has equations of the user's, unless it was before: so that what fails fails here.

    Raises:
        CompilerError: it cannot be compiled.
    """
    if isinstance(settings, EquationSettings):
        holds = settings.described.holds
        (neuron_functions if settings.space.is_plain else tissue_functions)(holds, instruction_set())


def environment_options(model: Mapping[str, Any]) -> dict[str, object]:
    """The options of an environment that has a recorded model: of one from equations there may be no file any more."""
    return {"dose": "none"} if "equations" in model else {"model": model.get("name")}


def model_options(model: Mapping[str, Any]) -> dict[str, object]:
    """The same for a controller: what was tuned for another model is nothing to one from equations."""
    untuned = {"tuned": "none", "tuned_stimulus": "none"} if "equations" in model else {}
    return {**environment_options(model), **untuned}


def kept_values(model: Mapping[str, Any], before: Mapping[str, Any], option: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of an option, for a model from equations with what a section had before in the place of defaults,
    which are those of another model.
    """
    own = {key: value for key, value in before.items() if key in option and key != "name"}
    return {**option, **(own if "equations" in model else {})}
