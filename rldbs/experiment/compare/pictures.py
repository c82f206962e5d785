"""A comparison as pictures."""

import numpy as np

from rldbs.analysis.heat import Heat, heat_picture
from rldbs.analysis.pareto import Array, Mark, Panel, learning_picture, pareto_picture
from rldbs.experiment.compare.result import Comparison, Estimate, Row
from rldbs.files.folder import Folder

SUBTITLE = "deterministic policy · interquartile mean, 95 % interval over seeds and populations"

MAPS = "deterministic policy · interquartile mean over all runs and populations with these values"


def write_pictures(comparison: Comparison, folder: Folder) -> None:
    """pareto.png, and learning.png where the training of a controller is at hand."""
    panels = [Panel(table.title, [_mark(row) for row in table.rows]) for table in comparison.tables]
    pareto_picture(panels, folder.file("pareto.png"), "Suppression against stimulation", SUBTITLE)
    if any(mark.learning for panel in panels for mark in panel.marks):
        words = "checkpoints on populations of their own · interquartile mean, 95 % interval over seeds"
        learning_picture(panels, folder.file("learning.png"), "How it was learned", words)
    if comparison.maps:
        heats = [
            Heat(
                one.title,
                one.row_key,
                one.column_key,
                one.row_values,
                one.column_values,
                one.suppression,
                one.quenched,
            )
            for one in comparison.maps
        ]
        heat_picture(heats, folder.file("heat.png"), "Suppression over what varies", MAPS)


def _mark(row: Row) -> Mark:
    return Mark(
        row.label,
        _ends(row.estimate("suppression")),
        _ends(row.estimate("mean_abs_kick")),
        row.quenched,
        {axis: np.column_stack([one.x, one.iqm, one.low, one.high]) for axis, one in row.learning.items()},
        row.compromises,
    )


def _ends(estimate: Estimate) -> Array:
    """Interquartile mean and interval; a value without an interval is one of no width."""
    return np.array([estimate.number, *(estimate.interval or (estimate.number, estimate.number))])
