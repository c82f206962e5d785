"""Populations as their settings describe them, whatever kind of neurons they have."""

from collections.abc import Sequence

from rldbs.core.ensemble import Ensemble
from rldbs.core.errors import SettingError, shown
from rldbs.core.model_settings import ModelSettings, NeuronSettings, PhaseSettings
from rldbs.core.phase_ensemble import PhaseEnsemble


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
    if not isinstance(settings, NeuronSettings):
        raise SettingError(f"settings: must be NeuronSettings or PhaseSettings, are {shown(settings)}")
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
