"""Networks as ONNX, as programs of torch and as arrays decide as they themselves do."""

import importlib
import io
import json
import sys

import numpy as np
import pytest
import torch

from rldbs.core.errors import RldbsError, SettingError
from rldbs.export import formats
from rldbs.export.formats import FORMATS, copied
from rldbs.export.subject import Subject
from tests.export.conftest import FEW, learner_subject, subject
from tests.export.test_c_regulator import made_up

NETWORKS = [
    ("ppo", ("agent.past_kicks=3", "recording.variable=[x,y]")),
    ("recurrent_ppo", ("agent.hidden=[8,4]", "agent.past_kicks=2", "stimulus=pulse")),
    ("qrdqn", ("agent.quantiles=7",)),
]
MORE = [
    ("ppo", ("agent.past_kicks=3", "stimulus.levels=5", "recording.sigmoid=0.5")),
    ("recurrent_ppo", ("stimulus.levels=5",)),
    ("sac", ("agent.hidden=[8,4]",)),
    ("crossq", ()),
]
OTHERS = [name for name in FORMATS if name != "c"]


def difference(exported: Subject, name: str) -> float:
    return float(dict(copied(exported, name).rows)[formats.DIFFERENCE].split()[0])


@pytest.mark.parametrize(
    ("agent", "more"), [*NETWORKS, *(pytest.param(*case, marks=pytest.mark.slow) for case in MORE)]
)
def test_a_network_decides_as_itself(agent, more):
    exported = learner_subject(agent, *more)
    assert np.unique(exported.recorded.actions).size > 1
    for name in OTHERS:
        if name == "onnx":
            pytest.importorskip("onnxruntime")
        assert difference(exported, name) < 1e-5


def test_a_copy_that_differs_is_not_written():
    exported = learner_subject("ppo")
    exported.recorded.actions[3] += np.float32(0.01)
    for name in OTHERS:
        if name == "onnx":
            pytest.importorskip("onnxruntime")
        with pytest.raises(RldbsError, match=r"differs by 0\.01 .*nothing is written"):
            copied(exported, name)


def test_what_is_no_network_is_refused():
    for agent, exported in {"lqg": made_up(), "pd": subject("agent=pd", *FEW)}.items():
        for name in OTHERS:
            with pytest.raises(
                SettingError, match=f"format={name}: holds networks, but agent={agent} .*\nUse format=c"
            ):
                copied(exported, name)


def test_onnx_tells_the_layout():
    onnx = pytest.importorskip("onnx")
    exported = learner_subject("recurrent_ppo", "agent.past_kicks=2", "recording.variable=[x,y]")
    model = onnx.load_model_from_string(copied(exported, "onnx").files["control.onnx"])
    told = {entry.key: entry.value for entry in model.metadata_props}
    assert json.loads(told["variables"]) == ["x", "y"]
    words = exported.words()
    assert {key: json.loads(told[key]) for key in ("length", "stride", "centered", "low", "high", "amplitude")} == {
        key: words[key] for key in ("length", "stride", "centered", "low", "high", "amplitude")
    }
    assert told["model"] == "bvdp"
    assert [value.name for value in model.graph.input] == ["observation", "past_kicks", "memory", "cell"]
    outputs = ["action", "next_past_kicks", "next_memory", "next_cell"]
    assert [value.name for value in model.graph.output] == outputs


def test_the_layout_tells_units_and_contacts_of_oscillators():
    few = ("model.neurons=30", "model.transient=50")
    words = subject("model=kuramoto_populations", "agent=pd", *few).words()
    assert (words["contacts"], words["together"], words["actions"]) == (3, False, 3)
    assert "kicks in rad/s; dt in ms" in words["units"]
    plain = subject("agent=pd", *FEW).words()
    assert (plain["contacts"], plain["limit"]) == (1, None)
    assert (
        "samples of x, membrane potential; kicks in units of x; dt and all else without a dimension" in plain["units"]
    )
    cells = subject("model=so2012", "agent=open_loop", "recording.variable=[x,v_stn]").words()
    assert (
        "of x, mean synaptic variable of GPi; of v_stn, mean potential of STN in mV; kicks in µA/cm²" in cells["units"]
    )


def test_without_onnx_one_line_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(SettingError, match=r"pip install 'onnx>=1\.19' onnxruntime"):
        copied(learner_subject("ppo"), "onnx")


def test_without_onnxruntime_it_is_written_and_says_so(monkeypatch):
    pytest.importorskip("onnx")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    copy = copied(learner_subject("ppo"), "onnx")
    assert dict(copy.rows)[formats.DIFFERENCE] == "not run: pip install onnxruntime"
    assert copy.files["control.onnx"]


def test_a_program_of_torch_takes_any_number_of_rows():
    exported = learner_subject("recurrent_ppo", "agent.past_kicks=2")
    told = {"layout.json": ""}
    content = copied(exported, "torch").files["control.pt2"]
    program = torch.export.load(io.BytesIO(content), extra_files=told).module()
    rows = torch.from_numpy(exported.recorded.observations[:5])
    action, *state = program(rows, torch.zeros(5, 2), torch.zeros(5, 8), torch.zeros(5, 8))
    assert action.shape == (5, 1)
    assert [tuple(part.shape) for part in state] == [(5, 2), (5, 8), (5, 8)]
    assert json.loads(told["layout.json"]) == exported.words()


def test_the_program_of_arrays_makes_observations_too(tmp_path, monkeypatch):
    exported = learner_subject("ppo", "recording.variable=[x,y]", "recording.sigmoid=0.5", "recording.stride=1")
    for name, content in copied(exported, "numpy").files.items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "control", raising=False)
    control = importlib.import_module("control")
    length, recorded = exported.layout.length, exported.recorded
    for k in (0, 17):
        seen = control.observation(recorded.samples[k : k + length].T)
        np.testing.assert_allclose(seen, recorded.observations[k], atol=1e-6)
        assert seen.dtype == np.float32
