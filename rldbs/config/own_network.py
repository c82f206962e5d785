"""A network of cells that a user has described: its section of the configuration, read and checked.

What stands there may be a stranger's: of the texts none can become code, and none can upset a terminal or a picture.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from rldbs.config.checked_records import record, shown
from rldbs.config.own_model import check_described, check_name, check_told
from rldbs.core.cell_populations import checked_cells
from rldbs.core.cell_settings import MOST_CHANNELS
from rldbs.core.cells import BUILT_IN
from rldbs.core.described_network import (
    CellText,
    GroupText,
    OwnNetworkSettings,
    PotentialText,
    ProjectionText,
    PulsesText,
)
from rldbs.core.equation_grammar import NAME, TAKEN
from rldbs.core.errors import SettingError, visible
from rldbs.core.field_potential import FieldPotential

MOST_GROUPS, MOST_PROJECTIONS, MOST_CELLS, MOST_SYNAPSES = 16, 64, 100_000, 10**7
PARTS = ("cells", "groups", "projections", "pulses", "potential")
"""Sections within the section of the model."""
TEXTS = ("where", "equations", "start", "spike")
"""Sections of a cell that hold equations."""
MADE = ("lfp", "severity", "pulses", "errors")
"""Variables of the mean field that are there without being named."""
CELL: Mapping[str, Any] = {"inputs": [], "parameters": {}, "where": {}, "start": {}, "spike": {}}
GROUP: Mapping[str, Any] = {"current": 0.0, "current_pd": None, "spread": 0.0, "parameters": {}}
PROJECTION: Mapping[str, Any] = {"ring": None, "random": None, "seed": 0, "all": False}
PULSES: Mapping[str, Any] = {"relayed_by": None}
"""What may be left out."""


def network_settings(values: Mapping[str, Any]) -> OwnNetworkSettings:
    """The settings of a network of a user's.

    Raises:
        SettingError: a key is unknown or missing, a value is not allowed, a name is of nothing, or an equation cannot
            be read.
    """
    inner = {name: values.get(name) for name in PARTS}
    settings = record(OwnNetworkSettings, {key: value for key, value in values.items() if key not in PARTS}, "model")
    check_name(settings.name)
    pulses, potential = inner["pulses"], inner["potential"]
    empty: Mapping[str, object] = {}
    cells, projections = (empty if inner[part] is None else inner[part] for part in ("cells", "projections"))
    settings = replace(
        settings,
        cells={name: _cell(name, value) for name, value in _named(cells, "cells").items()},
        groups={name: _group(name, value) for name, value in _named(inner["groups"], "groups").items()},
        projections={
            name: record(ProjectionText, _with(PROJECTION, value), f"model.projections.{name}")
            for name, value in _named(projections, "projections").items()
        },
        pulses=None if pulses is None else record(PulsesText, _with(PULSES, pulses), "model.pulses"),
        potential=None if potential is None else record(PotentialText, potential, "model.potential"),
    )
    _check_groups(settings)
    _check_projections(settings)
    _check_named_groups(settings)
    _check_recorded(settings)
    return checked_cells(settings)  # type: ignore[return-value]


def _with(usual: Mapping[str, Any], given: object) -> object:
    return {**usual, **given} if isinstance(given, Mapping) else given


def _named(given: object, section: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping) or (section == "groups" and not given):
        raise SettingError(f"model.{section}={shown(given)}: must hold names with what each is")
    for name in given:
        if type(name) is not str or not NAME.fullmatch(name):
            raise SettingError(
                f"model.{section}.{visible(str(name))[:40]}: is no name: a letter, then up to 23 letters, digits and _"
            )
    return given


def _cell(name: str, given: object) -> CellText:
    key = f"model.cells.{name}"
    if name in BUILT_IN or name in TAKEN:
        raise SettingError(f"{key}: means something else; give it another name")
    found = _with(CELL, given)
    if isinstance(found, Mapping):
        found = {section: _texts(value) if section in TEXTS else value for section, value in found.items()}
    return record(CellText, found, key)


def _texts(given: object) -> object:
    """Equations, of which one that is a number is text, too."""
    if not isinstance(given, Mapping):
        return given
    return {name: str(each) if type(each) in (int, float) else each for name, each in given.items()}


def _group(name: str, given: object) -> GroupText:
    found = record(GroupText, _with({**GROUP, "label": name}, given), f"model.groups.{name}")
    check_described(f"groups.{name}.label", found.label)
    return found


def _there(key: str, name: object, names: Collection[str], what: str) -> None:
    """Whether there is such a one.

    Raises:
        SettingError: there is not.
    """
    if name in names:
        return
    near = get_close_matches(str(name), names, n=1)
    hint = f"\nDid you mean {near[0]}?" if near else ""
    there = ", ".join(names) or "none"
    raise SettingError(f"{key}={visible(str(name))[:40]}: there is no such {what}{hint}\nThere are {there}")


def _check_groups(settings: OwnNetworkSettings) -> None:
    if len(settings.groups) > MOST_GROUPS or settings.neurons > MOST_CELLS:
        raise SettingError(
            f"model.groups: {len(settings.groups)} with {settings.neurons} cells are too many; at most {MOST_GROUPS}, "
            f"and {MOST_CELLS} cells"
        )
    kinds = settings.kinds
    for name, group in settings.groups.items():
        _there(f"model.groups.{name}.cell", group.cell, kinds, "cell")
        equations = kinds[group.cell].equations
        for constant in group.parameters:
            known = () if equations is None else equations.constants
            _there(f"model.groups.{name}.parameters", constant, known, f"constant of {group.cell}")
    for name in settings.cells:
        if name not in {group.cell for group in settings.groups.values()}:
            raise SettingError(f"model.cells.{name}: no group is of these cells; leave them out, or name a group")


def _group_of(key: str, text: str, settings: OwnNetworkSettings, what: str) -> str:
    """The group that stands before the dot of ``stn.s``, of which s is such a ``variable`` or ``input``.

    Raises:
        SettingError: there is no dot, no such group, or it has no such one.
    """
    group, dot, _ = text.partition(".")
    if not dot:
        raise SettingError(
            f"{key}={shown(text)}: must name a group and its {what}, as {'stn.s' if what == 'variable' else 'gpe.ampa'}"
        )
    if group not in settings.groups:
        _there(key, group, settings.groups, "group")
    cell = settings.kinds[settings.groups[group].cell]
    _there(key, text, [f"{group}.{one}" for one in (cell.variables if what == "variable" else cell.inputs[1:])], what)
    return group


def _check_samples(settings: OwnNetworkSettings) -> None:
    """Whether no more is sampled at a step than can be: what is recorded, and what a field potential is made of.

    Raises:
        SettingError: it is more.
    """
    potential = settings.network.potential
    recorded, needed = len(settings.recorded), 0
    if potential is not None:
        needed = len(FieldPotential(settings.network, potential).channels)
    if recorded + needed > MOST_CHANNELS:
        raise SettingError(
            f"model.potential: takes {needed} samples a step, one of each cell of its group and one of each that could "
            f"act on those, and model.recorded {recorded}; at most {MOST_CHANNELS} together"
        )


def _check_projections(settings: OwnNetworkSettings) -> None:
    if len(settings.projections) > MOST_PROJECTIONS:
        raise SettingError(f"model.projections: {len(settings.projections)} are too many; at most {MOST_PROJECTIONS}")
    synapses = 0
    for name, projection in settings.projections.items():
        key, sizes = f"model.projections.{name}", []
        for end, text in (("source", projection.source), ("target", projection.target)):
            group = _group_of(f"{key}.{end}", text, settings, "variable" if end == "source" else "input")
            sizes.append(settings.groups[group].cells)
        patterns = [projection.ring is not None, projection.random is not None, projection.all]
        if sum(patterns) != 1:
            raise SettingError(f"{key}: must have one of ring=[…], random=… and all=true, has {sum(patterns)}")
        others = sizes[0] - (projection.source.partition(".")[0] == projection.target.partition(".")[0])
        if projection.random is not None and projection.random > others:
            raise SettingError(f"{key}.random={projection.random}: there are {others} cells to take from")
        if projection.all and others < 1:
            raise SettingError(f"{key}.all=true: there is no other cell to take from")
        each = len(projection.ring) if projection.ring is not None else projection.random or others
        synapses += each * sizes[1]
    if synapses > MOST_SYNAPSES:
        raise SettingError(f"model.projections: {synapses} synapses are too many; at most {MOST_SYNAPSES}")


def _check_named_groups(settings: OwnNetworkSettings) -> None:
    _there("model.stimulated", settings.stimulated, settings.groups, "group")
    if settings.pulses is not None:
        _there("model.pulses.target", settings.pulses.target, settings.groups, "group")
        if settings.pulses.relayed_by is not None:
            _there("model.pulses.relayed_by", settings.pulses.relayed_by, settings.groups, "group")
    potential = settings.potential
    if potential is None:
        return
    _there("model.potential.group", potential.group, settings.groups, "group")
    cell = settings.groups[potential.group].cell
    for onto in potential.reversal:
        _there("model.potential.reversal", onto, settings.kinds[cell].inputs[1:], f"input of {cell}")
    for projection in settings.projections.values():
        group, _, onto = projection.target.partition(".")
        if group == potential.group and onto not in potential.reversal:
            raise SettingError(f"model.potential.reversal.{onto}: is missing; at which mV does its current turn?")


def _check_recorded(settings: OwnNetworkSettings) -> None:
    if next(iter(settings.recorded), None) != "x":
        raise SettingError("model.recorded: the first one must be x, which is controlled: x: stn.s")
    for name, text in settings.recorded.items():
        key = f"model.recorded.{visible(name)[:40]}"
        if not NAME.fullmatch(name) or name in MADE or name in TAKEN:
            raise SettingError(f"{key}: means something else, or is no name; give it another one")
        _group_of(key, text, settings, "variable")
    _check_samples(settings)
    check_described("title", settings.title)
    check_described("source", settings.source)
    check_told(settings.meanings, settings.ranges, tuple(settings.recorded))
