"""Populations as their settings describe them, whatever kind of neurons they have."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rldbs.core.arguments import number, whole
from rldbs.core.cell_ensemble import CellEnsemble
from rldbs.core.cell_populations import CellSettings, checked_cells
from rldbs.core.disease_settings import DiseaseSettings
from rldbs.core.ensemble import MOST_STEPS, Ensemble, checked_neurons
from rldbs.core.errors import SettingError, shown
from rldbs.core.model_settings import PHASES, EquationSettings, ModelSettings, NeuronSettings, PhaseSettings
from rldbs.core.native import MOST_NEURONS
from rldbs.core.phase_ensemble import PhaseEnsemble, checked_phases
from rldbs.core.plastic_ensemble import PlasticEnsemble
from rldbs.core.plastic_settings import PlasticSettings, checked_plastic
from rldbs.core.rate_ensemble import RateEnsemble
from rldbs.core.rate_settings import RateSettings, checked_rates

CHECKED: Mapping[type[ModelSettings], Callable[[Any], ModelSettings]] = {
    NeuronSettings: checked_neurons,
    EquationSettings: checked_neurons,
    PhaseSettings: checked_phases,
    **dict.fromkeys(PHASES.values(), checked_phases),
    CellSettings: checked_cells,
    PlasticSettings: checked_plastic,
    RateSettings: checked_rates,
}
"""Kinds of settings, and what each looks at of what is its own."""
KINDS = " or ".join(kind.__name__ for kind in CHECKED)


def checked_settings(settings: ModelSettings) -> ModelSettings:
    """The same settings as plain numbers, if all that makes populations of them is in range.

    Raises:
        SettingError: it is not.
    """
    if type(settings) not in CHECKED:
        raise SettingError(f"settings: must be {KINDS}, are {shown(settings)}")
    settings = CHECKED[type(settings)](settings)
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

    ``own_contacts``: each population has a G of its own, which may become another one than that of the others.

    Raises:
        SettingError: an argument is out of range.
    """
    if isinstance(settings, PhaseSettings):
        return PhaseEnsemble(
            settings, populations, seed, transient=transient, threads=threads, own_contacts=own_contacts
        )
    if isinstance(settings, CellSettings):
        return CellEnsemble(settings, populations, seed, transient=transient, threads=threads)
    if isinstance(settings, PlasticSettings):
        return PlasticEnsemble(settings, populations, seed, transient=transient, threads=threads)
    if isinstance(settings, RateSettings):
        return RateEnsemble(settings, populations, seed, transient=transient, threads=threads)
    if not isinstance(settings, NeuronSettings):
        raise SettingError(f"settings: must be {KINDS}, are {shown(settings)}")
    return Ensemble(
        settings.described,
        populations,
        settings.neurons,
        seed,
        coupling=settings.coupling,
        transient=settings.transient if transient is None else transient,
        current_mean=settings.current_mean,
        current_std=settings.current_std,
        dt=settings.dt,
        parameters=settings.parameters,
        threads=threads,
        tissue=None if settings.space.is_plain else settings.tissue,
        own_contacts=own_contacts,
    )
