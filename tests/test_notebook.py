"""The notebook of the handbook runs from its first cell to its last, and shows what it has made."""

import json
from pathlib import Path

import matplotlib as mpl
import pytest

NOTEBOOK = Path(__file__).parents[1] / "rldbs" / "guide" / "tour.ipynb"


def cells(kind):
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert notebook["nbformat"] == 4
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


@pytest.mark.slow
def test_it_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    with mpl.rc_context({"backend": "Agg"}):
        for cell in cells("code"):
            exec(compile("".join(cell["source"]), str(NOTEBOOK), "exec"), names)
    futures = names["futures"]
    assert min(map(len, futures.values())) == 2_000


def test_it_has_been_run_and_shows_no_place_of_a_machine():
    code = cells("code")
    assert len(code) >= 10
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell["outputs"]]
    assert {output["output_type"] for output in outputs} == {"display_data", "execute_result"}
    assert sum("image/png" in output["data"] for output in outputs) >= 5
    assert not [word for word in ("/home", "/tmp", "/root") if word in NOTEBOOK.read_text(encoding="utf-8")]
