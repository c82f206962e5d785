"""What the best controller of a run came to, of what was sought."""

from typing import NamedTuple

from rldbs.analysis.metric_definitions import EVERY_METRIC
from rldbs.analysis.three_digits import three_digits
from rldbs.analysis.tradeoff import SUPPRESSION, tradeoff_of
from rldbs.files.untrusted_text import finite
from rldbs.runs.find import Run, read_metrics
from rldbs.runs.json_fields import FINAL


class BestValue(NamedTuple):
    """The deterministic policy's, the interquartile mean over unseen populations."""

    aim: str
    """The metric that was sought: S, of oscillators R, or what a model has of its own."""
    value: float | None
    """None where it did not come on all of them."""
    final: bool
    """Whether it was measured at the end; else on the way, of the best checkpoint so far."""

    @property
    def label(self) -> str:
        """What the metric is called."""
        return EVERY_METRIC[self.aim].label

    def __str__(self) -> str:
        if self.value is None:
            text = EVERY_METRIC[self.aim].missing
        else:
            text = f"{self.value:.1f}" if self.aim == SUPPRESSION.aim else three_digits(self.value)
        return text if self.final else f"{text} so far"


def best_value(run: Run) -> BestValue | None:
    """That of a run; None of one that nothing has been measured of."""
    final = read_metrics(run.folder, FINAL).get("deterministic", {})
    if final:
        sought = tradeoff_of([final])
        value = None if sought.missed(final) else final.get(sought.aim, {}).get("iqm")
        return BestValue(sought.aim, value, True)
    measured = run.measured_so_far
    aim = tradeoff_of([measured]).aim
    return BestValue(aim, measured[aim], False) if finite(measured.get(aim)) else None
