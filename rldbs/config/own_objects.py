"""Pieces of a closed loop that are objects of the user's own, in the place of options with a name."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from rldbs.config.schema import check_loop
from rldbs.control.contacts import at_contacts
from rldbs.control.coupling import Coupling
from rldbs.control.loop_settings import LoopSettings
from rldbs.control.recording import Recording
from rldbs.control.reward import Reward
from rldbs.control.stimulus import Stimulus
from rldbs.core.errors import SettingError
from rldbs.core.plugins import described

PIECES: Mapping[str, type[Any]] = {
    "stimulus": Stimulus,
    "recording": Recording,
    "reward": Reward,
    "coupling": Coupling,
}
"""What may be an object, and what is asked of it."""
VALUES = (str, bytes, int, float, np.number, np.ndarray, Mapping, list, tuple)


def parted(arguments: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """Python arguments, and those of them that are objects of the user's own.

    Raises:
        SettingError: an object lacks something that a closed loop asks of it.
    """
    own = {
        key: value
        for key, value in arguments.items()
        if key in PIECES and value is not None and not isinstance(value, VALUES)
    }
    for key, piece in own.items():
        if isinstance(piece, type):
            raise SettingError(f"{key}={piece.__name__}: is a class; give an object of it: {key}={piece.__name__}(…)")
        lacks = [name for name in described(PIECES[key]) if not hasattr(piece, name)]
        if lacks:
            told = f"{PIECES[key].__module__}.{PIECES[key].__name__}"
            raise SettingError(f"{key}: {type(piece).__name__} lacks {', '.join(lacks)}, which {told} describes")
    return {key: value for key, value in arguments.items() if key not in own}, own


def with_own(settings: LoopSettings, own: Mapping[str, Any]) -> LoopSettings:
    """Settings of an environment with objects in the place of some of their pieces.

    Raises:
        SettingError: one does not fit the others.
    """
    if not own:
        return settings
    if "stimulus" in own:
        own = {**own, "stimulus": at_contacts(own["stimulus"], settings.model.space.contacts)}
    return check_loop(replace(settings, **own))
