"""Populations as their settings describe them, whatever kind of neurons they have."""

from collections.abc import Sequence
from dataclasses import replace

from rldbs.core.arguments import number, whole
from rldbs.core.disease_settings import DiseaseSettings
from rldbs.core.ensemble import MOST_STEPS, Ensemble
from rldbs.core.model_kinds import kind_of
from rldbs.core.model_settings import ModelSettings
from rldbs.core.native import MOST_NEURONS


def checked_settings(settings: ModelSettings) -> ModelSettings:
    """The same settings as plain numbers, if all that makes populations of them is in range.

    Raises:
        SettingError: it is not.
    """
    settings = kind_of(settings).checked(settings)
    settings = replace(
        settings,
        dt=number("dt", settings.dt, above=0.0),
        transient=whole("transient", settings.transient, 0, MOST_STEPS),
        period=whole("period", settings.period, 1, MOST_STEPS),
        set_point=number("set_point", settings.set_point),
    )
    if isinstance(settings, DiseaseSettings):  # whose cells and whose severity follow from the rest
        return settings
    neurons, coupling = whole("neurons", settings.neurons, 1, MOST_NEURONS), number("coupling", settings.coupling)
    return replace(settings, neurons=neurons, coupling=coupling)


def ensemble_of(
    settings: ModelSettings,
    populations: int = 1,
    seed: int | Sequence[int] = 0,
    *,
    transient: int | None = None,
    threads: int = 1,
    own_contacts: bool = False,
) -> Ensemble:
    """The ensemble that ``settings`` describe, after their transient unless ``transient`` says otherwise.

    ``own_contacts``: each population has a G of its own, which may become another one than that of the others. It
    changes nothing where neurons have no places.

    Raises:
        SettingError: an argument is out of range.
    """
    kind = kind_of(settings)
    in_tissue = {} if kind.placeless else {"own_contacts": own_contacts}
    return kind.ensemble(settings, populations, seed, transient=transient, threads=threads, **in_tissue)
