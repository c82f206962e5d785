"""Adaptive DBS in C: stimulation by the envelope of the rhythm, with ramps."""

from collections.abc import Callable, Mapping
from typing import Any

from rldbs.agents.classical.adaptive import BetaDualSettings, BetaOnOffSettings, BetaPISettings
from rldbs.export.c_envelope import envelope_parts
from rldbs.export.c_law import law
from rldbs.export.c_parts import Kept, Part
from rldbs.export.layout import Layout


def _beta_on_off(settings: BetaOnOffSettings, layout: Layout) -> list[Part]:
    acting = settings.make(layout.loop, 0)
    lines = "return ramped(s, envelope(s) > THRESHOLD ? 1.0f : 0.0f);"
    return [*envelope_parts(settings, acting, layout), law(lines, {"THRESHOLD": acting.threshold}, 0)]


BETA_DUAL_LAW = """
const float amplitude = envelope(s);
return ramped(s, amplitude > UPPER ? 1.0f : amplitude < LOWER ? 0.0f : s->level[0] + s->level[1]);
"""


def _beta_dual(settings: BetaDualSettings, layout: Layout) -> list[Part]:
    acting = settings.make(layout.loop, 0)
    numbers = {"LOWER": acting.lower, "UPPER": acting.upper}
    return [*envelope_parts(settings, acting, layout), law(BETA_DUAL_LAW, numbers, 0)]


BETA_PI_LAW = """
const float error = GAIN * (envelope(s) - TARGET);
float grown[2];
grown[0] = s->integral[0];
grown[1] = s->integral[1];
add_slowly(grown, PART_OF_INTEGRAL * error);
if (error <= 0.0f || error + grown[0] + grown[1] <= 1.0f) { /* else whole already: the integral stands still */
    s->integral[0] = fminf(fmaxf(grown[0], 0.0f), 1.0f);
    s->integral[1] = s->integral[0] == grown[0] ? grown[1] : 0.0f;
}
return ramped(s, fminf(fmaxf(error + s->integral[0] + s->integral[1], 0.0f), 1.0f));
"""


def _beta_pi(settings: BetaPISettings, layout: Layout) -> list[Part]:
    acting = settings.make(layout.loop, 0)
    numbers = {"GAIN": acting.gain, "TARGET": acting.target, "PART_OF_INTEGRAL": acting.part}
    kept = (Kept("integral", "of what is above the target, in two floats", length=2),)
    return [*envelope_parts(settings, acting, layout), law(BETA_PI_LAW, numbers, 2, kept=kept)]


ADAPTIVE: Mapping[type[Any], Callable[[Any, Layout], list[Part]]] = {
    BetaOnOffSettings: _beta_on_off,
    BetaDualSettings: _beta_dual,
    BetaPISettings: _beta_pi,
}
"""What each consists of beside its window, by its settings."""
