"""README.md and the handbook: short enough, whole, and every command and Python block in them does what it says."""

import json
import re
import shlex
import shutil
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import pytest

from rldbs.benchmark.plan import benchmark, plan
from rldbs.commands.guide import for_terminal, print_markdown, topics
from rldbs.process.console import screen
from tests.conftest import SMALL, call
from tests.documents import DOCUMENTS, GUIDE, README, ROOT, TARGETS, WRITTEN, blocks, lines, replace_block
from tests.measured_tables import along, number, own
from tests.trained import Reached, learners

MEASURED = (
    "protocol.episodes=2",
    "protocol.free=3000",
    "protocol.stimulated=4500",
    "protocol.onset=1500",
    "protocol.relaxed=3000",
)
LEARNED = ("model.neurons=50", "steps=2048", "envs=8", "checkpoints.every=1024", "checkpoints.episodes=2", *MEASURED)
SEARCHED = (
    "model.neurons=50",
    "tune.trials=3",
    "tune.episodes=2",
    "tune.most_kick=10",
    "tune.least_activity=0",
    *MEASURED,
)
IDENTIFIED = ("agent.recorded=128", "agent.orders=[2,4]")
"""What makes identified control small, beside that."""
IDENTIFYING = ("agent=lqg", "experiment=noisy", "experiment=charge_balanced")
"""Words of commands that train it."""
CUBE = "model.neurons=27"
"""In a cube, and in three populations, only some numbers of neurons go."""
SMALLER = {"train": LEARNED, "evaluate": ("model.neurons=50", *MEASURED), "tune": SEARCHED, "simulate": ("steps=6000",)}
"""What makes each command small; it takes the place of what stands in the document."""
FEWER = {
    "seed": "0,1",
    "model.neurons": "50,60",
    "recording.delay": "0,4",
    "tune.trials": "3",
    "steps": "2048",
    "agent.recorded": "128",
}
"""Values that would be many, or large."""
MORE = {"tune.trials": "5", "steps": "6144"}
"""The same where the last run, or search, is gone on with."""
ELSEWHERE = ("submitit_slurm", "hydra/launcher=ray", "run=runs/benchmark")
"""What needs a cluster, which tests of its own set up, or runs of a whole benchmark."""
TOLD = {
    "name=noisy": "name=final",
    "RUN,RUN": "bvdp-ppo/run,zoo:bvdp-ppo",
    "RUN": "bvdp-ppo/run",
    "20260101-120000-s0-1a2b": "run",
}
"""Words that stand for those of the reader."""


FIRST = ("rldbs train model=bvdp agent=ppo", "rldbs evaluate agent=pd", "rldbs compare")
"""Commands that stand in the README and are done soon."""
LONG = ("oscillators", "python")
"""Topics whose blocks train, or integrate for long."""


def small(line: str) -> list[str]:
    """The words of a command, without the program, so that it is done in seconds."""
    words = shlex.split(line, comments=True)[1:]
    words = words[: words.index("|")] if "|" in words else words
    for told, name in TOLD.items():
        words = [re.sub(rf"(?<==){told}$|(?<=/){told}$|^{told}$", name, word) for word in words]
    keys = {word.partition("=")[0]: k for k, word in enumerate(words)}
    for key, value in (FEWER | (MORE if words[:2] == ["resume", "last"] else {})).items():
        if key in keys and ("," in words[keys[key]] or key in ("steps", "tune.trials", "seed", "agent.recorded")):
            first, equals, several = words[keys[key]].partition("=")
            words[keys[key]] = (
                first + equals + (value if "," in several or "(" in several or "," not in value else several)
            )
    if words[0] == "resume" and words[1] != "last":
        words[2:] = ["steps=8192"]
    if words[0] == "remove" and "--yes" not in words:
        words += ["--yes"]  # in the place of the answer
    own = {word.partition("=")[0] for word in words}
    smaller = [*SMALLER.get(words[0], ()), *(IDENTIFIED if set(IDENTIFYING) & set(words) else ())]
    if any(word.startswith("model=kuramoto") for word in words):
        smaller = [CUBE if word.startswith("model.neurons=") else word for word in smaller]
    if {"model=so2012", "model=stn_gpe"} & set(words):  # they have the cells, or the nuclei, that they have
        smaller = [word for word in smaller if not word.startswith("model.neurons=")]
    return [*words, *(word for word in smaller if word.partition("=")[0] not in own)]


@pytest.fixture
def desk(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which somebody has trained something already."""
    shutil.copytree(run, tmp_path / "runs" / "bvdp-ppo" / "run", symlinks=True)
    shutil.copytree(run, tmp_path / "runs" / "hr-ppo" / "run", symlinks=True)
    begun = shutil.copytree(run, tmp_path / "runs" / "bvdp-ppo" / "begun", symlinks=True)
    for name, before, now in (
        ("meta.json", '"status": "done"', '"status": "interrupted"'),
        ("config.yaml", "steps: 4096", "steps: 5120"),
    ):
        text = (begun / name).read_text()
        assert before in text
        (begun / name).write_text(text.replace(before, now))
    (tmp_path / "cells.csv").write_text("x,y,z,cluster\n0,0,0,1\n0,0.5,0,2\n1,0,0.25,1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SB3_LOGDIR", str(tmp_path / "log"))  # of learners that are not ours
    return tmp_path


def done(document: Path, capsys: pytest.CaptureFixture[str], given: Sequence[str] | None = None) -> None:
    """Try the commands of a document, or those of them that are ``given``."""
    for line in lines(document, ("rldbs",)) if given is None else given:
        words = small(line)
        if any(word in line for word in ELSEWHERE):
            continue
        if words[0] == "benchmark":  # hours: it says what it would run
            one = [] if any(word.startswith("tasks=") for word in words) else ["tasks=[bvdp]", "seeds=1"]
            assert plan(benchmark([*words[1:], *one], None))
            continue
        status, _, complaint = call(words, capsys)
        assert status == 0, (line, words, complaint)


def test_what_readers_of_the_readme_try_first(desk, capsys):
    every = lines(README, ("rldbs",))
    first = [line for line in every if line.startswith(FIRST)]
    assert len(first) == len(FIRST)
    done(README, capsys, first)


@pytest.mark.slow
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_commands_of_a_document(document, desk, capsys):
    done(document, capsys)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(path, marks=pytest.mark.slow if path.stem in LONG else ())
        for path in DOCUMENTS
        if blocks(path, "python")
    ],
    ids=lambda path: path.stem,
)
def test_python_blocks(document, desk, capsys):
    names: dict[str, object] = {}
    for block, claim in told(document):
        capsys.readouterr()
        exec(compile(block, str(document), "exec"), names)
        assert_printed(claim, capsys.readouterr().out)


def told(document: Path) -> list[tuple[str, str]]:
    """The Python blocks, each with what the page says that it prints, or nothing: a block, or a sentence."""
    found = re.findall(r"^```python\n(.*?)^```\n(.*?)(?=^```python|\Z)", document.read_text(), re.MULTILINE | re.DOTALL)
    return [(block, text if re.match(r"prints\s", text := after.strip()) else "") for block, after in found]


def assert_printed(claim: str, printed: str) -> None:
    """What was printed is what the page says: to the letter in a block; in a sentence its numbers, rounded as there."""
    if exact := re.match(r"prints\n\n```text\n(.*?)^```", claim, re.MULTILINE | re.DOTALL):
        assert printed == exact[1]
        return
    sentence = re.split(r"[.:](?=\s)|\n\n", claim, maxsplit=1)[0]
    numbers = [float(each) for each in re.findall(r"(?<![\w.])-?\d+\.\d+(?:e-?\d+)?", printed)]
    for claimed in re.findall(r"\d+\.\d+", sentence):
        digits = len(claimed.partition(".")[2])
        assert claimed in [f"{each:.{digits}f}" for each in numbers], (sentence, printed)


def test_the_readme_is_read_to_its_end():
    assert len(README.read_text().splitlines()) <= 220


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[\w-]*)?\)", document.read_text()):
        assert (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_files_that_are_named_are_there(document):
    named = re.findall(r"`((?:rldbs|conf|native|tests)/[\w/.-]+)`", document.read_text())
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_topic_is_named_in_the_readme_with_its_sentence():
    listed = " ".join(README.read_text().split())
    for name, told in topics().items():
        assert f"[{name}](rldbs/guide/{name}.md): {told}".lower() in listed.replace("`", "").lower(), told


@pytest.mark.parametrize("document", DOCUMENTS[1:], ids=lambda path: path.stem)
def test_a_topic_begins_with_a_title_and_a_sentence(document):
    title, told, *_ = document.read_text().split("\n\n")
    assert re.fullmatch(r"# .+", title)
    assert told.endswith(".")
    assert len(topics()[document.stem]) <= 130


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("document", DOCUMENTS[1:], ids=lambda path: path.stem)
def test_a_terminal_of_any_width_shows_all_of_it(document, width):
    shown = StringIO()
    print_markdown(screen(shown, width), for_terminal(document.read_text()))
    assert all(len(line.rstrip()) <= width for line in shown.getvalue().splitlines())
    assert "](" not in shown.getvalue()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_blocks_fit_on_a_small_terminal(document):
    every = [
        line for kind in ("sh", "python", "text") for block in blocks(document, kind) for line in block.splitlines()
    ]
    assert [line for line in every if len(line) > 76] == []


def test_no_paragraph_is_said_twice():
    told: dict[str, Path] = {}
    for document in DOCUMENTS:
        for part in document.read_text().split("\n\n"):
            plain = " ".join(part.split())
            if len(plain) > 120:
                assert plain not in told, f"{document.name} and {told[plain].name}: {plain}"
                told[plain] = document


@pytest.mark.parametrize(("name", "path"), WRITTEN.items())
def test_what_commands_write_has_its_place(name, path):
    assert f"<!-- {name}: written by make {TARGETS.get(name, name)} -->" in path.read_text()


def test_tables_of_what_was_trained_are_written_from_runs(run, tmp_path):
    row = learners([Reached(run)]).splitlines()[-1]
    assert re.fullmatch(r"\| `ppo` \| \d+ \| \d\.\d{4} \| \d\.\d\d \| 0\.0 M \|", row)
    table = tmp_path / "table.md"
    table.write_text("before\n<!-- learners: written by make learners -->\nold\n<!-- end of learners -->\nafter\n")
    replace_block("learners", row, table)
    assert row in table.read_text()
    assert "old" not in table.read_text()


def test_tables_of_what_was_measured_are_written_from_curves(run, tmp_path, capsys):
    short = [text for text in SMALL if text.startswith(("model.", "start.", "stimulus.", "protocol.", "threads"))]
    words = [
        "evaluate",
        "-m",
        "agent=proportional,none",
        *short,
        "model.neurons=20,30",
        f"hydra.sweep.dir={tmp_path}/c",
    ]
    assert call(words, capsys)[0] == 0
    lines = along(tmp_path / "c", "model.neurons", ["one", "other"]).splitlines()
    assert lines[0] == "| `model.neurons=` | 20 | 30 |"
    place = tmp_path / "c" / "agent=proportional,model.neurons=30"
    metrics = json.loads((place / "metrics.json").read_text())["deterministic"]
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| one", "| other", "| desynchronisation alone"]
    assert lines[2].split(" | ")[2] == f"{number(metrics['suppression']['iqm'])} |"
    for agent in ("lqg", "ppo"):
        shutil.copytree(run, tmp_path / f"noisy-{agent}")
        shutil.copytree(run, tmp_path / f"rectangular-{agent}")
        shutil.copytree(run, tmp_path / f"charge_balanced-{agent}" / "seed=0")
        shutil.copytree(run, tmp_path / f"charge_balanced-{agent}" / "seed=1")
    rows = own(tmp_path).splitlines()[2:]
    assert [len(row.split(" | ")[1].split(", ")) for row in rows] == [2, 2, 1, 1, 1, 1]


def test_a_topic_in_a_pipe_is_its_text(capsys):
    status, out, _ = call(["guide", "start"], capsys)
    assert (status, out.rstrip()) == (0, (GUIDE / "start.md").read_text().rstrip())


def test_the_list_of_topics(capsys):
    status, out, _ = call(["guide"], capsys)
    assert status == 0
    assert all(f"\n  {name} " in out for name in topics())


def test_an_unknown_topic_is_refused_with_the_nearest(capsys):
    status, _, complaint = call(["guide", "tunning"], capsys)
    assert status == 2
    assert "Did you mean tuning?" in complaint


def test_a_table_shows_no_marks_of_bold_and_italic():
    shown = StringIO()
    console = screen(shown, 60)
    table = "| task | best |\n|---|---|\n| a\\*b | **x: 2 at 3** |\n| 2 * 3 | is *seen*, **so** |\n"
    print_markdown(console, table)
    lines = [line.split() for line in shown.getvalue().splitlines() if line.strip()]
    assert lines[1:] == [["a\\*b", "x:", "2", "at", "3"], ["2", "*", "3", "is", "seen,", "so"]]


def test_numbers_stand_at_the_right_and_sentences_that_begin_with_one_do_not():
    shown = StringIO()
    table = "| what | how much |\n|---|---|\n| 512 in a cube, with a contact | 1,080 µs |\n| 3 × 600 alike | – |\n"
    print_markdown(screen(shown, 60), table)
    lines = [line.rstrip() for line in shown.getvalue().splitlines() if line.strip()]
    assert lines[2].startswith("3 × 600 alike ")
    assert len(lines[1]) == len(lines[2])


def test_a_terminal_is_shown_commands_instead_of_links():
    links = "See [tuning](tuning.md), a [front](tuning.md#front) and [all](../../README.md).\n\n![A curve](../x.png)\n"
    shown = for_terminal(f"<!-- note -->\n{links}")
    assert shown == "See `rldbs guide tuning`, a front (`rldbs guide tuning`) and all.\n\n*(picture: A curve)*\n"
