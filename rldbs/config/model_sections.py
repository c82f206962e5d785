"""The settings of a model from its sections of the configuration: the neurons, their space, and what may change."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rldbs.config.checked_records import record
from rldbs.config.own_model import compile_own, equation_settings
from rldbs.config.registered import option
from rldbs.control.coupling import COUPLINGS, Coupling
from rldbs.control.course import COURSES, Steady
from rldbs.core.cell_populations import CellSettings, checked_cells
from rldbs.core.disease_settings import DiseaseSettings
from rldbs.core.errors import SettingError
from rldbs.core.model_settings import PHASES, LocusSettings, ModelSettings, NeuronSettings, PhaseSettings
from rldbs.core.models import CELL_NETWORKS, OSCILLATORS, PLASTIC_NETWORKS, RATE_MODELS, coupled_neurons
from rldbs.core.phase_ensemble import response_of
from rldbs.core.plastic_settings import PlasticSettings, checked_plastic
from rldbs.core.rate_settings import RateSettings, checked_rates
from rldbs.core.space import ELECTRODES, Space
from rldbs.core.tissue_shapes import TISSUES


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
    if isinstance(settings, CellSettings | RateSettings | PlasticSettings) and not space.is_plain:
        where = "neurons have no places" if isinstance(settings, PlasticSettings) else "nuclei are where they are"
        raise SettingError(f"tissue, electrode: are not for model={settings.name}, whose {where}; leave them out")
    if not space.is_plain:
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
        instead = "leave it out" if isinstance(model, PlasticSettings) else "use coupling=…"
        raise SettingError(f"course={name}: is not for model={model.name}, which has no disease; {instead}")
    return course


def neurons_anywhere(values: Mapping[str, Any]) -> ModelSettings:
    """The neurons of the section ``model``, which has a name, wherever they are.

    Raises:
        SettingError: as for :func:`model_settings`.
    """
    if "equations" in values:  # whatever it is called: a name that is taken is told
        return equation_settings(values)
    if values["name"] in OSCILLATORS:
        phases = record(PHASES.get(values["name"], PhaseSettings), values, "model")
        response_of(phases)
        _check_band("band", phases.band)
        if isinstance(phases, LocusSettings):
            _check_band("locus_band", phases.locus_band)
        return phases
    if values["name"] in CELL_NETWORKS:
        cells = checked_cells(record(CellSettings, values, "model"))
        _check_band("band", cells.band)
        return cells
    if values["name"] in PLASTIC_NETWORKS:
        plastic = checked_plastic(record(PlasticSettings, values, "model"))
        _check_band("band", plastic.band)
        return plastic
    if values["name"] in RATE_MODELS:
        rates = checked_rates(record(RateSettings, values, "model"))
        _check_band("band", rates.band)
        return rates
    settings = record(NeuronSettings, values, "model")
    constants = coupled_neurons(settings.name).parameters
    for key in [*settings.parameters, *constants]:
        if key not in constants or key not in settings.parameters:
            wrong = "there is no such constant" if key not in constants else "is missing"
            raise SettingError(f"model.parameters.{key}: {wrong}; {settings.name} has {', '.join(constants)}")
    ordered = {key: settings.parameters[key] for key in constants}
    return record(NeuronSettings, {**values, "parameters": ordered}, "model")


def _check_band(key: str, band: Sequence[float]) -> None:
    if not band[0] < band[1]:
        raise SettingError(f"model.{key}={band}: must be two rising frequencies")
