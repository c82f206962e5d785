"""A sweep whose runs take a second."""

from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from rldbs.sweep.run_sweep import run_sweep
from rldbs.sweep.sweep_folder import Sweep, read_sweep
from tests.conftest import SMALL

BRIEF = (*SMALL, "steps=1024", "agent.reward_floor=null")
"""A run of half a second."""


def sweep(overrides: Sequence[str], folder: str = "study") -> tuple[Sweep, str]:
    """Run a sweep, or go on with it; the sweep, and what was said."""
    said = StringIO()
    run_sweep([*BRIEF, *overrides, f"hydra.sweep.dir={folder}"], None, Console(file=said, width=200))
    return read_sweep(Path(folder)), said.getvalue()


@pytest.fixture(autouse=True)
def _own_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
