"""From overrides with several values to the points of response curves."""

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from pathlib import Path

from rldbs.commands.curve_axes import Axis, CurveRequest, distinct
from rldbs.commands.evaluate import evaluation, folder_name
from rldbs.config.overrides import MOST_VALUES
from rldbs.core.errors import RldbsError, RunError, SettingError
from rldbs.experiment.command_settings import CurveSettings, Point


def curve_settings(request: CurveRequest, directory: Path | None) -> CurveSettings:
    """Every combination of the values that were given, all of them checked.

    The x axis is the first key whose values are all numbers, or else the first one, or else the controllers.
    Each combination of the values of all other keys is a curve.

    Raises:
        RunError: a run is damaged.
        SettingError: an override is not allowed.
    """
    fixed, axes = request.fixed, request.axes
    if request.controllers is not None and len(request.controllers.values) > 1:
        axes = (request.controllers, *axes)
    elif request.controllers is not None:
        fixed = (*request.controllers.overrides[0], *fixed)
    if not axes:
        raise SettingError(
            "evaluate -m: which values? One key needs several: model.neurons=100,1000; or name a stress: stress=noise"
        )
    if prod(len(axis.values) for axis in axes) > MOST_VALUES:
        raise SettingError(f"evaluate -m: at most {MOST_VALUES} measurements in one go")
    x = next((axis for axis in axes if axis.numeric), None)
    x = x or next((axis for axis in axes if not axis.controls), axes[0])
    floor = any(axis.key.partition(".")[0] == "model" for axis in axes)
    return CurveSettings(x.key, tuple(_points(axes, x, fixed, directory)), floor)


def _points(axes: Sequence[Axis], x: Axis, fixed: Sequence[str], directory: Path | None) -> Iterator[Point]:
    others = [axis for axis in axes if axis is not x]
    lines = product(*(range(len(axis.values)) for axis in others))
    combinations = [[*line, position] for line in lines for position in range(len(x.values))]
    names = distinct([_name([*others, x], chosen) for chosen in combinations])
    for chosen, name in zip(combinations, names, strict=True):
        varied = [text for axis, k in zip([*others, x], chosen, strict=True) for text in axis.overrides[k]]
        try:
            settings, run, _ = evaluation([*fixed, *varied], directory)
        except RldbsError as error:
            kind = RunError if isinstance(error, RunError) else SettingError
            raise kind(f"{error}\n(in the measurement with {' '.join(varied)})") from None
        line = " ".join(
            str(axis.values[k]) if axis.controls else f"{axis.key}={axis.values[k]}"
            for axis, k in zip(others, chosen, strict=False)
        )
        texts = dict(text.split("=", 1) for text in varied)
        alone = str(x.values[chosen[-1]]) if x.controls else settings.agent_name
        yield Point(line or alone, x.values[chosen[-1]], texts, name, run, settings)


def _name(axes: Sequence[Axis], chosen: Sequence[int]) -> str:
    return folder_name([f"{axis.key}={axis.values[k]}" for axis, k in zip(axes, chosen, strict=True)])
