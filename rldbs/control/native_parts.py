"""Which parts of a closed loop the C core does in one call, and which are left to Python."""

from rldbs.control.divergence import DIVERGED
from rldbs.control.history import History
from rldbs.control.loop_settings import LoopSettings
from rldbs.control.own_words import said
from rldbs.control.sensor import Sensor
from rldbs.core.ensemble import Ensemble
from rldbs.core.native_step import AnyStep


def native_step(settings: LoopSettings, ensemble: Ensemble, field: History, sensor: Sensor) -> AnyStep:
    """An environment step of a closed loop. What it leaves out, the loop itself does.

    Those are the kicks of a stimulus that is not proportional to the action, or while the coupling drifts, which comes
    first, or where an episode ends without any; rewards and observations that the core does not know; and all that a
    sensor changes.
    """
    stimulus, reward, recording = settings.stimulus, settings.reward, settings.recording
    samples = said(recording, "samples", "observe") if sensor.is_perfect else None
    return ensemble.loop_step(
        field.values,
        field.memory,
        stimulus.interval,
        DIVERGED,
        None if settings.coupling.drifts or settings.episode.quiet else said(stimulus, "proportional", "kicks"),
        stimulus.together,
        said(reward, "terms", "reward"),
        None if samples is None else samples(settings.model.model),
    )


def resting_step(settings: LoopSettings, ensemble: Ensemble, field: History) -> AnyStep:
    """The same without actions, rewards and observations."""
    interval = settings.stimulus.interval
    return ensemble.loop_step(field.values, field.memory, interval, DIVERGED, None, False, None, None)
