"""One way into the folders of runs: while a command works, only ``rldbs/files/`` opens or changes what is there."""

import os
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.benchmark.conftest import directory as directory
from tests.conftest import SMALL, SMALL_RUN, call
from tests.tune.conftest import SMALL_SEARCH

PACKAGE = Path(__file__).parents[2] / "rldbs"
EVENTS = {
    "open": (0,),
    "os.rename": (0, 1),
    "os.remove": (0,),
    "os.mkdir": (0,),
    "os.rmdir": (0,),
    "os.symlink": (1,),
    "os.link": (0, 1),
    "os.truncate": (0,),
    "os.chmod": (0,),
    "os.listdir": (0,),
    "os.scandir": (0,),
    "os.utime": (0,),
    "shutil.rmtree": (0,),
    "shutil.copyfile": (0, 1),
    "shutil.move": (0, 1),
}
"""What the interpreter tells of files, and which of the arguments are paths."""
FREE = ("config_directory.py", "groups.py", "find_folders.py", "places.py")
"""Modules that look which files there are by walking through folders; they open none of them."""
WALKS = ("os.scandir", "os.listdir")
OF_HYDRA = ("os.mkdir", "sweep/launcher.py")
"""Hydra's launchers make the folder of the sweep where it is not there; it always is."""

WATCHED: list[Path] = []
FOUND: dict[tuple[str, str], str] = {}


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if not WATCHED or event not in EVENTS:
        return
    paths = [arguments[k] for k in EVENTS[event] if isinstance(arguments[k], str | os.PathLike)]
    if not any(_below(path) for path in map(os.fspath, paths)):
        return
    if any(frame.f_code.co_filename == tempfile.__file__ for frame, _ in traceback.walk_stack(sys._getframe(1))):
        return  # what is made and removed elsewhere, as names relative to a descriptor
    ours = [frame.f_code.co_filename for frame, _ in traceback.walk_stack(sys._getframe(1))]
    modules = [Path(name) for name in ours if name.startswith(f"{PACKAGE}/")]
    if not modules or modules[0].parent == PACKAGE / "files":
        return
    if event in WALKS and modules[0].name in FREE:
        return
    if (event, str(modules[0].relative_to(PACKAGE))) == OF_HYDRA and os.path.isdir(paths[0]):
        return
    FOUND[event, str(modules[0].relative_to(PACKAGE))] = str(paths)


def _below(path: str | bytes) -> bool:
    """Whether a path leads into what is watched; one that begins nowhere is relative to a descriptor, or to it."""
    text = os.fsdecode(path)
    return not os.path.isabs(text) or Path(text).is_relative_to(WATCHED[-1])


sys.addaudithook(_watch)


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    place = tmp_path / "here"
    place.mkdir()
    monkeypatch.chdir(place)
    FOUND.clear()
    WATCHED.append(place.resolve())
    yield
    WATCHED.pop()
    assert FOUND == {}


Commands = Sequence[Sequence[str]]
NONE = ("agent=none", *SMALL_RUN[:4], *SMALL_RUN[-5:], "seed=0")
COMMANDS: dict[str, Commands] = {
    "train, resume, evaluate, list and compare": (
        ("train", *SMALL, "steps=1024", "hydra.run.dir=runs/bvdp-ppo/one"),
        ("resume", "runs/bvdp-ppo/one", "steps=2048"),
        ("evaluate", "run=runs/bvdp-ppo/one", "name=again", "animation=true", "json=numbers.json"),
        ("evaluate", "-m", "run=runs/bvdp-ppo/one", "model.neurons=20,30"),
        ("list", "runs"),
        ("compare", "runs", "html=page.html", "csv=-"),
    ),
    "controllers": (
        ("evaluate", *NONE[:1], *[text for text in NONE[1:] if text.partition("=")[0] != "seed"]),
        ("evaluate", "-m", "agent=none,proportional", "stress=noise", *SMALL_RUN[:2], *SMALL_RUN[-5:]),
    ),
    "a search": (
        ("tune", *SMALL_SEARCH, "hydra.run.dir=runs/search"),
        ("resume", "runs/search", "tune.trials=16"),
    ),
    "a search of a learner": (
        ("tune", *SMALL, "steps=1024", "agent.gamma=0.9,0.95", "tune.trials=2", "tune.free=200", "tune.stimulated=340"),
    ),
    "a sweep": (
        ("train", "-m", *SMALL, "steps=1024", "seed=0,1", "hydra.sweep.dir=study"),
        ("resume", "study"),
        ("list", "sweeps"),
        ("compare", "sweep=study"),
    ),
    "a free population": (("simulate", "model.neurons=50", "model.transient=600", "steps=1000"),),
}


QUICK = ("train, resume, evaluate, list and compare", "a search", "a sweep")


@pytest.mark.parametrize(
    "what", [pytest.param(what, marks=() if what in QUICK else pytest.mark.slow) for what in COMMANDS]
)
def test_no_other_module_opens_or_changes_anything_in_the_folders_of_runs(what, watched, capsys):
    for words in COMMANDS[what]:
        code, _, err = call(list(words), capsys)
        assert code == 0, f"{words}: {err}"


@pytest.mark.slow
def test_nor_does_the_benchmark(watched, directory, capsys):
    words = ["learners=[]", "controllers=[proportional]", "tasks=[small]", "episodes=2", "trials=8", "jobs=1"]
    code, _, err = call(["benchmark", *words, "folder=bench", "report=shown", "--config-dir", str(directory)], capsys)
    assert code == 0, err


def test_the_watch_sees_what_goes_another_way(watched):
    """A module of ours that opens a file itself is found out."""
    code = compile("open('file', 'w').close()", str(PACKAGE / "experiment" / "new.py"), "exec")
    exec(code)
    assert FOUND.pop(("open", "experiment/new.py"))
