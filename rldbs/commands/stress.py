"""Stresses: what a controller may meet that it was not made for, one file each in ``conf/stress/``."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from annotated_types import Len

from rldbs.commands.curve_axes import CurveRequest, distinct, runs
from rldbs.commands.evaluate import evaluation, folder_name
from rldbs.config.checked_records import record
from rldbs.config.composition import Config, compose
from rldbs.config.groups import groups
from rldbs.config.overrides import nearest
from rldbs.config.own_model import is_own
from rldbs.config.schema import evaluate_settings
from rldbs.config.settings_files import source
from rldbs.core.errors import SettingError
from rldbs.core.models import neuron_model
from rldbs.experiment.command_settings import EvaluateSettings, Point, StressPanel, StressSettings

GROUP = "stress"
MODEL = "model"
"""The key of the stress that is another model."""
ALL = "all"


@dataclass(frozen=True)
class Stress:
    """A setting, and how far it is taken."""

    name: str
    key: str
    """The setting that is varied, dotted; ``model`` for another regime of the same neurons."""
    values: Annotated[list[int | float | str], Len(1, 100)]
    unit: str | None
    """The setting, dotted, in whose units the values are."""
    whole: bool
    """Whether they are rounded to whole numbers, in the units of the key."""
    also: Mapping[str, object]
    """Settings, or whole sections, that go with it."""
    axis: str
    """The name of the axis."""

    def under(self, nominal: EvaluateSettings, value: int | float | str) -> EvaluateSettings:
        """A measurement of the same controller under this stress. It is still made for what it was made for.

        Raises:
            SettingError: the two do not go together.
        """
        config: Config = copy.deepcopy(dict(nominal.config))
        for key, setting in self.also.items():
            _put(config, key, copy.deepcopy(setting))
        if self.key == MODEL:
            config[MODEL] = _regime(config[MODEL], str(value))
        else:
            _put(config, self.key, self._in_units(config, value))
        return replace(evaluate_settings(config), made_for=nominal.loop)

    def _in_units(self, config: Config, value: int | float | str) -> int | float | str:
        if self.unit is None or isinstance(value, str):
            return value
        section, _, key = self.unit.partition(".")
        if key not in config[section]:
            raise SettingError(f"{self.unit}: {section}={config[section]['name']} has no such setting")
        scaled: float = value * config[section][key]
        return round(scaled) if self.whole else scaled


def stresses(text: str) -> tuple[Stress, ...]:
    """The stresses that ``stress=…`` names: one, several with commas, or all.

    Raises:
        SettingError: there is no such stress, or one is there twice.
    """
    known = groups()[GROUP]
    names = known if text == ALL else text.split(",")
    for k, name in enumerate(names):
        if name not in known:
            near = nearest(name, [*known, ALL])
            hint = f"\nDid you mean stress={near[0]}?" if near else ""
            raise SettingError(f"stress={text}: there is no stress {name!r}{hint}\nThere are {', '.join(known)}, all")
        if name in names[:k]:
            raise SettingError(f"stress={text}: {name} is there twice")
    return tuple(map(_read, names))


def stress_settings(request: CurveRequest, directory: Path | None) -> StressSettings:
    """Every controller under every value of every stress. What does not go together is left out, and told.

    Raises:
        RunError: a run is damaged.
        SettingError: there is no such stress, an override is not allowed, or nothing goes together.
    """
    tested = stresses(request.stress or "")
    for axis in request.axes:
        raise SettingError(f"{axis.key}: has several values, but stress={request.stress} says what is varied")
    named = request.controllers or runs("last")
    controllers = {
        str(label): evaluation([*request.fixed, *overrides], directory)
        for label, overrides in zip(named.values, named.overrides, strict=True)
    }
    if any(nominal.animation for nominal, _, _ in controllers.values()):
        raise SettingError("animation=true: a stress test makes no films; measure the value that is meant on its own")
    called = dict(zip(controllers, distinct([folder_name([label]) for label in controllers]), strict=True))
    panels, left_out = [], []
    for stress in tested:
        points = []
        for label, (nominal, run, _) in controllers.items():
            for value in stress.values:
                try:
                    settings = stress.under(nominal, value)
                except SettingError as error:
                    left_out.append(f"stress={stress.name}, {label}: {error}")
                    continue
                name = f"{stress.name}/{folder_name([called[label], f'{stress.name}={value}'])}"
                points.append(Point(label, value, {stress.key: str(value)}, name, run, settings))
        if points:
            panels.append(StressPanel(stress.name, stress.key, stress.axis, tuple(stress.values), tuple(points)))
    left_out = list(dict.fromkeys(left_out))
    if not panels:
        raise SettingError("\n".join(left_out))
    unstressed = {label: nominal.config for label, (nominal, _, _) in controllers.items()}
    return StressSettings(tuple(panels), tuple(left_out), unstressed)


def _read(name: str) -> Stress:
    file = source(f"{GROUP}/{name}")
    assert file is not None
    return record(Stress, {"name": name, **file.values}, f"{GROUP}/{name}.yaml")


def _regime(own: Mapping[str, object], name: str) -> Mapping[str, object]:
    """The model ``name`` in place of one with the same equations, with as many neurons.

    Raises:
        SettingError: it has other equations.
    """
    if own["name"] == name:
        return own
    if is_own(own) or neuron_model(str(own["name"])).kernel != neuron_model(name).kernel:
        raise SettingError(f"model={name}: has other equations than {own['name']}")
    other: Mapping[str, object] = compose("environment", [f"model={name}"])[MODEL]
    return {**other, "neurons": own["neurons"]}


def _put(config: Config, key: str, value: object) -> None:
    section, _, name = key.partition(".")
    if name:
        config[section][name] = value
    else:
        config[section] = value
