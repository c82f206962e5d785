"""``rldbs export`` as somebody calls it: what it writes, shows, and refuses."""

import json
import os
import re
import subprocess

import pytest

from rldbs.commands.completion import candidates
from rldbs.commands.export_request import OWN
from rldbs.commands.export_words import EXPORT, FORMATS
from rldbs.commands.recording_request import OWN as OF_RECORDINGS
from rldbs.export import formats
from rldbs.export.write_recording import RECORDINGS
from tests.conftest import call
from tests.documents import GUIDE, blocks
from tests.export.conftest import FEW, STRICT

QUICK = (*FEW, "start.populations=4", "decisions=50")


@pytest.fixture(autouse=True)
def desk(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["c", "numpy"])
def test_a_run_is_written(name, run, desk, capsys):
    code, out, err = call(["export", f"run={run}", f"format={name}", "folder=new/place", "decisions=50"], capsys)
    assert (code, err) == (0, "")
    files = {"c": ["bvdp_ppo.c", "bvdp_ppo.h", "bvdp_ppo_check.c"], "numpy": ["bvdp_ppo.npz", "bvdp_ppo.py"]}[name]
    assert sorted(os.listdir(desk / "new" / "place")) == sorted([*files, "bvdp_ppo.json"])
    assert "new/place" in out
    told = json.loads((desk / "new" / "place" / "bvdp_ppo.json").read_text())
    assert (told["model"], told["length"], told["stride"], told["amplitude"]) == ("bvdp", 80, 2, 0.1)
    assert told["rldbs_version"]
    assert not list(desk.glob("runs"))


def test_another_checkpoint_is_another_policy(run, desk, capsys):
    steps = min(int(path.name) for path in (run / "checkpoints").iterdir() if path.name.isdigit())
    for checkpoint in (str(steps), "last"):
        words = ["export", f"run={run}", f"checkpoint={checkpoint}", "format=c", f"folder={checkpoint}", "decisions=9"]
        assert call(words, capsys)[0] == 0
    first, last = ((desk / name / "bvdp_ppo.c").read_text() for name in (str(steps), "last"))
    assert f"after {steps:,} environment steps" in first
    assert first != last


def test_without_a_folder_it_makes_a_new_one_each_time(desk, capsys):
    words = ["export", "agent=pd", "format=c", "name=mine", *QUICK]
    for count in (1, 2):
        assert call(words, capsys)[0] == 0
        assert len(list((desk / "runs" / "exports").iterdir())) == count
    assert (next((desk / "runs" / "exports").iterdir()) / "mine_check.c").exists()


def test_the_table_tells_flash_memory_and_operations(capsys):
    out = call(["export", "agent=pd", "format=c", *QUICK], capsys)[1]
    for what in (r"flash: constants +[\d,]+ bytes", r"RAM: the state +[\d,]+ bytes", r"per decision.* \d+"):
        assert re.search(what, out), out


WRONG = [
    (["agent=pd"], "format=FORMAT: say which: c, onnx, torch, numpy, csv, nwb"),
    (["agent=pd", "formt=c"], "formt=c: did you mean format?"),
    (["agent=pd", "format=matlab"], "format='matlab': must be one of c, onnx, torch, numpy, csv, nwb"),
    (["agent=pd", "format=torchscript"], "torch has deprecated it\nUse format=torch"),
    (["agent=pd", "format=onnx"], "format=onnx: holds networks, but agent=pd needs no training\nUse format=c"),
    (["run=zoo:bvdp-lqg", "format=torch"], "agent=lqg is a regulator with a ladder of prices\nUse format=c"),
    (["agent=random", "format=c"], "agent=random: draws its kicks from NumPy's generators"),
    (["agent=none", "format=c"], "agent=none: never stimulates; there is nothing to export"),
    (["agent=ppo", "format=c"], "a learner is exported through its run: rldbs export run=last"),
    (["agent=pd", "format=c", "name=2x"], "name='2x': must be a name as C has them"),
    (["agent=pd", "format=c", "name=../x"], "name='../x': must be a name as C has them"),
    (["agent=pd", "format=c", "decisions=0"], "decisions=0: must be a whole number from 1 to 100,000"),
    (["agent=pd", "format=c", "decisions=many"], "decisions=many: must be a whole number"),
    (["agent=pd", "format=c", "folder="], "folder=: must name a folder"),
    (["agent=pd", "format=c", "json=x"], "json=x: belongs to a measurement"),
    (["agent=pd", "format=c", "tags=[x]"], "tags=[x]: belongs to a measurement"),
    (["agent=pd", "format=c", "evaluation=x"], "evaluation=x: is for what was recorded, format=csv or format=nwb"),
    (["agent=pd", "format=onnx", "bom=true"], "bom=true: is for what was recorded, format=csv or format=nwb, not"),
    (["agent=pd", "format=c", "protocol.free=100"], "protocol.free=100: belongs to a measurement"),
    (["agent=pd", "format=c", "hydra.run.dir=x"], "named by folder=x"),
    (["agent=pd", "format=c", "agent.gian=1"], "agent.gian"),
    (["run=nothing", "format=c"], "there are no training runs"),
    (["run=zoo:bvdp-ppo", "format=c", "checkpoint=7"], "checkpoint"),
    (["run=zoo:bvdp-ppo", "format=c", "recording.length=79"], "weights"),
]


@pytest.mark.parametrize(("words", "told"), WRONG)
def test_what_is_wrong_is_told_and_nothing_is_written(words, told, desk, capsys):
    code, out, err = call(["export", *words], capsys)
    assert (code, out) == (2, "")
    assert told in err
    assert "Traceback" not in err
    assert list(desk.iterdir()) == []


def test_what_is_in_a_folder_stays(desk, capsys):
    (desk / "mine").mkdir()
    (desk / "mine" / "notes").write_text("kept")
    code, _, err = call(["export", "agent=pd", "format=c", "folder=mine", *QUICK], capsys)
    assert code == 2
    assert "there is something in it; name a new folder" in err
    assert os.listdir(desk / "mine") == ["notes"]


def test_completion_offers_what_there_is():
    assert FORMATS.keys() == formats.FORMATS.keys() | RECORDINGS.keys()
    assert EXPORT.keys() == {*OWN, *OF_RECORDINGS} - {"run"}
    assert [text for text, _ in candidates("export", [], "format=")] == [f"format={name}" for name in FORMATS]
    assert [text for text, _ in candidates("export", [], "fo")] == ["format=", "folder="]
    assert [text for text, _ in candidates("export", [], "checkpoint=")] == ["checkpoint=best", "checkpoint=last"]
    assert [text for text, _ in candidates("export", ["agent=pd"], "agent.deri")] == ["agent.derivative_gain="]
    assert "run=zoo:bvdp-ppo" in [text for text, _ in candidates("export", [], "run=zoo")]
    assert [text for text, _ in candidates("export", [], "proto")] == []


def test_the_loop_of_the_handbook_runs_on_a_device(desk, capsys):
    """With a board of stubs: an electrode that shows a rhythm, and kicks that are counted."""
    assert call(["export", "run=zoo:bvdp-ppo", "format=c", "folder=.", "decisions=5"], capsys)[0] == 0
    (block,) = blocks(GUIDE / "exporting.md", "c")
    (desk / "firmware.c").write_text(block)
    (desk / "board.c").write_text("""
#include <math.h>
#include <stdio.h>
float read_electrode(void);
void stimulate(float amplitude);
void run(long samples);
static int time = 0;
static int kicks = 0;
static float largest = 0.0f;
float read_electrode(void) { return sinf(0.0388f * (float)time++); }
void stimulate(float amplitude) { kicks += amplitude != 0.0f; largest = fmaxf(largest, fabsf(amplitude)); }
int main(void)
{
    run(1000);
    printf("%d %.3f", kicks, (double)largest);
    return 0;
}
""")
    sources = ["firmware.c", "board.c", "bvdp_ppo.c"]
    subprocess.run(["cc", *STRICT, *sources, "-lm", "-o", "device"], check=True)
    kicks, largest = subprocess.run(["./device"], check=True, capture_output=True, text=True).stdout.split()
    assert int(kicks) == 1000 - 159 + 1
    assert 0.001 < float(largest) <= 0.01
