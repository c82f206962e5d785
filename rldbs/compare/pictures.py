"""A comparison as pictures."""

import numpy as np

from rldbs.analysis.plots.heat_map import Heat, heat_picture
from rldbs.analysis.plots.pareto import Array, Mark, Panel, learning_picture, pareto_picture
from rldbs.compare.comparison import Comparison, Estimate, Row
from rldbs.experiment.optional_picture import Say, drawn
from rldbs.files.folder import Folder

SUBTITLE = "deterministic policy · interquartile mean, 95 % interval over seeds and populations"

MAPS = "deterministic policy · interquartile mean over all runs and populations with these values"


def write_pictures(comparison: Comparison, folder: Folder, say: Say) -> None:
    """pareto.png, and learning.png where the training of a controller is at hand; what fails is told to ``say``."""
    panels = [Panel(table.title, [_mark(row) for row in table.rows], table.sought) for table in comparison.tables]
    pareto, learning, heat = (folder.file(f"{name}.png") for name in ("pareto", "learning", "heat"))
    drawn(pareto, lambda: pareto_picture(panels, pareto, "Suppression against stimulation", SUBTITLE), say)
    if any(mark.learning for panel in panels for mark in panel.marks):
        words = "checkpoints on populations of their own · interquartile mean, 95 % interval over seeds"
        drawn(learning, lambda: learning_picture(panels, learning, "How it was learned", words), say)
    if comparison.maps:
        heats = [
            Heat(
                one.title,
                one.row_key,
                one.column_key,
                one.row_values,
                one.column_values,
                one.reached,
                one.quenched,
                one.label,
            )
            for one in comparison.maps
        ]
        drawn(heat, lambda: heat_picture(heats, heat, "Suppression over what varies", MAPS), say)


def _mark(row: Row) -> Mark:
    return Mark(
        row.label,
        _ends(row.estimate(row.sought.aim)),
        _ends(row.estimate(row.sought.price)),
        row.quenched,
        {axis: np.column_stack([one.x, one.iqm, one.low, one.high]) for axis, one in row.learning.items()},
        row.places,
    )


def _ends(estimate: Estimate) -> Array:
    """Interquartile mean and interval; a value without an interval is one of no width."""
    return np.array([estimate.number, *(estimate.interval or (estimate.number, estimate.number))])
