"""The picture of a search: every trial stands at its price."""

import numpy as np
import pytest

from rldbs.analysis.plots import drawing
from rldbs.analysis.plots.search_trials import Tried, search_picture
from rldbs.analysis.tradeoff import ONSET, SUPPRESSION, SYNCHRONY


@pytest.fixture
def axes_of(monkeypatch, tmp_path):
    """Draws trials of some prices, the first of which was measured again at the last price; gives the axes."""
    figures = []
    write = drawing.write
    monkeypatch.setattr(drawing, "write", lambda figure, path: (figures.append(figure), write(figure, path)))

    def draw(prices, again, sought=SUPPRESSION, unit=""):
        count = len(prices)
        aim = np.linspace(2.0, 3.0, count)
        tried = Tried(
            np.array(prices, np.float64),
            aim,
            np.ones(count, np.bool_),
            np.arange(0),
            np.array([0]),
            np.array([[again, 2.5, 2.2, 2.8]]),
        )
        search_picture(tried, sought, 1e9, tmp_path / "trials.png", "title", kick_unit=unit)
        return figures[-1].axes[0]

    return draw


def places(axes):
    """Where trials and diamonds are seen, as parts of the width of the axes."""
    trials = axes.collections[0].get_offsets()[:, 0]
    (diamond,) = (line for line in axes.lines if line.get_marker() == "D")
    return [float(x) for x in trials], float(diamond.get_xdata()[0])


@pytest.mark.parametrize(
    ("prices", "again", "scale"),
    [
        ((0.00153, 20.0, 53.0), 0.0017, "log"),
        ((0.0, 0.01, 53.0), 0.02, "symlog"),
        ((1e-9, 0.01, 53.0), 1e-9, "symlog"),
        ((0.0, 2.0, 3.0), 2.5, "linear"),
        ((1.0, 2.0, 3.0), 2.5, "linear"),
        ((0.0, 0.0), 0.0, "linear"),
    ],
)
def test_trials_and_what_was_measured_again_are_at_their_prices(axes_of, prices, again, scale):
    axes = axes_of(prices, again)
    assert axes.get_xscale() == scale
    assert places(axes) == (list(prices), again)
    low, high = axes.get_xlim()
    assert all(low <= price <= high for price in (*prices, again))
    lines = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) == 2]
    assert any(np.array_equal(line, [prices[0], again]) for line in lines)


def test_a_price_of_nothing_has_a_tick_of_its_own(axes_of):
    axes = axes_of((0.0, 0.01, 53.0), 0.02)
    assert list(axes.get_xticks()) == pytest.approx([0.0, 0.01, 0.1, 1.0, 10.0, 100.0])


def test_an_axis_names_the_unit_of_the_models_kicks(axes_of):
    assert axes_of((1.0, 2.0), 1.5).get_xlabel() == "mean |kick| (units of x)"
    assert axes_of((1.0, 2.0), 1.5, SYNCHRONY, "rad/s").get_xlabel() == "mean |kick| (rad/s)"
    assert axes_of((1.0, 2.0), 1.5, ONSET, "rad/s").get_xlabel() == "energy to suppress ((rad/s)²)"
    assert axes_of((1.0, 2.0), 1.5, ONSET).get_xlabel() == "energy to suppress (units of x²)"
