"""The regulator of an identified model in C, with the ladder of prices and the stabilising controller."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from rldbs.agents.inference import Weights
from rldbs.agents.regulator.continued_signal import JOINED, ContinuedSignal
from rldbs.agents.regulator.identified_regulator import Constants, Regulator
from rldbs.agents.settings.lqg import LQGSettings
from rldbs.control.contacts import SeveralContacts
from rldbs.control.stimulus import Stimulus
from rldbs.core.native import Floats
from rldbs.export.c_parts import Effort, Kept, Part
from rldbs.export.c_regulator_text import (
    ASKED,
    CHOOSE,
    CONTINUED,
    FOLLOW,
    FOLLOW_EACH,
    GAVE_ONE,
    GAVE_SEVERAL,
    LIMITED,
    MIXED,
    NEWEST,
    REGULATE,
    RESOLVED,
    SATURATED,
)
from rldbs.export.c_signal import SLOWLY, Place, rhythm_part
from rldbs.export.layout import Layout

LONG = 2**24
"""Decisions up to which is counted: so far float32 has all whole numbers."""


def regulator_parts(settings: LQGSettings, layout: Layout, weights: Weights) -> list[Part]:
    """All of a regulator beside its window.

    Raises:
        RunError: the weights do not fit, or are not finite.
    """
    contacts, stimulus = settings.contacts(layout.loop), layout.loop.stimulus
    regulator = Regulator(settings, layout.loop, weights)
    rhythm = settings.stabilizing(settings.phase, layout.loop).rhythm(layout.loop)
    continued = ContinuedSignal(layout.loop, 0)
    listened, heard = rhythm.signal.channels, settings.signals(layout.loop)
    following = [*Place(layout, rhythm.signal).value(), rhythm_part(layout, rhythm)]
    if len(listened) > 1:
        following = _each(following, [channel * layout.length for channel in listened])
    counts = {
        "SIGNALS": len(heard),
        "HEARD": heard[0] * layout.length,
        "CONTACTS": contacts,
        "EACH": stimulus.action_size // contacts,
        "EVERY": stimulus.every,
        **({} if stimulus.levels is None else {"LEVELS": stimulus.levels}),
    }
    code = _code(settings, layout, regulator.constants, len(listened) > 1, continued.joined)
    numbers = _numbers(settings, layout, regulator.constants)
    own = _regulator(code, regulator.constants, numbers, counts, np.reshape(regulator.rest, -1))
    return [SLOWLY, *following, _continued(continued, len(heard)), own]


def _delivery(stimulus: Stimulus) -> tuple[float, float]:
    """The most that a device delivers of what it is asked for, and in what steps; without these 1 and 0."""
    device = stimulus.stimulus if isinstance(stimulus, SeveralContacts) else stimulus
    return getattr(device, "saturation", 1.0), getattr(device, "resolution", 0.0)


def _limit(settings: LQGSettings, layout: Layout) -> float | None:
    """The most that all contacts together give; None where nothing limits them."""
    return layout.loop.stimulus.limit if settings.contacts(layout.loop) > 1 else None


def _numbers(settings: LQGSettings, layout: Layout, constants: Constants) -> dict[str, float]:
    """The constants of the code, by name."""
    stimulus, stabilizer = layout.loop.stimulus, settings.stabilizing(settings.phase, layout.loop)
    phase, most = math.radians(stabilizer.phase), _limit(settings, layout)
    saturation, resolution = _delivery(stimulus)
    numbers = {
        "COSINE": math.cos(phase),
        "SINE": math.sin(phase),
        "STABILIZING": -stabilizer.gain / stimulus.amplitude,
        "FADE": constants.fade,
        "DEMAND": settings.demand,
        "MEAN_RATE": constants.mean_rate,
        "AVERAGED": constants.averaged,
    }
    if most is not None:
        numbers["ALL"] = most / stimulus.amplitude
    if resolution:
        numbers |= {"RESOLUTION": resolution, "MOST_DELIVERED": math.floor(saturation / resolution + 1e-9)}
    elif saturation < 1.0:
        numbers["SATURATION"] = saturation
    return numbers


def _code(settings: LQGSettings, layout: Layout, constants: Constants, each: bool, joined: bool) -> str:
    """What is done in a step.

    Args:
        settings: of the regulator.
        layout: of what it sees.
        constants: of the regulator.
        each: whether the stabilising controller follows several rhythms.
        joined: whether the signal goes on where it was cut off.
    """
    contacts, levels = settings.contacts(layout.loop), layout.loop.stimulus.levels
    saturation, resolution = _delivery(layout.loop.stimulus)
    limited = _limit(settings, layout) is not None
    again = "    limit(s->past + ORDER, 1);\n" if limited and (resolution or saturation < 1.0) else ""
    words = {
        "FOLLOW": FOLLOW_EACH if each else FOLLOW,
        "LISTENER": " + 2 * i" if each else "",
        "ASKED": ASKED if limited else "",
        "MIXED": "" if constants.plain else MIXED,
        "LIMITED": LIMITED if limited else "",
        "GAVE": GAVE_ONE if contacts == 1 else GAVE_SEVERAL.replace("@AGAIN@", again),
        "ACTION": "s->wanted[rung * CONTACTS + i]" if constants.plain else "mixed(s, rung, i)",
        "CHOOSE": ("    limit(s->action, EACH);\n" if limited else "") + ("" if levels is None else CHOOSE),
        "DELIVERED": RESOLVED if resolution else SATURATED if saturation < 1.0 else "",
        "NEXT": "    next_chain(s);\n" if joined else "",
        "GIVEN": "s->action[0]" if contacts == 1 else "s->action",
    }
    code = REGULATE
    for word, text in words.items():
        code = code.replace(f"@{word}@", text)
    return code


def _each(parts: list[Part], places: Sequence[int]) -> list[Part]:
    """What follows one rhythm, for several: that whose turn it is, each from its own place in an observation."""
    words = {
        "observation + SIGNAL": "observation + (int)listened[s->turn]",
        "s->oscillator[": "s->oscillator[3 * s->turn + ",
        "s->phasor[": "s->phasor[2 * s->turn + ",
        "s->following": "s->following[s->turn]",
        "s->drive": "s->drive[s->turn]",
    }
    found = []
    for part in parts:
        code = part.code
        for word, text in words.items():
            code = code.replace(word, text)
        counts = {name: count for name, count in part.counts.items() if name != "SIGNAL"}
        kept = [kept._replace(length=len(places) * (kept.length or 1)) for kept in part.kept]
        effort = Effort(part.effort.products * len(places), part.effort.functions * len(places))
        found.append(replace(part, code=code, counts=counts, kept=kept, effort=effort))
    turn = Kept("turn", "whose rhythm is followed", "int32_t")
    return [Part("", tables={"listened": np.array(places)}, kept=[turn]), *found]


def largest_gain(settings: LQGSettings, layout: Layout, weights: Weights) -> float:
    """By how much what acts may take errors of the last outputs that are independent of each other."""
    constants = Regulator(settings, layout.loop, weights).constants
    contacts = settings.contacts(layout.loop)
    each = np.linalg.norm(constants.feedback[: constants.seen], axis=0).reshape(-1, contacts).max(axis=1)
    acting = np.abs(constants.mixture[constants.chosen : -1, : len(each)])
    return float((acting @ each).max())


def _regulator(
    code: str, constants: Constants, numbers: Mapping[str, float], counts: Mapping[str, int], rests: Floats
) -> Part:
    contacts = counts["CONTACTS"]
    first = constants.chosen if constants.plain else 0  # what never acts, and is in no mixture, is left out
    feedback = constants.feedback.T[first * contacts :]
    gains, known = len(feedback) // contacts, feedback.shape[1]
    tables = {"feedback": feedback, "trusted": constants.trusted[first:], "rests": rests}
    if not constants.plain:
        tables["mixture"] = constants.mixture
    counts = {
        "ORDER": constants.seen,
        "KNOWN": known,
        "GAINS": gains,
        "CHOSEN": constants.chosen - first,
        "WAIT": math.ceil(constants.wait),
        "LONG": LONG,
        **counts,
    }
    kept = [
        Kept("age", "decisions so far", "int32_t"),
        Kept("calm", "decisions since the stabilising controller acted", "int32_t"),
        Kept("until", "decisions since the stimulus last acted", "int32_t"),
        Kept("acts", "whether it acts now", "int32_t"),
        Kept("mean", "the slow mean of each signal, in two floats", length=2 * len(rests)),
        Kept("power", "how loud the signals have been lately"),
        Kept("past", "the last outputs, then the last inputs, newest first", length=known),
        Kept("wanted", "what everybody wants, at each contact", length=(gains + 2) * contacts),
        Kept("peaks", "how much each regulator has wanted lately", length=gains),
    ]
    mixing = (gains + 2) * contacts
    return Part(code, counts, numbers, tables, kept, Effort(gains * contacts * known + 4 * gains + 10 + mixing))


def _continued(continued: ContinuedSignal, signals: int) -> Part:
    if not continued.joined:
        return Part(NEWEST)
    size = continued.chains * (continued.shared + 1)
    kept = [
        Kept("begun", "whether there was a window", "int32_t"),
        Kept("joined", "chains of windows that were laid between others", "int32_t"),
        Kept("chain", "that of this decision", "int32_t"),
        Kept("chains", "the last samples of each on one scale", length=signals * size),
    ]
    counts = {"CHAINS": continued.chains, "SHARED": continued.shared, "APART": continued.apart}
    return Part(CONTINUED, counts, {"JOINED": JOINED}, kept=kept, effort=Effort(2 * continued.shared * signals))
