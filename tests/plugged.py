"""A package as ``rldbs new plugin`` writes it, where Python finds it as if it were installed."""

import os
import sys
import tomllib
from pathlib import Path

import pytest

from rldbs.commands.new_plugin import write_plugin

NAME = "soft_feedback"


def written(place: Path, name: str = NAME) -> Path:
    """The package, written into ``place``; its folder."""
    here = Path.cwd()
    os.chdir(place)
    try:
        return write_plugin(name)[0]
    finally:
        os.chdir(here)


def found_by_python(folder: Path) -> Path:
    """What an installation leaves beside the modules, so that they only have to be on the path; where they are."""
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    source = folder / "src"
    record = source / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    record.mkdir()
    (record / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    groups = [
        "\n".join([f"[{group}]", *(f"{name} = {target}" for name, target in entries.items())])
        for group, entries in project["entry-points"].items()
    ]
    (record / "entry_points.txt").write_text("\n\n".join([*groups, ""]))
    return source


def installed(place: Path, monkeypatch: pytest.MonkeyPatch, name: str = NAME) -> Path:
    """The package, on the path of this process and of those that it starts; the folder of its modules."""
    for module in [one for one in sys.modules if one.partition(".")[0] == name]:
        monkeypatch.delitem(sys.modules, module)  # an earlier test has left it there
    source = found_by_python(written(place, name))
    monkeypatch.syspath_prepend(str(source))
    monkeypatch.setenv("PYTHONPATH", str(source))
    return source
