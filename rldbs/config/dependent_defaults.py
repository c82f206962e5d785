"""Defaults that depend on other settings: what a user has set stays, and defaults that do not fit it are changed.

A value that was set, on the command line or by an experiment, is never changed. Where two of those do not go together,
the settings are refused, as everywhere.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from hydra.core.override_parser.types import Override

from rldbs.agents.settings import LEARNERS
from rldbs.agents.settings.shared import Free
from rldbs.config.checked_records import record
from rldbs.config.groups import EXPERIMENT, groups, leaves, option_keys
from rldbs.config.model_sections import neurons_anywhere
from rldbs.config.position_file import KEY as POSITION_FILE
from rldbs.config.position_file import with_positions
from rldbs.config.registered import option
from rldbs.control.contacts import at_contacts
from rldbs.control.stimuli import STIMULI
from rldbs.control.timed_stimuli import fitted
from rldbs.core.errors import SettingError
from rldbs.core.models import EVERY_MODEL, OSCILLATORS, PLASTIC_NETWORKS
from rldbs.core.space import ELECTRODES, Contacts

LEAST_LINE = 2
"""Samples that a line needs."""
FEATURES, BETA = "features", "beta"
"""The recording whose numbers are no samples, and the reward about a band in Hz."""
FOURIER = "fourier"
"""The phase response that is made of coefficients …"""
COEFFICIENTS = ("model.cosines", "model.sines")
"""… and those."""
BANDS = "bands"
"""The feature that needs a unit of time."""
OF_THE_RHYTHM = ("reward.low", "reward.high", "recording.bands")
"""Defaults that suit a model: a run that has recorded them keeps them."""
LIMITED = ("checkpoints", "tune")
"""Sections with a limit of mean abs kick."""
OF_NEURONS = 0.01
"""That limit, in units of x."""
OF_OSCILLATORS = 1 / 3
"""The same, as a part of what the stimulus can give."""
MOST_CURRENT = 10_000.0
"""µA/cm², mV or spk/s: no limit."""
Config = dict[str, Any]
Default = float | str | list[str] | list[list[float]]


def set_by(overrides: Sequence[Override], directories: Sequence[Path] = ()) -> set[str]:
    """The keys that overrides, with one value each, have set; with an experiment, those that it sets."""
    found: set[str] = set()
    for override in overrides:
        key, value = override.key_or_group, override.value()
        if key == EXPERIMENT:
            found |= option_keys(EXPERIMENT, str(value), directories)
        elif isinstance(value, dict):
            found |= {name for name, _ in leaves(value, f"{key}.")}
        else:
            found.add(key)
    return found


def set_by_texts(overrides: Sequence[str]) -> set[str]:
    """The same of overrides as a search has recorded them; one with a range counts as well."""
    found = {key: value for key, _, value in (str(text).partition("=") for text in overrides)}
    experiment = found.pop(EXPERIMENT, None)
    keys = option_keys(EXPERIMENT, experiment) if experiment in groups()[EXPERIMENT] else set()
    return {*found, *keys}


def followed(config: Config, keys: Collection[str]) -> Config:
    """A configuration in which defaults have given way to the values of ``keys``.

    What is no number where there should be one is left for those who check it.

    Raises:
        SettingError: a file from which values are to be taken cannot be read, or coefficients were set that the phase
            response does not have.
    """
    if POSITION_FILE in keys:
        config = with_positions(config)
    _check_response(config, keys)

    def free(key: str) -> bool:
        return key not in keys

    changes: dict[str, Default] = {}
    tuned = _tuned(config)
    config = _changed(config, _usual(config, lambda key: free(key) and key not in tuned))
    for follower in (_learner, _controller, _protocol, _recording, _features, _rhythm, _neurons, _limits):
        changes |= follower(config, free)
    return _changed(config, changes)


def _changed(config: Config, changes: Mapping[str, Default]) -> Config:
    for key, value in changes.items():
        section, _, name = key.rpartition(".")
        config = {**config, section: {**config[section], name: value}} if section else {**config, name: value}
    return config


def _check_response(config: Config, keys: Collection[str]) -> None:
    """Whether coefficients of a phase response, where they were set, are those of its curve."""
    model = config.get("model")
    response = model.get("response", FOURIER) if isinstance(model, Mapping) else FOURIER
    for key in COEFFICIENTS:
        if key in keys and response != FOURIER:
            raise SettingError(
                f"{key}: is not for model.response={response}, which has its own curve; use model.response={FOURIER}"
            )


def _neurons(config: Config, free: Free) -> Mapping[str, int]:
    """There are as many as have places."""
    tissue = config.get("tissue")
    table = tissue.get("table") if isinstance(tissue, Mapping) else None
    return {"model.neurons": len(table)} if isinstance(table, list) and free("model.neurons") else {}


def _learner(config: Config, free: Free) -> Mapping[str, int]:
    agent, steps, envs = config.get("agent"), _whole(config.get("steps")), _whole(config.get("envs"))
    name = agent.get("name") if isinstance(agent, Mapping) else None
    if not (isinstance(agent, Mapping) and isinstance(name, str) and name in LEARNERS and steps and envs):
        return {}
    try:
        settings = record(LEARNERS[name], {key: value for key, value in agent.items() if key != "name"}, "agent")
    except SettingError:
        return {}
    return settings.following(steps, envs, free)


def _controller(config: Config, free: Free) -> Mapping[str, float]:
    """A line is laid through no more samples than there are, and a lower threshold is not above the upper one."""
    agent, recording = config.get("agent"), config.get("recording")
    if not isinstance(agent, Mapping) or not isinstance(recording, Mapping):
        return {}
    found: dict[str, float] = {}
    length = _whole(recording.get("length"))
    if _whole(agent.get("smoothing")) > length >= LEAST_LINE and free("agent.smoothing"):
        found["agent.smoothing"] = length
    lower, upper = agent.get("lower"), agent.get("upper")
    if isinstance(lower, int | float) and isinstance(upper, int | float) and lower > upper and free("agent.lower"):
        found["agent.lower"] = upper
    return found


def _protocol(config: Config, free: Free) -> Mapping[str, int]:
    """Where there is too little besides, a third of the stimulated phase is onset."""
    protocol = config.get("protocol")
    if not isinstance(protocol, Mapping) or not free("protocol.onset"):
        return {}
    stimulated = _whole(protocol.get("stimulated"))
    return {"protocol.onset": stimulated // 3} if _whole(protocol.get("onset")) >= stimulated > 0 else {}


def _recording(config: Config, free: Free) -> Mapping[str, float]:
    """Gaps that take much of the time are long ones; and features, unlike samples, are no neighbours."""
    recording, agent = config.get("recording"), config.get("agent")
    if not isinstance(recording, Mapping):
        return {}
    if recording.get("name") == FEATURES and isinstance(agent, Mapping) and agent.get("difference_gain"):
        return {"agent.difference_gain": 0.0} if free("agent.difference_gain") else {}
    if not free("recording.dropout_length"):
        return {}
    dropout, length = recording.get("dropout"), recording.get("dropout_length")
    if not isinstance(dropout, float) or not isinstance(length, int | float) or not 0 < dropout < 1:
        return {}
    least = dropout / (1.0 - dropout)
    return {"recording.dropout_length": least} if length < least else {}


def _features(config: Config, free: Free) -> Mapping[str, list[str]]:
    """Bands are in Hz: of a model whose time has no unit there are the other features."""
    model, recording = (config.get(key) for key in ("model", "recording"))
    if not isinstance(model, Mapping) or not isinstance(recording, Mapping):
        return {}
    described = EVERY_MODEL.get(str(model.get("name")))
    unit = model.get("time_unit") if described is None else described.time_unit
    features = recording.get("features")
    if recording.get("name") != FEATURES or unit != "" or not isinstance(features, list) or BANDS not in features:
        return {}
    others = [feature for feature in features if feature != BANDS]
    return {"recording.features": others} if free("recording.features") and free("recording.bands") else {}


def _rhythm(config: Config, free: Free) -> Mapping[str, Default]:
    """The band of a reward or of features, in Hz, is that of the rhythm, where the disease is not Parkinson's; that of
    features also where the rhythm is in none of theirs.
    """
    sections = [config.get(key) for key in ("model", "reward", "recording")]
    model, reward, recording = (each if isinstance(each, Mapping) else {} for each in sections)
    band = model.get("band")
    if not isinstance(band, list) or len(band) != 2:
        return {}
    other = str(model.get("name")) in PLASTIC_NETWORKS
    found: dict[str, Default] = {}
    if reward.get("name") == BETA and other:
        found |= {"reward.low": band[0], "reward.high": band[1]}
    if recording.get("name") == FEATURES and (other or _apart(band, recording.get("bands"))):
        found["recording.bands"] = [band]
    return {key: value for key, value in found.items() if free(key)}


def _apart(band: Sequence[Any], bands: object) -> bool:
    """Whether a band is in none of several; not, where something among them is no band."""
    with suppress(TypeError, ValueError):  # which those say who check the recording
        return isinstance(bands, list) and all(band[1] <= low or high <= band[0] for low, high in bands)
    return False


def tuned_for(config: Config, agent: object) -> tuple[tuple[str, str], ...]:
    """The groups, each with the option, in which stands what an agent needs in a configuration, where there are any."""
    model, stimulus = (name_in(config, section) for section in ("model", "stimulus"))
    return ("tuned", f"{model}-{agent}"), ("tuned_stimulus", f"{model}-{agent}-{stimulus}")


def name_in(config: Config, section: str) -> object:
    """Which option a section of a configuration is; None where that is not said."""
    values = config.get(section)
    return values.get("name") if isinstance(values, Mapping) else None


def _tuned(config: Config) -> set[str]:
    """The keys that are tuned for what is chosen."""
    options = tuned_for(config, name_in(config, "agent"))
    return {key for group, option in options for key in option_keys(group, option)}


def _usual(config: Config, free: Free) -> Mapping[str, float | str]:
    """What a model's description says of the settings of commands, as far as they are there."""
    model = config.get("model")
    described = EVERY_MODEL.get(str(model.get("name"))) if isinstance(model, Mapping) else None
    found = {}
    for key, value in () if described is None else described.usual:
        section, _, name = key.partition(".")
        there = config.get(section)
        if isinstance(there, Mapping) and name in there and free(key):
            found[key] = value
    return found


def _limits(config: Config, free: Free) -> Mapping[str, float]:
    """What says null for ``most_kick`` gets one that fits the model: kicks of oscillators are in rad/s, and currents
    with a unit have no limit."""
    model = config.get("model")
    name = str(model.get("name")) if isinstance(model, Mapping) else ""
    sections = {key: config[key] for key in LIMITED if isinstance(config.get(key), Mapping)}
    without = [key for key, section in sections.items() if section.get("most_kick", 0) is None]
    own_network = isinstance(model, Mapping) and "groups" in model
    limit = MOST_CURRENT if own_network or (name in EVERY_MODEL and EVERY_MODEL[name].kick_unit) else OF_NEURONS
    if without and name in OSCILLATORS:
        with suppress(SettingError):  # which those say who check the stimulus
            limit = float(f"{OF_OSCILLATORS * _most_given(config):.3g}")
    return {f"{key}.most_kick": limit for key in without}


def _most_given(config: Config) -> float:
    """Mean abs kick of a stimulus that always gives all that it can, all contacts together.

    Raises:
        SettingError: model, electrode or stimulus cannot be.
    """
    electrode, model = option("electrode", ELECTRODES, config), neurons_anywhere(config["model"])
    contacts = len(electrode.contacts) if isinstance(electrode, Contacts) else 1
    stimulus = at_contacts(fitted(option("stimulus", STIMULI, config), model), contacts)
    kicks = np.abs(stimulus.kicks(np.ones((1, stimulus.action_size))))
    return float(kicks.sum()) / (stimulus.interval * stimulus.every)


def _whole(value: object) -> int:
    """A whole number above 0, or 0 for whatever else it is."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 1 or value != value // 1:
        return 0
    return int(value)
