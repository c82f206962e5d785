"""The picture of conditions shows each spike, and says what it shows."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from rldbs.analysis.plots import drawing
from rldbs.analysis.plots.nuclei_picture import nuclei_picture
from rldbs.analysis.plots.nuclei_raster import COLOURS
from rldbs.core.cell_network import CellNetwork, CellRecord
from tests.analysis.test_pictures import png_size

STEPS = 60_000
ROWS = 5
"""Panels of a column: two channels, spikes, the spectrum of the one that is a mean, that of spikes."""


@pytest.fixture(scope="module")
def seen() -> tuple[CellNetwork, dict[str, CellRecord]]:
    records = {}
    for severity in ("healthy", "pd"):
        network = CellNetwork(2, severity=severity, channels=("th.v[3]", "gpi.s"), every=10)
        records[severity] = network.advance(np.zeros((2, STEPS, 1)))
    return network, records


@pytest.fixture(scope="module")
def axes(seen, tmp_path_factory):
    """The axes of the picture, and its texts."""
    figures, write, path = [], drawing.write, tmp_path_factory.mktemp("picture") / "nuclei.png"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "write", lambda figure, path: (figures.append(figure), write(figure, path)))
        nuclei_picture(seen[1], seen[0], path, "title $x_", "subtitle", begin=100.0)
    assert png_size(path)[0] == 1500
    return figures[0].axes, [text.get_text() for text in figures[0].texts]


def test_every_spike_of_the_first_population_is_a_mark_in_the_colour_of_its_nucleus(axes, seen):
    for column, record in enumerate(seen[1].values()):
        raster = axes[0][ROWS * column + 2]
        mine = record.spikes.population == 0
        for i, marks in enumerate(raster.collections):
            cells = record.spikes.cell[mine & (record.spikes.cell // 10 == i)]
            assert len(marks.get_offsets()) == len(cells)
            np.testing.assert_allclose(marks.get_edgecolor()[0, :3], to_rgb(COLOURS[i]))
        assert len(raster.collections) == 4
        assert raster.get_xlim() == (100.0, 600.0)


def test_titles_have_the_error_index_and_nuclei_their_rates(axes, seen):
    assert axes[1][0] == "title $x_"
    assert any(text.startswith("healthy: error index 0.") for text in axes[1])
    record = seen[1]["pd"]
    gpe = (record.spikes.population == 0) & (record.spikes.cell // 10 == 2)
    words = f"GPe {gpe.sum() / 10 / 0.6:.0f} Hz"
    assert words in [text.get_text() for text in axes[0][ROWS + 2].texts]


def test_curves_are_named_with_their_unit_and_have_one_scale(axes):
    top, synapses, other = axes[0][0], axes[0][1], axes[0][ROWS]
    assert [top.get_ylabel(), synapses.get_ylabel()] == ["v of TH 3 (mV)", "s of GPi"]
    assert top.get_ylim() == other.get_ylim()
    assert top.lines[0].get_xdata()[0] == pytest.approx(100.1)


def test_spectra_are_of_means_and_of_the_spikes_of_each_nucleus_with_the_band_shaded(axes):
    assert len(axes[0]) == 2 * ROWS
    of_mean, of_spikes = axes[0][3], axes[0][4]
    assert of_mean.get_ylabel() == "power of s\n(1/Hz)"
    assert of_spikes.get_ylabel() == "of spikes\n((spk/s)²/Hz)"
    assert [len(panel.lines) for panel in (of_mean, of_spikes)] == [1, 4]
    assert of_spikes.get_xlabel() == "frequency (Hz); shaded: 13 to 30"
    assert of_spikes.get_ylim() == axes[0][ROWS + 4].get_ylim()
    (shade,) = of_spikes.patches
    assert (shade.get_x(), shade.get_x() + shade.get_width()) == (13.0, 30.0)


def test_a_record_too_short_for_spectra_has_none(seen, tmp_path, monkeypatch):
    network = CellNetwork(channels=("gpi.s",))
    figures = []
    monkeypatch.setattr(drawing, "write", lambda figure, path: figures.append(figure))
    nuclei_picture({"free": network.advance(np.zeros((1, 5000, 1)))}, network, tmp_path / "short.png", "short")
    assert len(figures[0].axes) == 2


def test_equal_records_give_equal_files(seen, tmp_path):
    for name in ("one.png", "two.png"):
        nuclei_picture(seen[1], seen[0], tmp_path / name, "the same", begin=200.0)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def test_what_cannot_be_shown_is_refused(seen, tmp_path):
    network, records = seen
    for given, begin in (({}, 0.0), (records, 600.0), (records, -1.0)):
        with pytest.raises(ValueError, match="records must be equally long, and longer than"):
            nuclei_picture(given, network, tmp_path / "nuclei.png", "none", begin=begin)
    assert list(tmp_path.iterdir()) == []
