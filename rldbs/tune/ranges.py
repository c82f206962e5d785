"""Ranges: the values of a key among which a search looks, in the grammar of Hydra's sweeps."""

from collections.abc import Mapping, Sequence
from math import isfinite

from hydra.core.override_parser.types import ChoiceSweep, IntervalSweep, QuotedString, RangeSweep

from rldbs.config.checked_records import shown
from rldbs.config.decimals import decimals
from rldbs.config.overrides import read_override
from rldbs.core.errors import SettingError
from rldbs.tune.search_settings import Axis, Number, Value, value_at

WRITTEN = "'KEY=interval(0.001,0.1)', 'KEY=tag(log,interval(1e-4,1))', 'KEY=int(interval(1,20))' or KEY=1,2,5"


def read_axis(key: str, text: str) -> Axis:
    """A range as it is written on the command line.

    Raises:
        SettingError: it is no range of numbers.

    Example:
        >>> read_axis("agent.gain", "tag(log,interval(1e-4,1))").log
        True
    """
    given = f"{key}={text}"
    override = read_override(given, {})
    sweep = override.value()
    if not override.is_sweep_override() or not isinstance(sweep, ChoiceSweep | RangeSweep | IntervalSweep):
        raise SettingError(f"{given}: is no range; write {WRITTEN}")
    if set(sweep.tags) - {"log"} or (sweep.tags and not isinstance(sweep, IntervalSweep)):
        raise SettingError(f"{given}: the only tag is log, around interval")
    if getattr(sweep, "shuffle", False):
        raise SettingError(f"{given}: a search has no order that could be shuffled")
    if isinstance(sweep, ChoiceSweep):
        return _choices(key, text, sweep)
    ends = (sweep.start, sweep.stop if isinstance(sweep, RangeSweep) else sweep.end)
    low, high = _numbers(key, text, ends)
    if isinstance(sweep, RangeSweep):
        return _range(key, text, low, high, sweep.step)
    if low >= high:
        raise SettingError(f"{given}: the first number must be below the second")
    log = "log" in sweep.tags
    if log and low <= 0:
        raise SettingError(f"{given}: a logarithmic range begins above 0")
    if isinstance(low, int) is not isinstance(high, int):
        low, high = float(low), float(high)
    return Axis(key, text, low=low, high=high, log=log)


def in_units(key: str, text: str, settings: Mapping[str, object]) -> str:
    """A range of a file whose ends may be in units of another setting: ``interval(-1,1) * stimulus.amplitude``.

    Args:
        key: the key that it is for.
        text: the range.
        settings: the settings as they are composed.

    Returns:
        The range as it is written on the command line.

    Raises:
        SettingError: it is no interval, or there is no such number.

    Example:
        >>> in_units("agent.gain", "tag(log, interval(0.1, 10)) * stimulus.amplitude", {"stimulus": {"amplitude": 2.0}})
        'tag(log,interval(0.2,20))'
    """
    range_text, times, unit = text.partition(" * ")
    if not times:
        return text
    axis = read_axis(key, range_text)
    try:
        size = value_at(settings, unit)
    except KeyError:
        size = None
    if axis.choices or axis.whole or axis.step or isinstance(size, bool) or not isinstance(size, int | float):
        raise SettingError(f"{key}={text}: must be an interval of numbers, in units of a setting that is a number")
    interval = f"interval({axis.low * size:.6g},{axis.high * size:.6g})"
    return f"tag(log,{interval})" if axis.log else interval


def _choices(key: str, text: str, sweep: ChoiceSweep) -> Axis:
    values = tuple(_choice(key, text, value) for value in sweep.list)
    if len({(value, isinstance(value, bool)) for value in values}) < len(values) or len(values) < 2:
        raise SettingError(f"{key}={text}: needs two or more values, each once")
    return Axis(key, text, values)


def _choice(key: str, text: str, value: object) -> Value:
    value = value.text if isinstance(value, QuotedString) else value
    if (isinstance(value, float) and not isfinite(value)) or not isinstance(value, Value):
        raise SettingError(f"{key}={text}: {shown(value)} cannot be searched; numbers, words, true and false can")
    return value


def _range(key: str, text: str, low: Number, high: Number, step: Number) -> Axis:
    """The numbers of a range: its end is not one of them."""
    if step < 0:
        raise SettingError(f"{key}={text}: write the smaller number first")
    numbers = decimals(low, high, step)
    if len(numbers) < 2:
        raise SettingError(f"{key}={text}: needs two or more numbers")
    step = step if isinstance(numbers, range) else float(step)
    return Axis(key, text, low=numbers[0], high=numbers[-1], step=step)


def _numbers(key: str, text: str, values: Sequence[object]) -> tuple[Number, ...]:
    """The values, all of which are finite numbers."""
    found = []
    for value in values:
        if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < float("inf"):
            raise SettingError(f"{key}={text}: {shown(value)} is no number; only numbers can be searched")
        found.append(value)
    return tuple(found)
