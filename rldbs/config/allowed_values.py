"""What each setting may be, in words: the annotations of the records that a configuration becomes."""

from collections.abc import Mapping
from typing import Any, get_args, get_type_hints

from rldbs.agents.settings import AGENTS
from rldbs.agents.settings.teacher import Lessons
from rldbs.config.checked_records import allowed
from rldbs.config.groups import Key
from rldbs.config.schema import STARTS
from rldbs.control.coupling import COUPLINGS
from rldbs.control.course import COURSES
from rldbs.control.electrode_drift import ELECTRODE_DRIFTS
from rldbs.control.encapsulation import ENCAPSULATIONS
from rldbs.control.episode import Episode
from rldbs.control.plasticity import PLASTICITIES
from rldbs.control.recordings import RECORDINGS
from rldbs.control.reward import REWARDS
from rldbs.control.stimuli import STIMULI
from rldbs.core.described_network import OwnNetworkSettings
from rldbs.core.model_kinds import kind_named
from rldbs.core.model_settings import NeuronSettings
from rldbs.core.space import ELECTRODES
from rldbs.core.tissue_shapes import TISSUES
from rldbs.experiment.command_settings import Checkpoints, Protocol, TrainSettings
from rldbs.runs.labels import LONGEST_NOTE, MOST_TAGS
from rldbs.trackers.tracker import TRACKERS

OPTIONS: Mapping[str, Mapping[str, type[Any]]] = {
    "tissue": TISSUES,
    "electrode": ELECTRODES,
    "stimulus": STIMULI,
    "recording": RECORDINGS,
    "reward": REWARDS,
    "coupling": COUPLINGS,
    "course": COURSES,
    "electrode_drift": ELECTRODE_DRIFTS,
    "encapsulation": ENCAPSULATIONS,
    "plasticity": PLASTICITIES,
    "start": STARTS,
    "agent": AGENTS,
    "tracker": TRACKERS,
}
"""The records of groups, by the names of their options."""
SECTIONS: Mapping[str, type[Any]] = {
    "": TrainSettings,
    "episode": Episode,
    "checkpoints": Checkpoints,
    "protocol": Protocol,
    "teacher": Lessons,
}
"""Those of everything else, by section."""


LABELS = {
    "note": f"a line of up to {LONGEST_NOTE} characters",
    "tags": f"a list of up to {MOST_TAGS} short words",
    "teacher.agent": "the name of an agent that does not learn",
    "teacher.settings": "names with values",
}
"""Those that no record has."""


def allowed_values(settings: Mapping[str, Key]) -> dict[str, str]:
    """What each of the settings of a training run may be; empty where no record says so.

    Args:
        settings: by dotted key, the names of the options of groups among them.
    """
    found = {}
    for key, setting in settings.items():
        section, _, name = key.partition(".")
        record = _record(section if name else "", settings)
        words = LABELS.get(key) or ("" if record is None else _words(record, name or section))
        if words and setting.default is None and "null" not in words:
            words += " or null"
        found[key] = words
    return found


def _record(section: str, settings: Mapping[str, Key]) -> type[Any] | None:
    if section in SECTIONS:
        return SECTIONS[section]
    chosen = settings.get(f"{section}.name")
    name = "" if chosen is None else str(chosen.default)
    if section == "model":
        if "model.v_mean" in settings:
            return OwnNetworkSettings
        kind = kind_named(name)
        return NeuronSettings if kind is None else kind.settings[name]
    return OPTIONS.get(section, {}).get(name)


def _words(record: type[Any], name: str) -> str:
    hints = get_type_hints(record, include_extras=True)
    field, _, inner = name.partition(".")
    if field not in hints:
        return ""
    return allowed(get_args(hints[field])[1] if inner else hints[field])
