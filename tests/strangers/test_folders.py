"""Whatever a stranger has made of a folder: a command works or refuses, ends, and changes nothing elsewhere."""

import random
import re
import shutil

import pytest

from tests.strangers.folders import CHANGED, COMMANDS, COMPLETED, EVERY, state
from tests.strangers.mutations import mutate
from tests.strangers.server import MEMORY

MANY, FEW, PART = 1000, 16, 25
CODES = (0, 1, 2, 130)
STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
REFUSED = "|".join(
    ("has reached its budget", "has done its", "is not the folder of a training run", "none of the runs counts")
)
"""What is said of folders that are as they should be, but not what the command needs."""
TRACE = "Traceback (most recent call last)"


def calls(kind, draw, few):
    """The commands that a folder goes through, each with its environment."""
    shell = draw.choice(("bash", "zsh", "fish"))
    line = f"rldbs {draw.choice(COMPLETED)}"
    completion = {
        "_RLDBS_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "COMP_WORDS": line.replace(" ", "\n"),
        "COMP_CWORD": str(line.count(" ")),
    }
    every = [*((words, {}) for words in EVERY), ((), completion)]
    own = [(words, {}) for words in draw.sample(COMMANDS[kind], 1 if few else 2)]
    return [*(draw.sample(every, 1) if few else every), *own]


def wrong(ended, place):
    """What a command may not do, among what it has done."""
    out, err = ended["out"], ended["err"]
    logs = [path for path in place.rglob("*.log") if path.is_file() and not path.is_symlink()]
    faults = {
        "an exit status of its own": ended["code"] not in CODES,
        "a traceback": TRACE in out + err or any(TRACE.encode() in path.read_bytes() for path in logs),
        "a hang": ended["hung"],
        "too much memory": ended["memory"] > MEMORY,
        "no message": ended["code"] in (1, 2) and "rldbs: " not in err,
        "something else than a message": bool(err) and not err.startswith("rldbs: "),
        "what steers a terminal": STEERING.search(out + err) is not None,
        "a canary": (place / "canary").exists(),
        "a file elsewhere": bool({path.name for path in place.iterdir()} - {*CHANGED, "outside"}),
    }
    return [fault for fault, found in faults.items() if found]


def meet(number, folders, place, run, few=False):
    """Let a folder go through the commands; what went wrong."""
    draw = random.Random(number)
    kinds = [kind for kind in COMMANDS if (folders / kind).exists()]
    kind = kinds[number % len(kinds)]
    shutil.copytree(folders, place, symlinks=True)
    (place / "made").unlink()
    done = mutate(place / kind, draw)
    before = state(place / "outside")
    found = []
    for words, environment in calls(kind, draw, few):
        ended = run(place, words, environment)
        faults = wrong(ended, place) + (["a write outside"] if state(place / "outside") != before else [])
        if faults:
            shown = f"{ended['out'][-1500:]}\n{ended['err'][-3000:]}"
            found.append(f"{number} {done}: rldbs {' '.join(words)} {environment or ''}: {faults}\n{shown}")
    shutil.rmtree(place)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("number", range(FEW))
def test_a_strangers_folder_is_taken_or_refused(number, folders, run, tmp_path):
    assert meet(number, folders, tmp_path / "here", run, few=True) == []


@pytest.mark.torture
@pytest.mark.parametrize("first", range(0, MANY, PART))
def test_so_are_a_thousand(first, all_folders, run, tmp_path):
    found = [meet(number, all_folders, tmp_path / "here", run) for number in range(first, first + PART)]
    assert not any(found), "\n\n".join(fault for faults in found for fault in faults)


@pytest.mark.torture
@pytest.mark.parametrize("kind", COMMANDS)
def test_with_nothing_changed_every_command_works(kind, all_folders, run, tmp_path):
    """What is refused of other folders is refused for what was changed."""
    for words in COMMANDS[kind]:
        place = tmp_path / "here"
        shutil.copytree(all_folders, place, symlinks=True)
        (place / "made").unlink()
        ended = run(place, words, {})
        told = ended["err"] + ended["out"]
        assert ended["code"] == 0 or (ended["code"] == 2 and re.search(REFUSED, told)), (words, told)
        assert wrong(ended, place) == []
        shutil.rmtree(place)
