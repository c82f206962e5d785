"""The kinds of models: the settings of each, the ensemble that is made of them, and what holds for no other kind.

What is measured and drawn of a kind, and how one looks at it, is in ``experiment/measures.py``, under the same name.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rldbs.core.cell_ensemble import CellEnsemble
from rldbs.core.cell_populations import CellSettings, checked_cells
from rldbs.core.described_network import OwnNetworkSettings
from rldbs.core.ensemble import Ensemble, checked_neurons
from rldbs.core.errors import SettingError, shown
from rldbs.core.model_settings import PHASES, EquationSettings, ModelSettings, NeuronSettings, PhaseSettings
from rldbs.core.models import CELL_NETWORKS, MODELS, OSCILLATORS, PLASTIC_NETWORKS, RATE_MODELS
from rldbs.core.phase_ensemble import PhaseEnsemble, checked_phases
from rldbs.core.plastic_ensemble import PlasticEnsemble
from rldbs.core.plastic_settings import PlasticSettings, checked_plastic
from rldbs.core.rate_ensemble import RateEnsemble
from rldbs.core.rate_settings import RateSettings, checked_rates


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What all models of a kind have in common."""

    name: str
    """Also of the section of a file in ``conf/space/`` that holds ranges of this kind alone."""
    settings: Mapping[str, type[ModelSettings]]
    """The class of the settings of each of its models."""
    written: tuple[type[ModelSettings], ...] = ()
    """The same of models that users have written, which have names of their own."""
    checked: Callable[[Any], ModelSettings]
    """The same settings as plain numbers, if all that is this kind's own is in range."""
    ensemble: Callable[..., Ensemble]
    """Populations of settings; takes what :func:`.ensemble_of` takes, ``own_contacts`` only where neurons have
    places."""
    placeless: str = ""
    """Why neurons have no places in a tissue, in words; empty where they have."""
    own_coupling: str = ""
    """Why ``coupling=`` is not for it, in words; empty where it is."""
    quiet: bool = True
    """Whether the signal that is recorded is small when stimulation does what it is for."""
    through_tissue: bool = True
    """Whether stimulation comes from an electrode around which there may be a scar."""


def _coupled(
    settings: NeuronSettings,
    populations: int,
    seed: int | Sequence[int],
    *,
    transient: int | None,
    threads: int,
    own_contacts: bool,
) -> Ensemble:
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


NUCLEI = "nuclei are where they are"
KINDS = (
    Kind(
        name="neurons",
        settings=dict.fromkeys(MODELS, NeuronSettings),
        written=(EquationSettings,),
        checked=checked_neurons,
        ensemble=_coupled,
    ),
    Kind(
        name="oscillators",
        settings={**dict.fromkeys(OSCILLATORS, PhaseSettings), **PHASES},
        checked=checked_phases,
        ensemble=PhaseEnsemble,
    ),
    Kind(
        name="cells",
        settings=dict.fromkeys(CELL_NETWORKS, CellSettings),
        written=(OwnNetworkSettings,),
        checked=checked_cells,
        ensemble=CellEnsemble,
        placeless=NUCLEI,
        own_coupling="severity changes by course=",
        quiet=False,
        through_tissue=False,
    ),
    Kind(
        name="plastic",
        settings=dict.fromkeys(PLASTIC_NETWORKS, PlasticSettings),
        checked=checked_plastic,
        ensemble=PlasticEnsemble,
        placeless="neurons have no places",
        own_coupling="weights change as they learn",
        quiet=False,
    ),
    Kind(
        name="rates",
        settings=dict.fromkeys(RATE_MODELS, RateSettings),
        checked=checked_rates,
        ensemble=RateEnsemble,
        placeless=NUCLEI,
    ),
)
"""Every kind of models that there is."""
OF_SETTINGS: Mapping[type[ModelSettings], Kind] = {
    settings: kind for kind in KINDS for settings in (*kind.settings.values(), *kind.written)
}
OF_NAMES: Mapping[str, Kind] = {name: kind for kind in KINDS for name in kind.settings}


def kind_of(settings: ModelSettings) -> Kind:
    """The kind of a model with these settings.

    Raises:
        SettingError: they are no settings of a model.
    """
    if type(settings) not in OF_SETTINGS:
        known = " or ".join(known.__name__ for known in OF_SETTINGS)
        raise SettingError(f"settings: must be {known}, are {shown(settings)}")
    return OF_SETTINGS[type(settings)]


def kind_named(model: object) -> Kind | None:
    """The kind of the model of ours that is called so; None where there is no such model."""
    return OF_NAMES.get(model) if isinstance(model, str) else None
