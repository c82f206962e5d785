"""A controller as one header and one source of C99, and a small program that checks it."""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from rldbs import __version__
from rldbs.export.c_parts import Effort, Kept, Part, definitions, flash, members, memory, number, table, whole
from rldbs.export.c_window import arguments, window_part
from rldbs.export.layout import Layout
from rldbs.export.recorded_loop import RecordedLoop
from rldbs.process.plurals import counted

WIDTH = 100
HEADER = """/* @TITLE@

@TOLD@
 */
#ifndef @BIG@_H
#define @BIG@_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define @BIG@_STEPS_PER_SAMPLE @APART@ /* integration steps from one call of @NAME@_sample to the next */
#define @BIG@_SAMPLES_PER_DECISION @SAMPLES@ /* such calls from one call of @NAME@_decide to the next */
#define @BIG@_AMPLITUDE @AMPLITUDE@ /* the kick, in @KICK_UNIT@, of an action of 1 */

/* All of its memory; what stands in it is its own affair, but for action. */
typedef struct {
@MEMBERS@} @NAME@_state;

/* Begins anew. */
void @NAME@_init(@NAME@_state *s);

/* Takes in @ARGUMENTS_TOLD@.
   What is not finite repeats the sample before it, as a sensor does that has lost one. */
void @NAME@_sample(@NAME@_state *s, @ARGUMENTS@);

/* Whether there are enough samples to decide, after @KEPT@ of them. */
int @NAME@_ready(const @NAME@_state *s);

/* The action now, from -1 to 1, a part of the amplitude@MORE_ACTIONS@.
   As long as there are too few samples it is 0, and nothing else happens. */
float @NAME@_decide(@NAME@_state *s);
@GAVE@
#ifdef __cplusplus
}
#endif

#endif
"""
SOURCE = """/* @TITLE@: see @NAME@.h. */
#include "@NAME@.h"

#include <math.h>
#include <stddef.h>

@DEFINITIONS@
void @NAME@_init(@NAME@_state *s)
{
    unsigned char *byte = (unsigned char *)s;
    size_t i;
    for (i = 0; i < sizeof *s; i++)
        byte[i] = 0;
}
@CODE@
float @NAME@_decide(@NAME@_state *s)
{
    if (!@NAME@_ready(s))
        return 0.0f;
    observe(s);
    decide(s);
    return s->action[0];
}
"""
CHECK = """/* Checks @NAME@.c on samples of a closed loop: it must act as the controller did that it was made from.

   cc -std=c99 -O2 @NAME@.c @NAME@_check.c -lm -o @NAME@_check && ./@NAME@_check */
#include "@NAME@.h"

#include <math.h>
#include <stdio.h>

#define CHANNELS @CHANNELS@
#define ACTIONS @ACTIONS@
#define DECISIONS @DECISIONS@
#define FIRST @KEPT@ /* samples before the first decision */
#define TOLERANCE @TOLERANCE@

/* One number for each variable, sample after sample. */
@SAMPLES@
/* The numbers of an action, decision after decision. */
@EXPECTED@
int main(void)
{
    static @NAME@_state state;
    const float *sample = samples;
    double largest = 0.0;
    int i, k, bytes = (int)sizeof state;
    @NAME@_init(&state);
    for (i = 0; i < DECISIONS; i++) {
        const int count = i == 0 ? FIRST : @BIG@_SAMPLES_PER_DECISION;
        const float *wanted = expected + i * ACTIONS;
        for (k = 0; k < count; k++, sample += CHANNELS)
            @NAME@_sample(&state, @SAMPLE@);
        @NAME@_decide(&state);
        for (k = 0; k < ACTIONS; k++) {
            const double difference = fabs((double)state.action[k] - (double)wanted[k]);
            if (!(difference <= largest))
                largest = difference;
        }
@GAVE@    }
    printf("%d decisions, largest difference %.2g of the amplitude, %d bytes of memory\\n", DECISIONS, largest, bytes);
    return largest <= TOLERANCE ? 0 : 1;
}
"""
GAVE = """
/* Tells which action was given, where it was another one than that decided last: this controller reckons with
   its own actions@SEVERAL@. */
void @NAME@_gave(@NAME@_state *s, @GIVEN@action);
"""
SEVERAL_GIVEN = "; all numbers, as in s->action"
GAVE_EXPECTED = """        @NAME@_gave(&state, @GIVEN@); /* so that rounding is not fed back without a population */
"""
TOLERANCE = 1e-3
"""Of an action, in the program that checks, as a rule. Rounding makes far less; a mistake makes more."""


@dataclass(frozen=True)
class CController:
    """A controller in C.

    Args:
        name: what stands before all names.
        title: what it is, in a line.
        layout: what it sees and does.
        parts: what it consists of beside its window.
        past: numbers behind the observation.
        reckons: whether it reckons with its own actions, and may be told of others.
        inputs: how many contacts it steers by themselves, where it does.
        tolerance: by how much it may differ, for rounding.
    """

    name: str
    title: str
    layout: Layout
    parts: list[Part]
    past: int = 0
    reckons: bool = False
    inputs: int = 1
    tolerance: float = TOLERANCE

    @property
    def whole(self) -> Part:
        stimulus = self.layout.loop.stimulus
        common = Part("", {"ACTIONS": stimulus.action_size}, {"AMPLITUDE": stimulus.amplitude})
        action = Part("", kept=[Kept("action", "the last action", length=stimulus.action_size)])
        return whole([common, window_part(self.layout, self.past), *self.parts, action])

    @property
    def flash(self) -> int:
        """Bytes of constants, the code aside."""
        return flash(self.whole)

    @property
    def memory(self) -> int:
        """Bytes of memory."""
        return memory(self.whole)

    @property
    def effort(self) -> Effort:
        """What a decision costs."""
        return self.whole.effort

    def header(self) -> str:
        """The header."""
        layout, names = self.layout, arguments(self.layout)
        told = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
        several = "" if layout.actions == 1 else f"; all {layout.actions} numbers are in s->action"
        words = {
            "TITLE": self.title,
            "TOLD": self._told(),
            "APART": str(layout.apart),
            "SAMPLES": str(layout.samples_per_decision),
            "KICK_UNIT": layout.kick_unit,
            "AMPLITUDE": number(layout.loop.stimulus.amplitude),
            "MEMBERS": members(self.whole),
            "ARGUMENTS": ", ".join(f"float {name}" for name in names),
            "ARGUMENTS_TOLD": f"what was recorded: {told}",
            "KEPT": str(layout.kept),
            "MORE_ACTIONS": several,
            "GAVE": GAVE if self.reckons else "",
            "SEVERAL": SEVERAL_GIVEN if self.inputs > 1 else "",
            "GIVEN": "const float *" if self.inputs > 1 else "float ",
        }
        return self._filled(HEADER, words)

    def source(self) -> str:
        """The source."""
        code = self.whole.code.replace("name_", f"{self.name}_")
        return self._filled(SOURCE, {"TITLE": self.title, "DEFINITIONS": definitions(self.whole), "CODE": code})

    def check(self, recorded: RecordedLoop) -> str:
        """The program that checks it on what a closed loop has recorded."""
        layout = self.layout
        values = ", ".join("sample[0]" if k == 0 else f"sample[{k}]" for k in range(layout.channels))
        words = {
            "CHANNELS": str(layout.channels),
            "ACTIONS": str(layout.actions),
            "DECISIONS": str(len(recorded.actions)),
            "KEPT": str(layout.kept),
            "TOLERANCE": f"{self.tolerance:.2g}",
            "SAMPLES": table("samples", recorded.samples),
            "EXPECTED": table("expected", recorded.actions),
            "SAMPLE": values,
            "GAVE": GAVE_EXPECTED if self.reckons else "",
            "GIVEN": "wanted" if self.inputs > 1 else "wanted[0]",
        }
        return self._filled(CHECK, words)

    def _filled(self, text: str, words: Mapping[str, str]) -> str:
        for name, value in {**words, "NAME": self.name, "BIG": self.name.upper()}.items():
            text = text.replace(f"@{name}@", value)
        return text

    def _told(self) -> str:
        """What the controller sees and does, and what it costs, as the lines of a comment."""
        layout, recording = self.layout, self.layout.recording
        loop, stimulus = layout.loop, layout.loop.stimulus
        low, high = layout.bounds
        names = ", ".join(recording.variables)
        sees = f"It sees the last {layout.length} samples of {names}, {recording.stride} integration steps apart, "
        sees += "the newest with a decision"
        if recording.sigmoid is not None:
            sees += f", through 1 / (1 + exp(-x / {recording.sigmoid:g}))"
        sees += ", their mean taken off" if recording.centered else ""
        sees += ", cut off at " + ", ".join(f"{a:g} and {b:g}" for a, b in zip(low, high, strict=True)) + "."
        unit = loop.model.model.time_unit or "of the model's time"
        time = f"An integration step is {loop.model.dt:g} {unit}; a period of the rhythm has "
        time += f"{loop.model.period} of them. It decides at every {counted(layout.interval, 'step')}."
        kick = f" {loop.model.model.kick_unit}" if loop.model.model.kick_unit else ", in units of x"
        does = f"An action of 1 is a kick of {stimulus.amplitude:g}{kick}."
        if stimulus.levels is not None:
            does += f" The stimulus has {stimulus.levels} levels."
        if stimulus.every > 1:
            does += f" The stimulus acts at every {stimulus.every}th decision only."
        effort = self.effort
        costs = [
            ("flash, constants", f"{self.flash:,} bytes"),
            ("RAM, the state", f"{self.memory:,} bytes"),
            ("multiplications, each with an addition, per decision", f"{effort.products:,}"),
            ("calls of tanhf and the like, per decision", f"{effort.functions:,}"),
        ]
        lines = [line for text in (sees, time, does) for line in textwrap.wrap(text, WIDTH - 3)]
        lines += ["", *(f"{what:54} {cost:>16}" for what, cost in costs)]
        lines += ["", f"Written by rldbs {__version__}."]
        return "\n".join(f" * {line}".rstrip() for line in lines)
