"""What a model's file says of its rhythm, measured: how long it takes to build up, its period, where its rest is."""

from collections.abc import Mapping

import numpy as np

from rldbs.analysis.rhythm import rhythm_period
from rldbs.core.ensemble_kinds import ensemble_of
from rldbs.core.errors import DivergedError, SettingError
from rldbs.core.model_settings import EquationSettings
from rldbs.core.native import Floats
from rldbs.core.sliding_window import rolling_std
from rldbs.experiment.command_settings import SimulateSettings

NEAR = 0.1
"""The rhythm has built up where its strength is within this part of what it comes to."""
MARGIN = 0.5
"""By how much of what neurons pass through by themselves a range is wider, below and above."""
BETWEEN = 10
"""Steps between two looks at all neurons."""


def calibrated(settings: SimulateSettings) -> Mapping[str, object]:
    """What populations do from random initial states on, as keys of a model's file.

    Returns:
        ``period`` and ``transient`` in steps, the latter twice as long as the rhythm takes to build up; ``set_point``,
        the mean of x of uncoupled neurons; of a model from equations ``ranges``, too.

    Raises:
        DivergedError: a population went out of bounds.
        SettingError: there is no rhythm, or it has not built up early enough to be sure of that; or its cells cannot be
            uncoupled.
    """
    model, alone = settings.model, settings.model.uncoupled
    if alone is None:
        raise SettingError(f"calibrate=true: is not for model={model.name}, whose cells are coupled as they are")
    field, low, high = _from_the_beginning(settings)
    x = field[:, :, 0]
    half = x.shape[1] // 2
    period = rhythm_period(x[:, half:])
    if not np.isfinite(period):
        raise SettingError("calibrate=true: the mean field is at rest, so there is no rhythm to measure")
    found: dict[str, object] = {"transient": _transient(x, round(period)), "period": round(period)}
    apart = ensemble_of(alone, settings.populations, settings.seed, threads=settings.threads)
    rest = float(apart.advance(apart.quiet(settings.steps))[:, :, 0].mean())
    found["set_point"] = float(f"{rest:.3g}")
    if isinstance(model, EquationSettings):
        wider = MARGIN * (high - low)
        pairs = zip(model.equations, low - wider, high + wider, strict=True)
        found["ranges"] = {name: [float(f"{bottom:.2g}"), float(f"{top:.2g}")] for name, bottom, top in pairs}
    return found


def written(found: Mapping[str, object]) -> str:
    """The same as lines of a model's file."""
    lines = ["model:"]
    for key, value in found.items():
        pairs = value.items() if isinstance(value, Mapping) else ()
        text = "{" + ", ".join(f"{name}: [{low:g}, {high:g}]" for name, (low, high) in pairs) + "}"
        lines.append(f"  {key}: {text if pairs else value}")
    return "\n".join(lines)


def _from_the_beginning(settings: SimulateSettings) -> tuple[Floats, Floats, Floats]:
    """The mean field of coupled populations from their initial states on, and how far each variable of any neuron goes
    once the first half is over: float64 (populations, steps, variables), (variables,) and (variables,).
    """
    ensemble = ensemble_of(settings.model, settings.populations, settings.seed, transient=0, threads=settings.threads)
    steps, parts = settings.model.transient + settings.steps, []
    low = np.full(ensemble.state.shape[1], np.inf)
    high = -low
    for begin in range(0, steps, BETWEEN):
        parts.append(ensemble.advance(ensemble.quiet(min(BETWEEN, steps - begin))))
        if 2 * begin >= steps:
            low = np.minimum(low, ensemble.state.min(axis=(0, 2)))
            high = np.maximum(high, ensemble.state.max(axis=(0, 2)))
    field = np.concatenate(parts, axis=1)
    if not np.isfinite(field).all():
        raise DivergedError("a free population diverged; check model.dt, model.coupling and model.parameters")
    return field, low, high


def _transient(x: Floats, period: int) -> int:
    """Twice the steps after which the rhythm of every population has built up, with two digits."""
    strength = rolling_std(x, period)
    level = np.median(strength[:, strength.shape[1] // 2 :], axis=1, keepdims=True)
    latest = int((np.abs(strength - level) <= NEAR * level).argmax(axis=1).max()) + period
    if 2 * latest > x.shape[1]:
        raise SettingError(
            f"calibrate=true: the rhythm has built up after {latest} of {x.shape[1]} steps only; look longer: steps=…"
        )
    digits = 10 ** max(0, len(str(2 * latest)) - 2)
    return int(-(-2 * latest // digits) * digits)
