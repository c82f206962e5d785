"""The picture of a benchmark, where there is little to see."""

import numpy as np
import pytest

from rldbs.analysis.plots import drawing
from rldbs.analysis.plots.benchmark_overview import NOTHING, Task, overview_picture
from rldbs.analysis.tradeoff import SUPPRESSION, SYNCHRONY


@pytest.fixture
def panels(monkeypatch, tmp_path):
    """Draws tasks, and gives their axes."""
    figures = []
    write = drawing.write
    monkeypatch.setattr(drawing, "write", lambda figure, path: (figures.append(figure), write(figure, path)))

    def draw(*tasks):
        overview_picture(tasks, tmp_path / "benchmark.png", "title")
        return figures[-1].axes

    return draw


def task(points, sought=SUPPRESSION, **learners):
    return Task("cube", sought, np.array(points, np.float64).reshape(-1, 2), learners)


@pytest.mark.parametrize("sought", [SUPPRESSION, SYNCHRONY])
@pytest.mark.parametrize("points", [[], [[1.0, 0.0]], [[np.nan, np.nan]]])
def test_where_nobody_stimulates_the_panel_says_so(panels, points, sought):
    (axes,) = panels(task(points, sought))
    assert [text.get_text() for text in axes.texts] == [NOTHING]


@pytest.mark.parametrize("learners", [{}, {"ppo": np.array([[3.0, 2.0, 4.0], [0.02, 0.01, 0.03]])}])
def test_one_that_stimulates_has_logarithmic_axes(panels, learners):
    points = [[1.0, 0.0]] if learners else [[1.0, 0.0], [5.0, 0.01]]
    empty, full = panels(task([[1.0, 0.0]]), task(points, **learners))
    assert (full.get_xscale(), full.get_yscale(), len(full.texts)) == ("log", "log", 0)
    assert empty.texts
