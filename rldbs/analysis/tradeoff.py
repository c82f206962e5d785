"""What a comparison of controllers is about: a metric that is sought, and the one that it costs."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rldbs.analysis.metric_definitions import EVERY_METRIC, NEVER

SCORED = ("suppression", "mean_abs_kick", "activity")
"""Metrics that are scored of every controller, whatever is sought; the last two have limits."""

BEYOND = 1e6
"""More than any price: what a controller loses whose aim is beyond its limit."""


@dataclass(frozen=True)
class Tradeoff:
    """Two metrics, of which each can be had at the cost of the other."""

    objective: str
    """That of a search for all of its best compromises."""
    aim: str
    """The metric that is sought."""
    price: str
    """The one that it costs: less of it is better."""
    limit: float | None = None
    """What the aim has to come to, where the least price is sought of all that do; None where the aim itself is."""
    alone: bool = False
    """Whether of an event the aim alone counts, not its product with the price."""
    told: str = "mean |kick| per integration step"
    """What an axis calls the price, with its unit."""
    kick_unit: str = ""
    """Of kicks, where it is one of models that have such a unit."""

    @property
    def linear(self) -> bool:
        """Whether both are to be seen on linear axes: the aim may be 0, or all lie close to each other."""
        return self.limit is not None or self.alone

    @property
    def metrics(self) -> tuple[str, ...]:
        """All that is scored: the two, then those that every controller has."""
        return tuple(dict.fromkeys((self.aim, self.price, *SCORED)))

    @property
    def may_fail(self) -> bool:
        """Whether the aim is an event that may never come.

        Where it does not come on every population a controller is no candidate: no mean hides a failure.
        """
        return EVERY_METRIC[self.aim].missing == NEVER

    def iqms(self, summaries: Mapping[str, Any]) -> dict[str, float]:
        """Interquartile means of all that is scored, of a measurement's summaries by metric.

        NaN where there is none, and of an aim that was not reached on every population.
        """
        found = {key: summaries[key]["iqm"] for key in self.metrics}
        if self.missed(summaries):
            found |= {self.aim: None, self.price: None}
        return {key: math.nan if value is None else float(value) for key, value in found.items()}

    def missed(self, summaries: Mapping[str, Any]) -> int:
        """On how many populations of a measurement an aim that may fail was not reached."""
        return int(summaries[self.aim].get("missing", 0)) if self.may_fail else 0

    def gain(self, aim: float) -> float:
        """The aim, where need be with its sign turned, so that more of it is better."""
        return aim if EVERY_METRIC[self.aim].higher_is_better else -aim

    def beats(self, aim: float, price: float, other_aim: float, other_price: float) -> bool:
        """Whether one controller has a better aim than another one at a lower price."""
        return self.gain(aim) > self.gain(other_aim) and price < other_price

    def loss(self, aim: float, price: float) -> float:
        """What the best controller has least of: the aim, where need be turned; of an event, that times the price,
        unless it counts alone.

        Where the aim has a limit, the price; of what does not come to it, more than any price, and the aim.
        """
        if self.limit is not None:
            return price if self.gain(aim) >= self.gain(self.limit) else BEYOND * (1.0 - self.gain(aim))
        return aim * price if self.may_fail and not self.alone else -self.gain(aim)


SUPPRESSION = Tradeoff("front", "suppression", "mean_abs_kick")
"""How much suppression for how much stimulation."""
SYNCHRONY = Tradeoff(
    "front", "order", "mean_abs_kick", told="mean |kick| per integration step in rad/s", kick_unit="rad/s"
)
"""The same of phase oscillators, whose std X also falls where populations cancel each other: R says what they do."""
ONSET = Tradeoff("onset", "latency", "energy_to_suppress", told="energy to suppress")
"""How soon, for how much energy."""
RELAY = Tradeoff("front", "error_index", "rms_kick", limit=0.02, told="RMS current in µA/cm²")
"""Of networks of cells: how faithful a thalamus for how much RMS current, of which the best one needs least to keep the
error index at 0.02 or below."""
ERROR_INDEX = "error_index"
"""The objective of choosing a policy by the latter."""
LASTING = Tradeoff("lasting", "charge_to_last", "time_to_last", alone=True, told="time to last in s")
"""Of networks with plastic synapses: for how little charge they are desynchronised for good, and in what time."""
BURSTS = Tradeoff("bursts", "burst_time", "rms_kick", limit=0.01, told="RMS current in spk/s")
"""Of rate models: how little time in bursts for how much RMS current, of which the best one needs least to keep that at
0.01 or below."""
TRADEOFFS = (SUPPRESSION, SYNCHRONY, RELAY, ONSET, LASTING, BURSTS)
OBJECTIVES = tuple(dict.fromkeys(each.objective for each in TRADEOFFS))
"""Of searches for all best compromises."""
TRADED = tuple(dict.fromkeys(key for each in TRADEOFFS for key in (each.aim, each.price)))
"""The metrics of all of them."""


def tradeoff(objective: str, oscillators: bool, cells: bool = False) -> Tradeoff:
    """What an objective is about, for a model of neurons, of phase oscillators, or a network of cells.

    Example:
        >>> tradeoff("suppression", oscillators=True).aim
        'order'
    """
    for each in (ONSET, LASTING, BURSTS):
        if objective == each.objective:
            return each
    if objective == ERROR_INDEX or (cells and objective == RELAY.objective):
        return RELAY
    return SYNCHRONY if oscillators else SUPPRESSION


def tradeoff_of(scored: Sequence[Collection[str]]) -> Tradeoff:
    """What a table is about: what all of its measurements have scored, metrics by their keys."""
    own = (RELAY, LASTING, BURSTS, SYNCHRONY) if scored else ()
    found = (each for each in own if all(each.aim in keys for keys in scored))
    return next(found, SUPPRESSION)
