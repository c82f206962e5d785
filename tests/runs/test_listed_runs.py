"""Lists of runs for Python, and the package that is also what gives them."""

import shutil
import subprocess
import sys

import pytest

import rldbs
from rldbs.core.errors import RunError, SettingError
from rldbs.runs.find import read_metrics


def test_runs_are_listed_newest_first_with_a_few_facts(run, tmp_path):
    for name, started in (("older", "2026-01-01T00:00:00+00:00"), ("newer", "2026-02-01T00:00:00+00:00")):
        shutil.copytree(run, tmp_path / "bvdp-ppo" / name, symlinks=True)
        meta = tmp_path / "bvdp-ppo" / name / "meta.json"
        lines = [line for line in meta.read_text().splitlines() if '"started"' not in line]
        meta.write_text("\n".join([lines[0], f' "started": "{started}",', *lines[1:]]))
    newest, oldest = rldbs.runs(tmp_path)
    assert (newest.name, oldest.name) == ("bvdp-ppo/newer", "bvdp-ppo/older")
    assert (newest.model, newest.agent, newest.seed, newest.command) == ("bvdp", "ppo", 0, "train")
    assert (newest.status, newest.steps, newest.steps_done) == ("done", 4096, 4096)
    assert newest.suppression == read_metrics(run, "final")["deterministic"]["suppression"]["iqm"]
    assert newest.started - oldest.started == 31 * 86_400
    assert repr(newest).startswith("<bvdp-ppo/newer: ppo on bvdp, done, 4,096 of 4,096 steps, S ")
    assert rldbs.load(newest).path == newest.path


def test_a_run_of_which_nothing_is_known_is_listed_too(tmp_path):
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "config.yaml").touch()
    [listed] = rldbs.runs(tmp_path)
    assert (listed.status, listed.steps, listed.suppression, listed.started) == ("unknown", None, None, None)
    assert repr(listed) == "<some: unknown>"


def test_where_there_are_no_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert rldbs.runs() == []
    with pytest.raises(RunError, match="directory=elsewhere: there is no such directory"):
        rldbs.runs("elsewhere")
    with pytest.raises(SettingError, match="directory=3: must be a path"):
        rldbs.runs(3)


@pytest.mark.parametrize("before", ["", "import rldbs.runs.find", "from rldbs.runs.find import find_run"])
def test_the_name_is_what_lists_whatever_was_imported_before(before, tmp_path):
    code = f"import rldbs\n{before}\nprint(rldbs.runs(), rldbs.runs.__name__)\nimport rldbs.runs.find as f; f.find_run"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert answer.stdout == "[] rldbs.runs\n"
