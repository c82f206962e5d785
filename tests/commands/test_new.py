"""``rldbs new model`` writes a file that works as it stands, and never over another one."""

import re
import shutil

import pytest
import yaml

from rldbs.commands.new_model import write_model
from rldbs.core.errors import SettingError
from tests.conftest import call


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_what_is_written_works_and_its_measured_lines_can_be_pasted(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    status, out, _ = call(["new", "model", "mine"], capsys)
    assert status == 0
    assert out.splitlines()[0] == "own/model/mine.yaml"
    words = out.splitlines()[1].removeprefix("Next: rldbs ").split()
    small = ["model.neurons=100", "populations=2", "threads=1", "steps=8000", "hydra.run.dir=run"]
    status, out, err = call([*words, *small], capsys)
    assert status == 0, err
    found = yaml.safe_load((tmp_path / "run" / "calibrated.yaml").read_text())["model"]
    assert yaml.safe_load(out[out.index("model:") : out.index("run ")])["model"] == found
    given = yaml.safe_load((tmp_path / "own" / "model" / "mine.yaml").read_text())["model"]
    assert set(found) < set(given)
    assert abs(found["period"] - given["period"]) < 10
    assert abs(found["set_point"] - given["set_point"]) < 0.05
    assert 500 < found["transient"] < 14000
    assert found["ranges"]["x"][0] < -2
    assert found["ranges"]["x"][1] > 2


def test_a_file_that_is_there_stays(tmp_path):
    path = write_model("mine", tmp_path / "own")
    before = path.read_bytes()
    with pytest.raises(SettingError, match=r"there is .*mine\.yaml already"):
        write_model("mine", tmp_path / "own")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["model", "bvdp"], "there is model=bvdp; give it another name"),
        (["model", "../mine"], "must be a name of letters, digits and _"),
        (["model", "mine", "--config-dir", "file"], "--config-dir file: is not a directory"),
        (["house", "mine"], "new house: there is nothing of that kind"),
    ],
)
def test_what_cannot_be_begun_is_refused(tmp_path, monkeypatch, capsys, words, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    status, _, err = call(["new", *words], capsys)
    assert status == 2
    assert re.search(re.escape(message), " ".join(err.split()))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]
