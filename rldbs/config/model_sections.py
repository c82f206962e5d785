"""The settings of a model from its sections of the configuration: the neurons, their space, and what may change."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rldbs.config.checked_records import record
from rldbs.config.own_model import compile_own, equation_settings
from rldbs.config.own_network import network_settings
from rldbs.config.registered import option
from rldbs.control.coupling import COUPLINGS, Coupling
from rldbs.control.course import COURSES, Steady
from rldbs.core.disease_settings import DiseaseSettings
from rldbs.core.errors import SettingError
from rldbs.core.model_kinds import kind_named, kind_of
from rldbs.core.model_settings import ModelSettings, NeuronSettings
from rldbs.core.models import coupled_neurons
from rldbs.core.space import ELECTRODES, Space
from rldbs.core.tissue_shapes import TISSUES

BANDS = ("band", "locus_band")
"""Settings that are the lowest and the highest of some frequencies, where a model has them."""


def model_settings(config: Mapping[str, Any]) -> ModelSettings:
    """The neurons of a configuration, in their tissue.

    Raises:
        SettingError: a key is unknown or missing, a value is not allowed, or two do not go together.
    """
    values = config.get("model")
    if not isinstance(values, Mapping) or not isinstance(values.get("name"), str):
        raise SettingError("model: must hold a neuron model with its name")
    space = Space(option("tissue", TISSUES, config), option("electrode", ELECTRODES, config))
    settings = neurons_anywhere(values)
    settings = replace(settings, space=space)
    if not space.is_plain:
        why = kind_of(settings).placeless
        if why:
            raise SettingError(f"tissue, electrode: are not for model={settings.name}, whose {why}; leave them out")
        settings.space.of(settings.neurons)  # whether all in it goes together
    compile_own(settings)
    return settings


def strength_settings(config: Mapping[str, Any], model: ModelSettings) -> Coupling:
    """What may change between episodes and within: how strongly neurons are coupled, or how severe a disease is.

    Raises:
        SettingError: as for :func:`model_settings`.
    """
    coupling: Coupling = option("coupling", COUPLINGS, config)
    course: Coupling = option("course", COURSES, config)
    if type(course) is Steady:
        return coupling
    if not isinstance(model, DiseaseSettings):
        name = config["course"]["name"]
        instead = "leave it out" if kind_of(model).own_coupling else "use coupling=…"
        raise SettingError(f"course={name}: is not for model={model.name}, which has no disease; {instead}")
    return course


def neurons_anywhere(values: Mapping[str, Any]) -> ModelSettings:
    """The neurons of the section ``model``, which has a name, wherever they are.

    Raises:
        SettingError: as for :func:`model_settings`.
    """
    if "equations" in values:  # whatever it is called: a name that is taken is told
        return equation_settings(values)
    if "groups" in values:
        return _with_rising_bands(network_settings(values))
    kind = kind_named(values["name"])
    settings = record(NeuronSettings if kind is None else kind.settings[values["name"]], values, "model")
    if isinstance(settings, NeuronSettings):
        return _with_every_constant(settings, values)
    return _with_rising_bands(kind_of(settings).checked(settings))


def _with_rising_bands(settings: ModelSettings) -> ModelSettings:
    """The same, if what are bands of frequencies in it are some."""
    for key in BANDS:
        band = getattr(settings, key, None)
        if band is not None and not band[0] < band[1]:
            raise SettingError(f"model.{key}={band}: must be two rising frequencies")
    return settings


def _with_every_constant(settings: NeuronSettings, values: Mapping[str, Any]) -> NeuronSettings:
    """The same, if its constants are those of the equations, in their order."""
    constants = coupled_neurons(settings.name).parameters
    for key in [*settings.parameters, *constants]:
        if key not in constants or key not in settings.parameters:
            wrong = "there is no such constant" if key not in constants else "is missing"
            raise SettingError(f"model.parameters.{key}: {wrong}; {settings.name} has {', '.join(constants)}")
    ordered = {key: settings.parameters[key] for key in constants}
    return record(NeuronSettings, {**values, "parameters": ordered}, "model")
