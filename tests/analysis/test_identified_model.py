"""The picture of an identified model."""

import pytest

from rldbs.analysis.plots import drawing
from rldbs.analysis.plots.identified_model import model_picture


def row(price, **measured):
    promise = {"promised_suppression": 3.0 * price, "promised_mean_abs_kick": 2.0 / price}
    return {"price": price, "chosen": price == 2.0, **promise, "mean_abs_kick": 3.0 / price, **measured}


@pytest.fixture
def panels(monkeypatch, tmp_path):
    """Draws prices of control, and gives the axes beside the poles."""
    figures = []
    write = drawing.write
    monkeypatch.setattr(drawing, "write", lambda figure, path: (figures.append(figure), write(figure, path)))

    def draw(*rows, unit=""):
        content = {"poles": [[0.5, 0.1], [1.01, 0.0]], "prices": rows, "kick_unit": unit}
        model_picture(content, tmp_path / "model.png", "title")
        return figures[-1].axes[1:]

    return draw


def curves(axes):
    return {line.get_label(): [list(map(float, each)) for each in line.get_data()] for line in axes.lines}


def test_of_neurons_s_is_drawn_as_promised_and_as_measured(panels):
    (axes,) = panels(row(1.0, suppression=5.0), row(2.0, suppression=9.0))
    assert curves(axes)["promised by the model"] == [[2.0, 1.0], [3.0, 6.0]]
    assert curves(axes)["measured"] == [[3.0, 1.5], [5.0, 9.0]]
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("suppression S", "mean |kick| (units of x)")


def test_of_oscillators_r_stands_below(panels):
    s, r = panels(row(1.0, suppression=5.0, order=0.3), row(2.0, suppression=9.0, order=0.1), unit="rad/s")
    assert curves(s)["measured"] == [[3.0, 1.5], [5.0, 9.0]]
    assert curves(r)["measured"] == [[3.0, 1.5], [0.3, 0.1]]
    assert curves(r)["the one that acts: price 2"] == [[1.5], [0.1]]
    assert (r.get_ylabel(), r.get_xlabel()) == ("order parameter R", "mean |kick| (rad/s)")
    legend = r.get_legend()
    assert "promised by the model" in [text.get_text() for text in legend.get_texts()]
    assert not legend.get_window_extent().overlaps(r.xaxis.label.get_window_extent())
