"""The command line of ``rldbs compare``, as a user calls it."""

import csv
import json
import subprocess
import sys

import pytest

from rldbs.cli import main
from rldbs.commands import compared_tables
from rldbs.commands.compare import WRITTEN, requested
from rldbs.commands.compared_tables import fitting
from rldbs.commands.completion import complete_compare
from rldbs.compare.collect import collect
from rldbs.compare.comparison import compare
from rldbs.compare.file_formats import WRITERS
from rldbs.compare.table_columns import columns
from rldbs.core.errors import SettingError
from tests.compare.conftest import Runs
from tests.conftest import SMALL_RUN, small_run


@pytest.fixture
def runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runs = Runs(tmp_path / "runs")
    runs("bvdp-ppo/20260101-000000-s0-aaaa", [30, 50], course=[(100, 1.0, 5.0), (200, 2.0, 15.0)])
    runs("bvdp-ppo/20260101-000001-s1-bbbb", [40, 20], seed=1)
    runs("bvdp-p/20260101-000002-s0-cccc", [25, 25], kick=0.0005, agent={"name": "proportional"})
    runs("bvdp-c/20260101-000003-s0-dddd", [400, 300], kick=0.1, activity=0.1, agent={"name": "constant"})
    runs("bvdp-sac/20260101-000004-s0-eeee", [1, 2], agent={"name": "sac"}, meta={"status": "failed", "error": "full"})
    return runs


def run(capsys, *words):
    with pytest.raises(SystemExit) as end:
        main(["compare", *words])
    streams = capsys.readouterr()
    return end.value.code or 0, streams.out, streams.err


def test_tables_are_shown_and_everything_is_written_to_a_new_folder(runs, capsys):
    code, out, err = run(capsys, "runs")
    assert code == 0
    lines = [line.split() for line in out.splitlines()]
    assert [line[0] for line in lines[2:5]] == ["ppo", "proportional", "constant"]
    assert "0.1 quenched" in out.splitlines()[4]
    assert "bvdp · delta · 2 unseen populations" in out
    assert "Agarwal" in out
    assert "left out: runs/bvdp-sac/20260101-000004-s0-eeee: failed: full" in err
    [folder] = (runs.root / "comparisons").iterdir()
    names = ["comparison.csv", "comparison.html", "comparison.json", "comparison.md", "learning.png", "pareto.png"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert str(folder.relative_to(runs.root.parent)) in out


def test_what_marks_mean_is_wrapped_where_somebody_looks(runs, capsys, monkeypatch):
    piped = run(capsys, "runs")[1]
    monkeypatch.setattr(compared_tables, "_width", lambda: 60)
    out = run(capsys, "runs")[1]
    assert max(map(len, piped.splitlines())) > 100
    told = out[: out.index("\ntables ")].splitlines()
    assert max(map(len, told)) <= 60
    assert "quenched" in " ".join(told)


def test_a_comparison_among_the_runs_is_no_run(runs, capsys):
    assert run(capsys, "runs")[1].splitlines()[:-2] == run(capsys, "runs")[1].splitlines()[:-2]


def test_a_mark_for_spreadsheets_stands_where_it_is_asked_for(runs, capsys, tmp_path):
    for name, words in (("with", ["bom=true"]), ("without", [])):
        assert run(capsys, "runs", f"folder={name}", f"csv={tmp_path / f'{name}.csv'}", *words)[0] == 0
        for file in (tmp_path / f"{name}.csv", tmp_path / name / "comparison.csv"):
            assert file.read_bytes().startswith(b"\xef\xbb\xbf") == (name == "with")


def test_files_go_where_they_are_asked_for(runs, capsys, tmp_path):
    files = [f"{kind}={tmp_path / kind}" for kind in ("markdown", "csv", "json", "html")]
    code, out, _ = run(capsys, "runs", "folder=here", "reference=proportional", *files)
    assert code == 0
    assert "P(> proportional)" in out
    assert not (runs.root / "comparisons").exists()
    assert (tmp_path / "here" / "pareto.png").is_file()
    assert (tmp_path / "html").read_text().startswith("<!doctype html>")
    rows = [*csv.DictReader((tmp_path / "csv").read_text().splitlines())]
    assert [row["controller"] for row in rows] == ["ppo", "proportional", "constant"]
    assert float(rows[0]["suppression"]) == 35
    assert float(rows[0]["better"]) == 0.75
    assert json.loads((tmp_path / "json").read_text())["reference"] == "proportional"
    assert "| constant | 1 | 2 | 350 \\[300, 400\\] |" in (tmp_path / "markdown").read_text()


def test_names_and_errors_are_shown_as_they_are(runs, capsys, tmp_path):
    runs("a/b", [3, 4], agent={"name": "a|b*[red]\x1b[0m"})
    code, out, _ = run(capsys, "runs", f"markdown={tmp_path / 'md'}")
    assert code == 0
    assert "a|b*[red]\\x1b[0m" in out
    assert "\x1b" not in out
    assert "a\\|b\\*\\[red\\]" in (tmp_path / "md").read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere"], "nowhere: there is no such run or folder"),
        (["runs/bvdp-sac"], "nothing to compare"),
        (["zoo:bvdp-ppo"], "rldbs evaluate run=zoo:bvdp-ppo"),
        (["runs", "reference=nobody"], "reference=nobody: there is no such row; there are"),
        (["runs", "referenz=ppo"], "Did you mean reference=ppo?"),
        (["runs", "name=a/b"], "name=a/b: must be the name of a folder"),
        (["runs", "csv=no/where/a.csv"], "csv=no/where/a.csv: must be a file in a directory that exists"),
        (["runs", "csv=a", "csv=b"], "csv=b: csv is there twice"),
        (["runs", "csv="], "csv=: a value is missing"),
        (["runs", "bom=yes"], "bom=yes: must be true or false"),
        (["runs", "folder=runs"], "there is something in it"),
        (["name=final"], "compare: which runs?"),
        (["runs", "--html"], "--html: there is no such option"),
        (["runs", "name=other"], "has no measurement other"),
    ],
)
def test_a_mistake_is_said_and_ends_with_two(runs, capsys, words, message):
    code, out, err = run(capsys, *words)
    assert code == 2
    assert message in err
    assert out == ""
    assert not (runs.root / "comparisons").exists()


def test_a_run_that_is_not_there_is_told_before_anything_large_is_loaded(runs):
    code = (
        "import sys\nfrom rldbs.cli import main\ntry:\n    main(['compare', 'nosuch'])\nfinally:\n"
        "    print([name for name in ('numpy', 'hydra', 'rich', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "[]\n")
    assert "nosuch: there is no such run or folder" in done.stderr


def test_every_kind_of_file_can_be_written_elsewhere():
    assert tuple(WRITERS) == WRITTEN


def test_the_folders_of_a_sweep_are_runs_not_settings(runs):
    folder = runs("sweep/name=a,seed=0", [1, 2])
    assert requested([str(folder), "sweep/name=a"]).runs == (str(folder), "sweep/name=a")
    with pytest.raises(SettingError, match="no setting seed, and no such folder"):
        requested(["seed=0"])


def test_columns_go_where_there_is_no_room_but_never_suppression_stimulation_and_activity(runs):
    comparison = compare(collect(["runs"]))
    [table] = comparison.tables
    every = columns(comparison, table)
    headings = {width: [column.heading for column in fitting(every, table, width)] for width in (None, 90, 20)}
    assert "time to suppression" in headings[None]
    assert "time to suppression" not in headings[90]
    assert headings[20] == ["controller", "S", "mean |kick|", "activity"]
    assert fitting(every, table, 20)[-1].cell(table.rows[-1]).text == "0.1 quenched"


def test_completion_knows_runs_their_folders_and_the_settings(runs):
    found = [name for name, _ in complete_compare("")]
    assert {"last", "bvdp-ppo", "bvdp-ppo/20260101-000001-s1-bbbb", "reference="} <= {*found}
    assert [name for name, _ in complete_compare("ref")] == ["reference="]


def test_what_training_and_measuring_leave_behind_can_be_compared(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    small_run(tmp_path / "runs" / "bvdp-ppo" / "0")
    small_run(tmp_path / "runs" / "bvdp-ppo" / "1", ["seed=1", "start.seed=1"])
    shared = [word for word in SMALL_RUN if word.startswith(("model", "stimulus", "protocol", "threads"))]
    with pytest.raises(SystemExit):
        main(["evaluate", "agent=none", *shared])
    code, _, err = run(capsys, "runs", "json=all.json")
    assert code == 0, err
    [table] = json.loads((tmp_path / "all.json").read_text())["tables"]
    assert {row["label"]: len(row["seeds"]) for row in table["rows"]} == {"ppo": 2, "none": 1}
    assert "learning.png" in {path.name for path in next((tmp_path / "runs" / "comparisons").iterdir()).iterdir()}


def test_torch_is_not_imported(runs):
    code = (
        "import sys; from rldbs.cli import main\n"
        "try: main(['compare', 'runs'])\n"
        "except SystemExit as end: assert not end.code\n"
        "assert 'torch' not in sys.modules and 'scipy' not in sys.modules, 'imported'"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
