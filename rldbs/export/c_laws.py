"""The classical controllers in C, each from the same settings as in a measurement."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from rldbs.agents.classical import CLASSICAL
from rldbs.agents.classical.delayed import DelayedFeedbackSettings, NonlinearDelayedFeedbackSettings
from rldbs.agents.classical.feedback_signal import FeedbackSettings
from rldbs.agents.classical.linear import PDSettings, PISettings, ProportionalSettings
from rldbs.agents.classical.open_loop import ConstantSettings, OpenLoopSettings, RandomSettings
from rldbs.agents.classical.oscillator import AdaptiveFeedbackSettings, PassiveOscillatorSettings
from rldbs.agents.classical.pulses import PhasePulsesSettings
from rldbs.agents.classical.resonator import RhythmSettings
from rldbs.agents.classical.thresholds import DualThresholdSettings, OnOffSettings
from rldbs.agents.classical.until import UntilSettings
from rldbs.agents.settings import AgentSettings, NoStimulation
from rldbs.core.errors import SettingError
from rldbs.export.c_adaptive import ADAPTIVE
from rldbs.export.c_delay import delay_part, pair_delay_part
from rldbs.export.c_law import law
from rldbs.export.c_parts import Kept, Part
from rldbs.export.c_signal import (
    AMPLITUDE,
    SLOWLY,
    Place,
    adaptive_part,
    behind_part,
    rhythm_part,
    train_part,
)
from rldbs.export.layout import Layout


def _signal(settings: FeedbackSettings, layout: Layout) -> list[Part]:
    slowly = [SLOWLY] if settings.baseline is not None else []
    return [*slowly, *Place(layout, settings.signal(layout.loop)).value()]


def _rhythm(settings: RhythmSettings, layout: Layout) -> list[Part]:
    return [*_signal(settings, layout), rhythm_part(layout, settings.rhythm(layout.loop))]


def _proportional(settings: ProportionalSettings, layout: Layout) -> list[Part]:
    return [*_signal(settings, layout), law("return -GAIN * signal_now(s);", {"GAIN": settings.gain})]


def _pd(settings: PDSettings, layout: Layout) -> list[Part]:
    place = Place(layout, settings.signal(layout.loop))
    gain = settings.derivative_gain * layout.loop.model.period / (2.0 * math.pi)
    lines = "return -GAIN * signal_now(s) - DERIVATIVE_GAIN * slope_now(s);"
    return [
        *_signal(settings, layout),
        place.slope(),
        law(lines, {"GAIN": settings.gain, "DERIVATIVE_GAIN": gain}, 2),
    ]


PI_LAW = """
const float value = signal_now(s);
const float step = HALF_STEP * ((s->begun ? s->before : value) + value);
const float held = -GAIN * value - INTEGRAL_GAIN * (s->integral[0] + s->integral[1]);
const float wanted = held - INTEGRAL_GAIN * step;
s->begun = 1;
s->before = value;
if (fabsf(wanted) > AMPLITUDE && -INTEGRAL_GAIN * step * wanted > 0.0f)
    return held; /* at its limit, and driven further: the integral stands still */
add_slowly(s->integral, step);
return -GAIN * value - INTEGRAL_GAIN * (s->integral[0] + s->integral[1]);
"""


def _pi(settings: PISettings, layout: Layout) -> list[Part]:
    kept = (
        Kept("begun", "whether there was a decision", "int32_t"),
        Kept("before", "the signal at the last decision"),
        Kept("integral", "its integral over the phase, in two floats", length=2),
    )
    half = math.pi / layout.loop.model.period * layout.interval
    numbers = {"GAIN": settings.gain, "INTEGRAL_GAIN": settings.integral_gain, "HALF_STEP": half}
    slowly = [] if settings.baseline is not None else [SLOWLY]
    return [*slowly, *_signal(settings, layout), law(PI_LAW, numbers, 8, kept=kept)]


def _delayed(settings: DelayedFeedbackSettings, layout: Layout) -> list[Part]:
    period, fades = layout.loop.model.period, settings.fade_in > 0
    lines = ["const float now = signal_now(s);", "const float before = delayed(s, now);"]
    gain, kept, numbers = "GAIN", tuple[Kept, ...](), {"GAIN": settings.gain}
    if fades:
        lines += ["if ((float)s->passed * STEP_OF_FADE < 1.0f)", "    s->passed++;"]
        gain = "GAIN * fminf((float)s->passed * STEP_OF_FADE, 1.0f)"
        kept = (Kept("passed", "decisions, until the gain is there", "int32_t"),)
        numbers["STEP_OF_FADE"] = layout.interval / (settings.fade_in * period)
    lines.append(f"return {gain} * {'(before - now)' if settings.difference else 'before'};")
    return [
        *_signal(settings, layout),
        delay_part(layout, settings.past(layout.loop)),
        law("\n".join(lines), numbers, 2, kept=kept),
    ]


NONLINEAR_LAW = """
float x, y, past[2];
follow(s);
x = s->phasor[0];
y = s->phasor[1];
delayed(s, past);
return GAIN * ((x * x - y * y) * past[0] + 2.0f * x * y * past[1]);
"""


def _nonlinear(settings: NonlinearDelayedFeedbackSettings, layout: Layout) -> list[Part]:
    rhythm = settings.rhythm(layout.loop)
    before, after = pair_delay_part(layout, settings.past(layout.loop))
    return [
        *_signal(settings, layout),
        before,
        rhythm_part(layout, rhythm, "            keep_found(s, k);\n"),
        after,
        law(NONLINEAR_LAW, {"GAIN": settings.gain}, 7),
    ]


def _passive(settings: PassiveOscillatorSettings, layout: Layout) -> list[Part]:
    lines = "follow(s);\nreturn -GAIN * behind(s);"
    return [*_rhythm(settings, layout), behind_part(settings.phase), law(lines, {"GAIN": settings.gain})]


def _slow_rhythm(settings: RhythmSettings, layout: Layout) -> list[Part]:
    """The rhythm, for a law that adds slowly in any case."""
    return [*([] if settings.baseline is not None else [SLOWLY]), *_rhythm(settings, layout), AMPLITUDE]


def _adaptive(settings: AdaptiveFeedbackSettings, layout: Layout) -> list[Part]:
    settings.adaptive_gain(layout.loop)
    lines = "follow(s);\nreturn -adapted_gain(s, rhythm_amplitude(s)) * behind(s);"
    parts = [behind_part(settings.phase), adaptive_part(layout, settings), law(lines, {}, 3, 1)]
    return [*_slow_rhythm(settings, layout), *parts]


PULSES_LAW = """
float amplitude, towards, pulse;
follow(s);
amplitude = rhythm_amplitude(s);
towards = behind(s);
pulse = adapted_gain(s, amplitude) * amplitude;
if (towards > EDGE * amplitude)
    return -pulse;
"""


def _phase_pulses(settings: PhasePulsesSettings, layout: Layout) -> list[Part]:
    settings.adaptive_gain(layout.loop)
    stimulus = layout.loop.stimulus
    decision = 2.0 * math.pi * stimulus.interval * stimulus.every / layout.loop.model.period
    edge = math.cos(min(max(math.radians(settings.width), decision), math.pi) / 2.0)
    both = "return towards < -EDGE * amplitude ? pulse : 0.0f;" if settings.pulses == 2 else "return 0.0f;"
    parts = [behind_part(settings.phase), adaptive_part(layout, settings), law(PULSES_LAW + both, {"EDGE": edge}, 5, 1)]
    return [*_slow_rhythm(settings, layout), *parts]


def _on_off(settings: OnOffSettings, layout: Layout) -> list[Part]:
    lines = """
float pulse;
follow(s);
pulse = next_pulse(s);
return rhythm_amplitude(s) > THRESHOLD ? pulse : 0.0f;
"""
    end = law(lines, {"THRESHOLD": settings.threshold}, 2, 1)
    return [*_rhythm(settings, layout), AMPLITUDE, train_part(layout, settings), end]


DUAL_LAW = """
float amplitude;
follow(s);
amplitude = rhythm_amplitude(s);
if (amplitude > UPPER)
    s->ramp = fminf(s->ramp + STEP_OF_RAMP, 1.0f);
else if (amplitude < LOWER)
    s->ramp = fmaxf(s->ramp - STEP_OF_RAMP, 0.0f);
return next_pulse(s) * s->ramp;
"""


def _dual(settings: DualThresholdSettings, layout: Layout) -> list[Part]:
    numbers = {
        "LOWER": settings.lower,
        "UPPER": settings.upper,
        "STEP_OF_RAMP": layout.interval / (settings.ramp * layout.loop.model.period),
    }
    end = law(DUAL_LAW, numbers, 3, 1, kept=(Kept("ramp", "how much of the pulses is given"),))
    return [*_rhythm(settings, layout), AMPLITUDE, train_part(layout, settings), end]


def _constant(settings: ConstantSettings, layout: Layout) -> list[Part]:
    return [law("(void)s;\nreturn SIZE;", {"SIZE": settings.size}, 0)]


def _open_loop(settings: OpenLoopSettings, layout: Layout) -> list[Part]:
    return [train_part(layout, settings), law("return next_pulse(s);", {}, 0)]


UNTIL_LAW = """
const float *window = s->observation + WATCHED;
float mean = 0.0f, square = 0.0f, pulse;
int k;
for (k = 0; k < LENGTH; k++)
    mean += window[k] / (float)LENGTH;
for (k = 0; k < LENGTH; k++)
    square += (window[k] - mean) * (window[k] - mean) / (float)LENGTH;
pulse = next_pulse(s);
if (@AGAIN@)
    s->ended = 0;
if (@MEASURE@ < BELOW)
    s->ended = 1;
return s->ended ? 0.0f : pulse;
"""


def _until(settings: UntilSettings, layout: Layout) -> list[Part]:
    measure = "mean" if settings.measure == "mean" else "sqrtf(square)"
    again, numbers = "0", {"BELOW": settings.below}
    if settings.above is not None:
        again, numbers["ABOVE"] = f"{measure} > ABOVE", settings.above
    lines = UNTIL_LAW.replace("@AGAIN@", again).replace("@MEASURE@", measure)
    kept = (Kept("ended", "whether enough has been done", "int32_t"),)
    end = law(lines, numbers, 3 * layout.length, 1, kept)
    counts = {"WATCHED": settings.channel * layout.length}
    return [train_part(layout, settings), replace(end, counts=counts)]


LAWS: Mapping[type[Any], Callable[[Any, Layout], list[Part]]] = {
    ConstantSettings: _constant,
    OpenLoopSettings: _open_loop,
    ProportionalSettings: _proportional,
    PDSettings: _pd,
    PISettings: _pi,
    DelayedFeedbackSettings: _delayed,
    NonlinearDelayedFeedbackSettings: _nonlinear,
    PassiveOscillatorSettings: _passive,
    AdaptiveFeedbackSettings: _adaptive,
    PhasePulsesSettings: _phase_pulses,
    OnOffSettings: _on_off,
    DualThresholdSettings: _dual,
    UntilSettings: _until,
    **ADAPTIVE,
}
"""What a controller consists of beside its window, by its settings."""


def law_parts(settings: AgentSettings, layout: Layout, name: str) -> list[Part]:
    """The parts of a classical controller beside its window.

    Raises:
        SettingError: there is nothing that could be written in C.
    """
    if isinstance(settings, NoStimulation):
        raise SettingError(f"agent={name}: never stimulates; there is nothing to export")
    if isinstance(settings, RandomSettings):
        raise SettingError(f"agent={name}: draws its kicks from NumPy's generators, which no other program has")
    if type(settings) not in LAWS:
        forms = ", ".join(one for one, kind in CLASSICAL.own.items() if kind in LAWS)
        raise SettingError(f"agent={name}: has no form in C; these have: {forms}")
    contacts = layout.loop.stimulus.contacts
    if contacts > 1:
        raise SettingError(
            f"agent={name}: has a form in C for one contact; there are {contacts}, which networks can steer"
        )
    return LAWS[type(settings)](settings, layout)
