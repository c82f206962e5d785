"""The regulator of an identified model in C, with the ladder of prices and the stabilising controller."""

import math

import numpy as np

from rldbs.agents.inference import Weights
from rldbs.agents.regulator.continued_signal import JOINED, ContinuedSignal
from rldbs.agents.regulator.identified_regulator import Constants, Regulator
from rldbs.agents.settings.lqg import LQGSettings
from rldbs.core.errors import SettingError
from rldbs.export.c_parts import Effort, Kept, Part
from rldbs.export.c_signal import SLOWLY, Place, rhythm_part
from rldbs.export.layout import Layout

NEWEST = """
/* The signal now. */
static float continued(name_state *s)
{
    return s->observation[SIGNAL + LENGTH - 1];
}
"""
CONTINUED = """
/* The signal now, on one scale: every window has a zero of its own, which what two of them share gives away. */
static float continued(name_state *s)
{
    const float *newest = s->observation + SIGNAL + LENGTH - 1;
    float *chain = s->chains + s->chain * (SHARED + 1);
    const float *before = s->chains + (s->chain > 0 ? s->chain - 1 : CHAINS - 1) * (SHARED + 1);
    float own = 0.0f, between = 0.0f, pulled, zero;
    int k;
    for (k = 0; k < SHARED; k++) {
        const float sample = newest[-(k + 1) * APART];
        own += chain[k] - sample;
        between += before[k + 1] + (before[k] - before[k + 1]) / (float)CHAINS - sample;
    }
    own /= (float)SHARED;
    between = s->begun ? between / (float)SHARED : 0.0f;
    pulled = CHAINS > 1 ? JOINED * (between - own) : 0.0f;
    if (s->joined < CHAINS) {
        zero = between;
        for (k = 1; k <= SHARED; k++)
            chain[k] = newest[-k * APART] + zero;
        s->joined++;
    } else {
        zero = own + pulled;
        for (k = SHARED; k >= 1; k--)
            chain[k] = chain[k - 1] + pulled;
    }
    chain[0] = newest[0] + zero;
    s->begun = 1;
    s->chain = s->chain + 1 < CHAINS ? s->chain + 1 : 0;
    return chain[0];
}
"""
REGULATE = """
/* What each regulator and the stabilising controller want, in parts of the amplitude. */
static void demand(name_state *s)
{
    int i, k;
    for (i = 0; i < GAINS; i++) {
        const float *row = feedback + i * KNOWN;
        float sum = 0.0f;
        for (k = 0; k < KNOWN; k++)
            sum += row[k] * s->past[k];
        s->wanted[i] = sum;
    }
    follow(s);
    s->wanted[GAINS] = STABILIZING * (COSINE * s->phasor[0] + SINE * s->phasor[1]);
    s->wanted[GAINS + 1] = STABILIZING * (COSINE * s->phasor[1] - SINE * s->phasor[0]);
}

/* Who acts: the lowest price that is able to, or the stabilising controller. */
static int find_rung(name_state *s, float output)
{
    int i, rung = GAINS;
    s->power += (1.0f - FADE) * (output * output - s->power);
    for (i = GAINS - 1; i >= 0; i--) {
        s->peaks[i] = fmaxf(fabsf(s->wanted[i]), s->peaks[i] * FADE);
        if (i >= CHOSEN && s->age >= WAIT && s->peaks[i] <= DEMAND && s->power <= trusted[i])
            rung = i;
    }
    return rung;
}
@MIXED@
/* What the stimulus makes of an action. */
static float delivered(float size)
{
@DELIVERED@    return size;
}

/* Another action was given than the last one that was decided. */
void name_gave(name_state *s, float action)
{
    if (KNOWN > ORDER)
        s->past[ORDER] = s->acts ? delivered(action) : 0.0f;
}

static void decide(name_state *s)
{
    const float signal = continued(s);
    float output, given;
    int k, rung;
    if (s->age == 0) {
        s->mean[0] = REST_OF_MODEL;
        s->mean[1] = 0.0f;
    }
    output = signal - s->mean[0] - s->mean[1];
    add_slowly(s->mean, fmaxf(MEAN_RATE, 1.0f / (AVERAGED + (float)s->calm)) * output);
    for (k = ORDER - 1; k > 0; k--)
        s->past[k] = s->past[k - 1];
    s->past[0] = output;
    demand(s);
    rung = find_rung(s, output);
    s->calm = rung == GAINS ? 0 : s->calm < LONG ? s->calm + 1 : LONG;
    given = fminf(fmaxf(@ACTION@, -1.0f), 1.0f);
@CHOOSE@    for (k = 1; k < ACTIONS; k++)
        s->action[k] = 0.0f;
    s->action[0] = given;
    for (k = KNOWN - 1; k > ORDER; k--)
        s->past[k] = s->past[k - 1];
    s->acts = s->until == 0;
    s->until = s->until + 1 < EVERY ? s->until + 1 : 0;
    name_gave(s, given);
    if (s->age < LONG)
        s->age++;
}
"""
MIXED = """
/* What the mixture of a rung makes of all that is wanted. */
static float mixed(const name_state *s, int rung)
{
    const float *row = mixture + rung * (GAINS + 2);
    float sum = 0.0f;
    int i;
    for (i = 0; i < GAINS + 2; i++)
        sum += row[i] * s->wanted[i];
    return sum;
}
"""
RESOLVED = """    size = rintf(size / RESOLUTION);
    size = fminf(fmaxf(size, -MOST_DELIVERED), MOST_DELIVERED) * RESOLUTION;
"""
SATURATED = "    size = fminf(fmaxf(size, -SATURATION), SATURATION);\n"
CHOOSE = """    given = -1.0f + 2.0f * rintf((given + 1.0f) / 2.0f * (float)(LEVELS - 1)) / (float)(LEVELS - 1);
"""
LONG = 2**24
"""Decisions up to which is counted: so far float32 has all whole numbers."""


def regulator_parts(settings: LQGSettings, layout: Layout, weights: Weights) -> list[Part]:
    """All of a regulator beside its window.

    Raises:
        SettingError: it has several signals or inputs.
        RunError: the weights do not fit, or are not finite.
    """
    signals, contacts = len(settings.signals(layout.loop)), settings.contacts(layout.loop)
    if signals > 1 or contacts > 1:
        raise SettingError(
            f"agent=lqg: has a form in C for one signal and one input; this one has {signals} and {contacts}"
        )
    regulator = Regulator(settings, layout.loop, weights)
    constants, stimulus = regulator.constants, layout.loop.stimulus
    stabilizer = settings.stabilizing(settings.phase, layout.loop)
    rhythm, phase = stabilizer.rhythm(layout.loop), math.radians(stabilizer.phase)
    saturation, resolution = getattr(stimulus, "saturation", 1.0), getattr(stimulus, "resolution", 0.0)
    numbers = {
        "COSINE": math.cos(phase),
        "SINE": math.sin(phase),
        "STABILIZING": -stabilizer.gain / stimulus.amplitude,
        "FADE": constants.fade,
        "DEMAND": settings.demand,
        "REST_OF_MODEL": float(regulator.rest),
        "MEAN_RATE": constants.mean_rate,
        "AVERAGED": constants.averaged,
    }
    code = REGULATE.replace("@MIXED@", "" if constants.plain else MIXED)
    code = code.replace("@ACTION@", "s->wanted[rung]" if constants.plain else "mixed(s, rung)")
    code = code.replace("@CHOOSE@", "" if stimulus.levels is None else CHOOSE)
    if resolution:
        numbers |= {"RESOLUTION": resolution, "MOST_DELIVERED": math.floor(saturation / resolution + 1e-9)}
    elif saturation < 1.0:
        numbers["SATURATION"] = saturation
    code = code.replace("@DELIVERED@", RESOLVED if resolution else SATURATED if saturation < 1.0 else "")
    place = Place(layout, rhythm.signal)
    own = _regulator(code, constants, numbers, stimulus.every, stimulus.levels)
    return [SLOWLY, *place.value(), rhythm_part(layout, rhythm), _continued(settings, layout), own]


def largest_gain(settings: LQGSettings, layout: Layout, weights: Weights) -> float:
    """By how much what acts may take errors of the last outputs that are independent of each other."""
    constants = Regulator(settings, layout.loop, weights).constants
    each = np.linalg.norm(constants.feedback[: constants.seen], axis=0)
    acting = np.abs(constants.mixture[constants.chosen : -1, : len(each)])
    return float((acting @ each).max())


def _regulator(code: str, constants: Constants, numbers: dict[str, float], every: int, levels: int | None) -> Part:
    first = constants.chosen if constants.plain else 0  # what never acts, and is in no mixture, is left out
    feedback = constants.feedback.T[first:]
    gains, known = feedback.shape
    tables = {"feedback": feedback, "trusted": constants.trusted[first:]}
    if not constants.plain:
        tables["mixture"] = constants.mixture
    counts = {
        "ORDER": constants.seen,
        "KNOWN": known,
        "GAINS": gains,
        "CHOSEN": constants.chosen - first,
        "WAIT": math.ceil(constants.wait),
        "LONG": LONG,
        "EVERY": every,
        **({} if levels is None else {"LEVELS": levels}),
    }
    kept = [
        Kept("age", "decisions so far", "int32_t"),
        Kept("calm", "decisions since the stabilising controller acted", "int32_t"),
        Kept("until", "decisions since the stimulus last acted", "int32_t"),
        Kept("acts", "whether it acts now", "int32_t"),
        Kept("mean", "the slow mean of the signal, in two floats", length=2),
        Kept("power", "how loud the signal has been lately"),
        Kept("past", "the last outputs, then the last inputs, newest first", length=known),
        Kept("wanted", "what everybody wants", length=gains + 2),
        Kept("peaks", "how much each regulator has wanted lately", length=gains),
    ]
    return Part(code, counts, numbers, tables, kept, Effort(gains * known + 4 * gains + 10 + (gains + 2)))


def _continued(settings: LQGSettings, layout: Layout) -> Part:
    continued = ContinuedSignal(layout.loop, settings.signals(layout.loop)[0])
    if not continued.joined:
        return Part(NEWEST)
    kept = [
        Kept("begun", "whether there was a window", "int32_t"),
        Kept("joined", "chains of windows that were laid between others", "int32_t"),
        Kept("chain", "that of this decision", "int32_t"),
        Kept("chains", "the last samples of each on one scale", length=continued.chains * (continued.shared + 1)),
    ]
    counts = {"CHAINS": continued.chains, "SHARED": continued.shared, "APART": continued.apart}
    return Part(CONTINUED, counts, {"JOINED": JOINED}, kept=kept, effort=Effort(2 * continued.shared))
