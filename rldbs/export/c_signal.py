"""What classical controllers in C listen to: a signal, its slope, its rhythm, its past; and pulses in their time."""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from rldbs.agents.classical.feedback_signal import Signal
from rldbs.agents.classical.open_loop import PulseTrainSettings
from rldbs.agents.classical.oscillator import AdaptiveSettings
from rldbs.agents.classical.resonator import Rhythm
from rldbs.export.c_parts import Effort, Kept, Part
from rldbs.export.layout import Layout

DIGITS = 53
"""Binary digits of a float64, in which the period of a train of pulses is given."""

SLOWLY = Part("""
/* Adds to a sum in two floats: what is too small for the first is kept in the second. */
static void add_slowly(float sum[2], float change)
{
    const float left = change + sum[1];
    const float now = sum[0] + left;
    sum[1] = left - (now - sum[0]);
    sum[0] = now;
}
""")
REST = """
/* Where the signal counts as 0. */
static float rest_of(const name_state *s)
{
@REST@}
"""
MEAN = """    const float *window = s->observation + SIGNAL;
    float mean = 0.0f;
    int k;
    for (k = 0; k < LENGTH; k++)
        mean += window[k] - window[0];
    return window[0] + mean / (float)LENGTH;
"""
VALUE = """
/* The signal now, from its rest. */
static float signal_now(@CONST@name_state *s)
{
    const float *newest = s->observation + SIGNAL + LENGTH - SMOOTHED;
    const float rest = rest_of(s);
    float value = 0.0f;
    int k;
    for (k = 0; k < SMOOTHED; k++)
        value += smoothing[k] * (newest[k] - rest);
@BASELINE@    return value;
}
"""
BASELINE = """    add_slowly(s->baseline, FORGOTTEN * (value - s->baseline[0] - s->baseline[1]));
    value = value - s->baseline[0] - s->baseline[1];
"""
SLOPE = """
/* Its derivative, per integration step. */
static float slope_now(const name_state *s)
{
    const float *newest = s->observation + SIGNAL + LENGTH - SMOOTHED;
    float slope = 0.0f;
    int k;
    for (k = 0; k < SMOOTHED; k++)
        slope += slopes[k] * newest[k];
    return slope;
}
"""
RHYTHM = """
/* A step of the driven oscillator, for a drive that goes in a straight line. */
static void advance(name_state *s, const float *step, float drive, float slope)
{
    const float u = s->oscillator[0], velocity = s->oscillator[1], integral = s->oscillator[2];
    int i;
    for (i = 0; i < 3; i++, step += 5)
        s->oscillator[i] = step[0] * u + step[1] * velocity + step[2] * integral + step[3] * drive + step[4] * slope;
}

/* The rhythm A cos(theta), and its quadrature. */
static void find_phasor(name_state *s)
{
    s->phasor[0] = ALONG * s->oscillator[1];
    s->phasor[1] = ACROSS * s->oscillator[2] - BACK * s->oscillator[1];
}

/* Follows the rhythm of the signal: at first through the whole window, then from decision to decision. */
static void follow(name_state *s)
{
    float now;
    if (!s->following) {
        const float *window = s->observation + SIGNAL;
        const float rest = rest_of(s);
        int k;
        for (k = 1; k < LENGTH; k++) {
            advance(s, sample_steps, window[k - 1] - rest, (window[k] - window[k - 1]) / (float)STRIDE);
            find_phasor(s);
@FOUND@        }
        s->following = 1;
        s->drive = signal_now(s);
        return;
    }
    now = signal_now(s);
    advance(s, decision_steps, s->drive, (now - s->drive) / (float)INTERVAL);
    s->drive = now;
    find_phasor(s);
}
"""
AMPLITUDE = Part("""
/* Its amplitude A. */
static float rhythm_amplitude(const name_state *s)
{
    return sqrtf(s->phasor[0] * s->phasor[0] + s->phasor[1] * s->phasor[1]);
}
""")
BEHIND = """
/* A cos(theta - phase). */
static float behind(const name_state *s)
{
    return COSINE * s->phasor[0] + SINE * s->phasor[1];
}
"""
ADAPTED = """
/* The gain now: it rises while the amplitude is above its target. */
static float adapted_gain(name_state *s, float amplitude)
{
    add_slowly(s->gain, RISE * fminf(fmaxf(amplitude / TARGET - 1.0f, 0.0f), 1.0f));
    if (s->gain[0] + s->gain[1] >= LARGEST_GAIN - FIRST_GAIN) {
        s->gain[0] = LARGEST_GAIN - FIRST_GAIN;
        s->gain[1] = 0.0f;
    }
    return FIRST_GAIN + (s->gain[0] + s->gain[1]);
}
"""
TRAIN = """
/* The kick of the train of pulses at this decision. */
static float next_pulse(name_state *s)
{
    if (s->until == 0)
        s->on = s->place < @LENGTH@;
    s->until = s->until + 1 < EVERY ? s->until + 1 : 0;
    s->place = (s->place + @STEP@) % @PERIOD@;
    return s->on ? SIZE : 0.0f;
}
"""


@dataclass(frozen=True)
class Place:
    """Where the signal is in an observation, and how it is read."""

    layout: Layout
    signal: Signal

    def value(self) -> list[Part]:
        """The signal, with what it needs."""
        signal = self.signal
        rest = MEAN if signal.rest is None else "    (void)s;\n    return REST;\n"
        slow = bool(signal.forgotten)
        code = REST.replace("@REST@", rest)
        code += VALUE.replace("@BASELINE@", BASELINE if slow else "").replace("@CONST@", "" if slow else "const ")
        part = Part(
            code,
            counts={"SIGNAL": signal.channels[0] * signal.length, "SMOOTHED": len(signal.weights)},
            numbers={
                **({} if signal.rest is None else {"REST": signal.rest}),
                **({"FORGOTTEN": signal.forgotten} if slow else {}),
            },
            tables={"smoothing": np.asarray(signal.weights)},
            kept=[Kept("baseline", "its running mean, in two floats", length=2)] if slow else [],
            effort=Effort(len(signal.weights) + 3 * slow),
        )
        return [part]

    def slope(self) -> Part:
        """Its derivative in time."""
        return Part(SLOPE, tables={"slopes": np.asarray(self.signal.slopes)}, effort=Effort(len(self.signal.slopes)))


def rhythm_part(layout: Layout, rhythm: Rhythm, found: str = "") -> Part:
    """The oscillator that follows the rhythm; ``found`` is done at every sample of the first window."""
    resonator, stride = rhythm.resonator, rhythm.signal.stride
    return Part(
        RHYTHM.replace("@FOUND@", found),
        counts={"STRIDE": stride, "INTERVAL": layout.interval},
        numbers={"ALONG": resonator.along, "ACROSS": resonator.across, "BACK": resonator.back},
        tables={
            "sample_steps": np.array(resonator.steps(stride)),
            "decision_steps": np.array(resonator.steps(layout.interval)),
        },
        kept=[
            Kept("following", "whether the first window has been followed", "int32_t"),
            Kept("oscillator", "the driven oscillator and its integrator", length=3),
            Kept("drive", "the signal at the last decision"),
            Kept("phasor", "the rhythm and its quadrature", length=2),
        ],
        effort=Effort(19),
    )


def behind_part(degrees: float) -> Part:
    """The rhythm a part of a cycle later."""
    phase = np.radians(degrees)
    return Part(BEHIND, numbers={"COSINE": float(np.cos(phase)), "SINE": float(np.sin(phase))}, effort=Effort(2))


def adaptive_part(layout: Layout, settings: AdaptiveSettings) -> Part:
    """A gain that rises as long as there is a rhythm."""
    return Part(
        ADAPTED,
        numbers={
            "FIRST_GAIN": settings.gain,
            "LARGEST_GAIN": settings.largest_gain,
            "TARGET": settings.target,
            "RISE": settings.rate * layout.interval / layout.loop.model.period,
        },
        kept=[Kept("gain", "what the gain has risen by, in two floats", length=2)],
        effort=Effort(5),
    )


def train_part(layout: Layout, settings: PulseTrainSettings) -> Part:
    """Periodic pulses. The place in a period is counted in whole parts of a step, so small that nothing is rounded."""
    period, every = settings.period * layout.loop.model.period, layout.loop.stimulus.every
    length = max(settings.duty * period, float(layout.interval * every))
    parts = 2 ** (DIGITS - math.frexp(period)[1])
    whole = int(Fraction(period) * parts)
    counts = {
        "LENGTH": min(math.ceil(Fraction(length) * parts), whole),
        "STEP": layout.interval * parts % whole,
        "PERIOD": whole,
    }
    code = TRAIN
    for name, count in counts.items():
        code = code.replace(f"@{name}@", f"UINT64_C({count})")
    return Part(
        code,
        counts={"EVERY": every},
        numbers={"SIZE": settings.size},
        kept=[
            Kept("place", "in the period of the pulses, in tiny parts of a step", "uint64_t"),
            Kept("until", "decisions since the stimulus last acted", "int32_t"),
            Kept("on", "whether there is a pulse", "int32_t"),
        ],
    )
