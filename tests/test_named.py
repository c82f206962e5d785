"""What README.md and the handbook name is there: commands, their options, groups, what they offer, and settings."""

import re
from functools import cache
from pathlib import Path

import pytest
from typer.main import get_command

from rldbs.cli import app
from rldbs.config.groups import groups, leaves
from rldbs.config.settings_files import CONF, Source, source
from tests.documents import DOCUMENTS, commands

PROSE = re.compile(r"^```.*?^```|<!--.*?-->", re.MULTILINE | re.DOTALL)
WORD = re.compile(r"(?P<key>[a-z_0-9./]+)=(?P<value>\S*)")
OPTION = re.compile(r"[a-z_0-9-]+")
SECTIONS = ("checkpoints", "episode", "protocol", "tune", "hydra")
"""First words of keys, beside the names of groups."""
OWN = {"mine", "my_feedback", "net", "weak"}
"""Options that a reader of the handbook has written."""
OF_A_NETWORK = ("model.cells.", "model.groups.", "model.projections.")
"""Settings that only the file of a reader's own network has, which name what is in it."""
ALL = "stress=all"
FILE = re.compile(r"\.(py|yaml|json|csv|png|gif|md)$")


@cache
def settings() -> frozenset[str]:
    """Every key that any file of ``conf/`` has, and those of parts of it."""
    found = {key for path in CONF.glob("*.yaml") for key, _ in leaves(read(path.stem).values)}
    for group, options in groups().items():
        for option in options:
            file = read(f"{group}/{option}")
            found |= {key if file.to_root else f"{group}.{key}" for key, _ in leaves(file.values)}
    for path in (CONF / "hydra" / "launcher").glob("*.yaml"):
        found |= {f"hydra.launcher.{key}" for key, _ in leaves(read(f"hydra/launcher/{path.stem}").values)}
    return frozenset(found | {"hydra.run.dir", "hydra.sweep.dir", "hydra.launcher.n_jobs"})


def read(name: str) -> Source:
    file = source(name)
    assert file is not None, name
    return file


def spans(document: Path) -> list[str]:
    """What stands between backticks in sentences and tables."""
    return [" ".join(found.split()) for found in re.findall(r"`([^`]+)`", PROSE.sub("", document.read_text()))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_commands_and_their_options_are_there(document):
    known = get_command(app).commands
    for line in commands(document, ("rldbs",)):
        words = line.split()[1:]
        if not words or words[0] == "COMMAND":
            continue
        assert words[0] in known or words[0].startswith("-"), line
        own = (known.get(words[0]) or get_command(app)).params
        offered = {name for one in own for name in one.opts} | {"--help", "-h", "--install-completion"}
        assert [word for word in words if word.startswith("-") and word not in (*offered, "-")] == [], line
    options = {name for one in known.values() for param in one.params for name in param.opts}
    named = {found for span in spans(document) for found in re.findall(r"^--[a-z-]+", span)}
    assert named <= options | {"--help"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_options_of_groups_are_there(document):
    wrong = []
    for text in (*spans(document), *commands(document, ("rldbs",))):
        for key, value in WORD.findall(text.replace("'", "").replace('"', "")):
            if key not in groups() or not value:
                continue
            for option in re.split(r"[,…]", value.strip("[].:;…")):
                told = f"{key}={option}"
                if OPTION.fullmatch(option) and option not in (*groups()[key], *OWN) and told != ALL:
                    wrong.append(told)
    assert wrong == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_settings_are_there(document):
    first = (*groups(), *SECTIONS)
    wrong = []
    for text in (*spans(document), *commands(document, ("rldbs",))):
        for found in re.findall(r"(?<![\w/.<-])([a-z_0-9]+(?:\.[a-z_0-9]+)+)(?=[=\s`,]|$)", text):
            if found.startswith(OF_A_NETWORK):
                continue
            if found.partition(".")[0] in first and found not in settings() and not FILE.search(found):
                wrong.append(found)
    assert wrong == []
