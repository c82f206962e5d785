import json
from io import StringIO

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from rldbs.analysis.plots import animation
from rldbs.config.composition import compose
from rldbs.config.schema import simulate_settings
from rldbs.core.errors import DivergedError, SettingError
from rldbs.experiment import free_film
from rldbs.experiment.simulate import simulate


def test_free_population_is_shown_with_its_rhythm(tmp_path):
    settings = simulate_settings(compose("simulate", ["model.neurons=100", "steps=5000", "populations=2", "threads=1"]))
    out = StringIO()
    result = simulate(settings, tmp_path, Console(file=out, width=100))
    assert result["period"]["mean"] == pytest.approx(162, rel=0.03)
    assert result["synchrony"]["mean"] > 0.5
    assert json.loads((tmp_path / "summary.json").read_text()) == result
    with np.load(tmp_path / "field.npz", allow_pickle=False) as file:
        assert file["field"].shape == (2, 5000, 2)
    assert (tmp_path / "free.png").read_bytes().startswith(b"\x89PNG")
    assert str(tmp_path / "free.png") in out.getvalue()
    assert not (tmp_path / "tissue.png").exists()


def test_tissue_is_drawn_where_there_is_any(tmp_path):
    overrides = ["model=kuramoto_populations", "model.neurons=30", "model.transient=100", "steps=2000", "threads=1"]
    out = StringIO()
    simulate(simulate_settings(compose("simulate", overrides)), tmp_path, Console(file=out, width=100))
    assert (tmp_path / "tissue.png").read_bytes().startswith(b"\x89PNG")
    assert f"tissue   {tmp_path / 'tissue.png'}" in out.getvalue()
    with np.load(tmp_path / "field.npz", allow_pickle=False) as file:
        assert file["field"].shape == (1, 2000, 3 + 4 + 6)


def test_a_film_of_oscillators_in_tissue_is_written_when_it_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(free_film, "FRAMES", 4)
    monkeypatch.setattr(animation, "find_ffmpeg", lambda: None)
    overrides = ["model=kuramoto_line", "model.neurons=20", "model.transient=100", "steps=2000", "threads=1"]
    told = []
    for name, film in (("without", "false"), ("with", "true")):
        (tmp_path / name).mkdir()
        out = StringIO()
        settings = simulate_settings(compose("simulate", [*overrides, f"animation={film}"]))
        told.append(simulate(settings, tmp_path / name, Console(file=out, width=100)))
    assert told[0] == told[1]  # the film is of what comes after
    assert not (tmp_path / "without" / "tissue.gif").exists()
    assert out.getvalue().splitlines()[-1] == f"film     {tmp_path / 'with' / 'tissue.gif'}"
    with Image.open(tmp_path / "with" / "tissue.gif") as gif:
        assert (gif.size, gif.n_frames) == ((570, 480), 4)


@pytest.mark.parametrize("overrides", [["model=bvdp"], ["model=kuramoto", "tissue=point"]])
def test_a_film_of_what_has_no_phases_or_no_places_is_refused(overrides):
    with pytest.raises(SettingError, match=r"animation=true: shows the phases of oscillators in tissue"):
        simulate_settings(compose("simulate", [*overrides, "animation=true"]))


def test_absurd_parameters_end_in_an_error_and_a_failed_run(tmp_path):
    settings = simulate_settings(
        compose("simulate", ["model.neurons=10", "model.dt=5", "model.transient=50", "steps=400"])
    )
    with pytest.raises(DivergedError, match=r"model\.dt"):
        simulate(settings, tmp_path, Console(file=StringIO()))
    assert json.loads((tmp_path / "meta.json").read_text())["status"] == "failed"
