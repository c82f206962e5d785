"""Whether phases, and the windows in which suppression is looked for, are long enough for what is measured in them.

A standard deviation over less than a period of the rhythm says where in its period the population was, not how strong
the rhythm is: a short enough window finds any population suppressed.
"""

from rldbs.analysis.metric_definitions import SUPPRESSED
from rldbs.analysis.rhythm import rhythm_period
from rldbs.core.errors import SettingError
from rldbs.core.model_settings import ModelSettings
from rldbs.core.native import Floats
from rldbs.core.sliding_window import rolling_std
from rldbs.experiment.command_settings import Checkpoints, Protocol

QUIET_PART = 0.1
"""Most of the windows of a free phase that may be found suppressed. Of windows of a period none is, however irregular
the rhythm; of windows of a quarter of one, about a fifth."""


def check_protocol(protocol: Protocol, model: ModelSettings) -> None:
    """Whether the phases of a protocol hold a period of the rhythm each.

    Raises:
        SettingError: one does not.
    """
    _check("protocol.free", protocol.free, model.period, "the free phase", model)
    if protocol.stimulated - protocol.onset < model.period:
        least = protocol.onset + model.period
        _check(
            "protocol.stimulated", protocol.stimulated, least, f"what follows protocol.onset={protocol.onset}", model
        )
    if protocol.relaxed:
        _check("protocol.relaxed", protocol.relaxed, model.period, "the relaxed phase, unless it is 0,", model)


def check_checkpoints(checkpoints: Checkpoints, model: ModelSettings) -> None:
    """The same of the measurements during a training.

    Raises:
        SettingError: they are shorter.
    """
    least = (3 * model.period - 1) // 2
    _check("checkpoints.stimulated", checkpoints.stimulated, least, "what follows the first third", model)


def check_trial(protocol: Protocol, model: ModelSettings) -> None:
    """The same of the measurements of a search.

    Raises:
        SettingError: they are shorter.
    """
    _check("tune.free", protocol.free, model.period, "the free phase", model)
    _check("tune.stimulated", protocol.stimulated, 2 * model.period - 1, "what follows the first half", model)


def check_simulation(steps: int, model: ModelSettings) -> None:
    """Whether free populations are looked at for long enough to see their rhythm.

    Raises:
        SettingError: they are not.
    """
    if steps < 2 * model.period:
        raise SettingError(
            f"steps={steps}: must be {2 * model.period} or more: a rhythm is seen in two of its periods, "
            f"model.period={model.period}"
        )


def check_windows(x: Floats, model: ModelSettings) -> None:
    """Whether free populations do not count as suppressed only because ``model.period`` is much too short.

    Args:
        x: float64 (populations, steps), their mean field.

    Raises:
        SettingError: they do, and would not in windows of the period that their rhythm has.
    """
    quiet = _quiet_part(x, model.period)
    if quiet <= QUIET_PART:
        return
    period = rhythm_period(x)
    if period > model.period and _quiet_part(x, period) <= QUIET_PART:
        raise SettingError(
            f"model.period={model.period}: is too short for this rhythm: in {quiet:.0%} of the windows of so many "
            f"steps the free populations count as suppressed; its period is about {period:.0f} integration steps "
            "(rldbs simulate shows it)"
        )


def _quiet_part(x: Floats, period: float) -> float:
    """The part of all windows of a period in which X counts as suppressed."""
    spread = rolling_std(x, period)
    return float((spread < SUPPRESSED * x.std(axis=1)[:, None]).mean()) if spread.size else 0.0


def _check(key: str, steps: int, least: int, phase: str, model: ModelSettings) -> None:
    if steps < least:
        raise SettingError(
            f"{key}={steps}: must be {least} or more: {phase} must hold a period of the rhythm, "
            f"model.period={model.period}"
        )
