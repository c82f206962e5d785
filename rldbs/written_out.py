"""The environment of an experiment, written out as Python arguments: an experiment itself is one of training."""

from collections.abc import Mapping

from rldbs.composition import compose
from rldbs.core.errors import SettingError
from rldbs.groups import groups, leaves
from rldbs.overrides import nearest, override_text

OF_TRAINING = ("episode.stagger", "start.seed")
"""Keys that every training sets in its environment."""


def experiment_error(name: object, sections: tuple[str, ...]) -> SettingError:
    """Why an environment takes no experiment, and what it takes instead.

    Args:
        name: the experiment.
        sections: those that decide an environment.
    """
    known = groups()["experiment"]
    given = f"experiment={name}: holds settings of training as well, so an environment does not take it"
    if name not in known:
        near = nearest(str(name), known)
        return SettingError(f"{given}; nor is there one of that name" + (f"\nDid you mean {near[0]}?" if near else ""))
    model, arguments = _arguments(str(name), sections)
    shown = "".join(f", {key}={value!r}" for key, value in arguments.items() if "." not in key)
    dotted = {key: value for key, value in arguments.items() if "." in key}
    shown += f", **{dotted!r}" if dotted else ""
    return SettingError(f"{given}\nWhat it sets there: rldbs.make({model!r}{shown})")


def _arguments(name: str, sections: tuple[str, ...]) -> tuple[str, Mapping[str, object]]:
    """The model, and all that an experiment has otherwise than that model's environment."""
    wanted = compose("train", [f"experiment={name}"])
    model = str(wanted["model"]["name"])
    plain = compose("environment", [f"model={model}"])
    options = {
        section: str(wanted[section]["name"])
        for section in sections
        if "name" in wanted[section] and wanted[section]["name"] != plain[section]["name"]
    }
    chosen = compose("environment", [f"model={model}", *(override_text(*option) for option in options.items())])
    there = dict(leaves({section: chosen[section] for section in sections}))
    values = {
        key: value
        for key, value in leaves({section: wanted[section] for section in sections})
        if key not in OF_TRAINING and there.get(key) != value
    }
    return model, {**options, **values}
