"""Adaptive DBS in C: the amplitude of a rhythm behind a filter, and a current that follows it by a ramp."""

import math

import numpy as np

from rldbs.agents.classical.adaptive import ORDER, Adaptive, AdaptiveSettings
from rldbs.export.c_parts import Effort, Kept, Part
from rldbs.export.c_signal import SLOWLY
from rldbs.export.layout import Layout

ENVELOPE = """
/* The amplitude of the rhythm: what passes the band, as a part of the sample and resonances, rectified and averaged. */
static float envelope(name_state *s)
{
    const float *window = s->observation + WATCHED;
    int k, i;
    if (!s->following)
        s->rest = window[0];
    for (k = s->following ? LENGTH - NEWEST : 0; k < LENGTH; k++) {
        const float sample = window[k] - s->rest;
        float passed = THROUGH * sample;
        for (i = 0; i < RESONANCES; i++) {
            const float *c = resonances + 4 * i;
            const float x = s->resonance[2 * i], y = s->resonance[2 * i + 1];
            passed += c[2] * x - c[3] * y;
            s->resonance[2 * i] = c[0] * x - c[1] * y + sample;
            s->resonance[2 * i + 1] = c[1] * x + c[0] * y;
        }
        s->amplitude += REPLACED * (HALF_PI * fabsf(passed) - s->amplitude);
    }
    s->following = 1;
    return s->amplitude;
}
"""
RAMP = """
/* The current, whose level goes to what is wanted no faster than the ramp allows. */
static float ramped(name_state *s, float wanted)
{
    const float away = wanted - s->level[0] - s->level[1];
    add_slowly(s->level, fminf(fmaxf(away, -STEP_OF_RAMP), STEP_OF_RAMP));
    return SIZE * (s->level[0] + s->level[1]);
}
"""


def envelope_parts(settings: AdaptiveSettings, acting: Adaptive, layout: Layout) -> list[Part]:
    """What follows the amplitude, and the ramp, of a controller that acts by them.

    The band-pass is the sum of its resonances w, one for each pair of poles p: w' = p·w + u, y = d·u + Σ 2·Re(c·w). So
    its poles are rounded to float32 and no polynomial is, whose roots would move far.
    """
    from scipy.signal import butter

    stride = layout.recording.stride
    rate = 1000.0 / (stride * layout.loop.model.dt)
    zeros, poles, through = butter(ORDER, [settings.low, settings.high], "bandpass", fs=rate, output="zpk")
    table = []
    for pole in poles[poles.imag > 0.0]:
        share = 2.0 * through * np.prod(pole - zeros) / np.prod(pole - poles[poles != pole])
        table.append([pole.real, pole.imag, share.real, share.imag])
    newest = layout.interval // stride
    follows = Part(
        ENVELOPE,
        counts={"WATCHED": settings.channel * layout.length, "NEWEST": newest, "RESONANCES": len(table)},
        numbers={"THROUGH": float(through), "REPLACED": acting.envelope.replaced, "HALF_PI": 0.5 * math.pi},
        tables={"resonances": np.array(table)},
        kept=[
            Kept("following", "whether the first window has been followed", "int32_t"),
            Kept("rest", "the first sample, at which the filter rests"),
            Kept("resonance", "of the band, real and imaginary part of each", length=2 * len(table)),
            Kept("amplitude", "of the rhythm"),
        ],
        effort=Effort(newest * (6 * len(table) + 3)),
    )
    ramp = Part(
        RAMP,
        numbers={"SIZE": acting.size, "STEP_OF_RAMP": acting.step},
        kept=[Kept("level", "of the current, from 0 to 1, in two floats", length=2)],
        effort=Effort(1),
    )
    return [SLOWLY, follows, ramp]
