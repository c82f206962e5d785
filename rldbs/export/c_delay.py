"""The past of a signal in C, longer than any window, by straight lines between decisions."""

from rldbs.export.c_parts import Effort, Kept, Part
from rldbs.export.layout import Layout

ONE = """
/* The signal some time ago; now is what it is at this decision. Before the first, it is what the first window shows. */
static float delayed(name_state *s, float now)
{
    int near, far;
    if (!s->known) {
        const float *newest = s->observation + SIGNAL + LENGTH - 1;
        const float rest = rest_of(s);
        int i;
        for (i = 1; i < PAST; i++) {
            const float age = fminf((float)i * (float)INTERVAL_OF_DELAY / (float)STRIDE_OF_DELAY, (float)(LENGTH - 1));
            const int newer = (int)age, older = newer + 1 < LENGTH ? newer + 1 : LENGTH - 1;
            const float part = age - (float)newer;
            s->past[i] = (1.0f - part) * (newest[-newer] - rest) + part * (newest[-older] - rest);
        }
        s->known = 1;
    }
    s->past[s->place_of_now] = now;
    near = (s->place_of_now + WHOLE_DELAY) % PAST;
    far = (near + 1) % PAST;
    s->place_of_now = s->place_of_now > 0 ? s->place_of_now - 1 : PAST - 1;
    return (1.0f - PART_OF_DELAY) * s->past[near] + PART_OF_DELAY * s->past[far];
}
"""
FOUND = """
/* Lays the past between the rhythm at two neighbouring samples of the first window. */
static void keep_found(name_state *s, int k)
{
    int i;
    for (i = 1; i < PAST; i++) {
        const float age = fminf((float)i * (float)INTERVAL_OF_DELAY / (float)STRIDE_OF_DELAY, (float)(LENGTH - 1));
        const int newer = (int)age, older = newer + 1 < LENGTH ? newer + 1 : LENGTH - 1;
        const float part = age - (float)newer;
        float *past = s->past + 2 * i;
        if (k == LENGTH - 1 - older) {
            past[0] += part * s->phasor[0];
            past[1] += part * s->phasor[1];
        }
        if (k == LENGTH - 1 - newer) {
            past[0] += (1.0f - part) * s->phasor[0];
            past[1] += (1.0f - part) * s->phasor[1];
        }
    }
}
"""
PAIR = """
/* The rhythm some time ago; it is kept as it is now. */
static void delayed(name_state *s, float before[2])
{
    const int near = (s->place_of_now + WHOLE_DELAY) % PAST, far = (near + 1) % PAST;
    int i;
    for (i = 0; i < 2; i++) {
        s->past[2 * s->place_of_now + i] = s->phasor[i];
        before[i] = (1.0f - PART_OF_DELAY) * s->past[2 * near + i] + PART_OF_DELAY * s->past[2 * far + i];
    }
    s->place_of_now = s->place_of_now > 0 ? s->place_of_now - 1 : PAST - 1;
}
"""


def delay_part(layout: Layout, delay: float) -> Part:
    """The signal so many decisions ago."""
    counts = {**_counts(layout, delay), "STRIDE_OF_DELAY": layout.recording.stride}
    kept = [
        Kept("known", "whether the past is there", "int32_t"),
        Kept("place_of_now", "where the signal of now stands", "int32_t"),
        Kept("past", "a ring of the signal at past decisions", length=counts["PAST"]),
    ]
    return Part(ONE, counts, {"PART_OF_DELAY": delay % 1.0}, kept=kept, effort=Effort(2))


def pair_delay_part(layout: Layout, delay: float) -> tuple[Part, Part]:
    """The rhythm so many decisions ago: what comes before it is followed, and what comes after."""
    counts = {**_counts(layout, delay), "STRIDE_OF_DELAY": layout.recording.stride}
    kept = [
        Kept("place_of_now", "where the rhythm of now stands", "int32_t"),
        Kept("past", "a ring of the rhythm at past decisions", length=2 * counts["PAST"]),
    ]
    return Part(FOUND, counts), Part(PAIR, numbers={"PART_OF_DELAY": delay % 1.0}, kept=kept, effort=Effort(4))


def _counts(layout: Layout, delay: float) -> dict[str, int]:
    return {"WHOLE_DELAY": int(delay), "PAST": int(delay) + 2, "INTERVAL_OF_DELAY": layout.interval}
