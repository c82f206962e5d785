import json
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from rldbs.config.composition import compose
from rldbs.config.schema import simulate_settings
from rldbs.core.errors import DivergedError
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


def test_absurd_parameters_end_in_an_error_and_a_failed_run(tmp_path):
    settings = simulate_settings(
        compose("simulate", ["model.neurons=10", "model.dt=5", "model.transient=50", "steps=400"])
    )
    with pytest.raises(DivergedError, match=r"model\.dt"):
        simulate(settings, tmp_path, Console(file=StringIO()))
    assert json.loads((tmp_path / "meta.json").read_text())["status"] == "failed"
