"""The part of a controller in C that takes in samples and makes observations of them."""

import numpy as np

from rldbs.export.c_parts import Effort, Kept, Part
from rldbs.export.layout import Layout

SAMPLE = """
void name_sample(name_state *s, @ARGUMENTS@)
{
    const float values[CHANNELS] = {@VALUES@};
    const int32_t before = s->newest;
    int channel, all = 1;
    for (channel = 0; channel < CHANNELS; channel++)
        all = all && isfinite(values[channel]);
    if (s->seen == 0 && !all)
        return; /* nothing that could be repeated */
    s->newest = before + 1 < KEPT ? before + 1 : 0;
    for (channel = 0; channel < CHANNELS; channel++) {
        float *ring = s->samples + channel * KEPT;
        ring[s->newest] = isfinite(values[channel]) ? values[channel] : ring[before];
    }
    if (s->seen < KEPT)
        s->seen++;
}

int name_ready(const name_state *s)
{
    return s->seen == KEPT;
}

/* Lays the window of every variable into the observation, oldest sample first. */
static void observe(name_state *s)
{
    int channel, k;
    for (channel = 0; channel < CHANNELS; channel++) {
        const float *ring = s->samples + channel * KEPT;
        float *window = s->observation + channel * LENGTH;
        int32_t place = s->newest + 1 < KEPT ? s->newest + 1 : 0;
        for (k = 0; k < LENGTH; k++) {
            window[k] = @SAMPLE@;
            place += SPACING;
            if (place >= KEPT)
                place -= KEPT;
        }
@CENTER@        for (k = 0; k < LENGTH; k++)
            window[k] = fminf(fmaxf(window[k], lowest[channel]), highest[channel]);
    }
}
"""
CENTER = """        {
            /* From the first sample, so that no digits of a small signal are lost in a large one. */
            const float first = window[0];
            float mean = 0.0f;
            for (k = 0; k < LENGTH; k++)
                mean += window[k] - first;
            mean /= (float)LENGTH;
            for (k = 0; k < LENGTH; k++)
                window[k] = window[k] - first - mean;
        }
"""


def arguments(layout: Layout) -> list[str]:
    """What the samples of one moment are called in C."""
    return [f"sample_{name}" for name in layout.recording.variables]


def window_part(layout: Layout, more: int) -> Part:
    """Samples in a ring, and the observation that is made of them.

    Args:
        layout: what an observation is made of.
        more: numbers that stand behind it, and that another part keeps there.
    """
    recording, (low, high), names = layout.recording, layout.bounds, arguments(layout)
    code = SAMPLE.replace("@ARGUMENTS@", ", ".join(f"float {name}" for name in names))
    code = code.replace("@VALUES@", ", ".join(names)).replace("@CENTER@", CENTER if recording.centered else "")
    through = "0.5f + 0.5f * tanhf(ring[place] / (2.0f * SIGMOID))"
    code = code.replace("@SAMPLE@", "ring[place]" if recording.sigmoid is None else through)
    kept = [
        Kept("newest", "where the newest sample is", "int32_t"),
        Kept("seen", "samples so far, until there are enough", "int32_t"),
        Kept("samples", "a ring of the last samples of every variable", length=layout.channels * layout.kept),
        Kept("observation", "what the controller sees", length=layout.size + more),
    ]
    return Part(
        code,
        counts={
            "CHANNELS": layout.channels,
            "LENGTH": layout.length,
            "SPACING": layout.spacing,
            "KEPT": layout.kept,
            "OBSERVED": layout.size,
        },
        numbers={} if recording.sigmoid is None else {"SIGMOID": recording.sigmoid},
        tables={"lowest": np.asarray(low), "highest": np.asarray(high)},
        kept=kept,
        effort=Effort(0, layout.size if recording.sigmoid is not None else 0),
    )
