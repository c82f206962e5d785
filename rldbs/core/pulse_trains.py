"""Trains of stimulation pulses, as physicians set them: Hz, µs, µA/cm²."""

import numpy as np

from rldbs.core.arguments import Floats, number, whole
from rldbs.core.errors import SettingError, shown
from rldbs.core.native import MOST_MEANS


def pulse_train(
    steps: int, dt: float, frequency: float, amplitude: float, width: float, *, balanced: bool = False
) -> Floats:
    """The current of a contact in each integration step, float64 (steps,), in µA/cm².

    Pulses begin at the steps nearest to multiples of the period, the first one at once. A positive current
    depolarises cells, as a cathode near them does.

    Args:
        steps: how many.
        dt: length of a step, in ms.
        frequency: pulses in a second, in Hz.
        amplitude: in µA/cm².
        width: of a pulse, or of each of its two phases, in µs; a whole number of steps.
        balanced: each pulse is followed at once by one of the other sign, so that no charge is left.

    Raises:
        SettingError: an argument is out of range, or pulses run into each other.

    Example:
        >>> from rldbs.core.pulse_trains import pulse_train
        >>> pulse_train(6, dt=0.01, frequency=130.0, amplitude=1000.0, width=20.0, balanced=True).tolist()
        [1000.0, 1000.0, -1000.0, -1000.0, 0.0, 0.0]
    """
    steps, dt = whole("steps", steps, 0, MOST_MEANS), number("dt", dt, above=0.0)
    frequency, amplitude = number("frequency", frequency, above=0.0), number("amplitude", amplitude)
    duration = number("width", width, above=0.0) / 1000.0 / dt
    if type(balanced) is not bool:
        raise SettingError(f"balanced: must be true or false, is {shown(balanced)}")
    phase = round(min(duration, 2.0 * steps + 1.0))
    if duration <= 2.0 * steps and abs(duration - phase) > 1e-6:
        raise SettingError(f"width: must be a whole number of steps of {1000.0 * dt:g} µs, is {width:g} µs")
    period = min(1000.0 / frequency / dt, 1e300)
    if (1 + balanced) * phase > period:
        raise SettingError(f"width: pulses of {width:g} µs run into each other at {frequency:g} Hz")
    onset = np.round(np.arange(int(steps / period) + 1) * period).astype(np.int64)
    current = np.zeros(steps + 2 * phase)
    for first, sign in ((0, 1.0), (phase, -1.0))[: 1 + balanced]:
        at = (onset[onset < steps, None] + first + np.arange(phase)).ravel()
        current[at] = sign * amplitude
    return current[:steps]
