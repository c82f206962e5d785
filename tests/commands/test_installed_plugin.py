"""A package of options outside the repository, in an environment of its own: a reward, a controller and a stimulus in
sweeps, resumed runs, comparisons and the page; and what is said when it is gone.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import SMALL
from tests.plugged import written

pytestmark = pytest.mark.slow
NAME = "outside_feedback"
STIMULUS = '''"""Two kicks of half the size, one after the other."""

import numpy as np
from dataclasses import dataclass

from rldbs.control.stimulus import Waveform
from rldbs.core.native import Floats


@dataclass(frozen=True)
class Twice(Waveform):
    """Two kicks of half the amplitude at the beginning of every environment step."""

    interval: int = 4

    @property
    def waveform(self) -> Floats:
        return np.r_[0.5, 0.5, np.zeros(self.interval - 2)]
'''
SETTINGS = """name: twice
amplitude: 0.1
interval: 4
every: 1
levels: null
saturation: 1.0
resolution: 0.0
together: false
limit: null
"""


class Desk:
    """A folder, and the interpreter of an environment in which the package is installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        environment = folder / "environment"
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        self.python = environment / "bin" / "python"
        ours, there = (self._site(python) for python in (sys.executable, self.python))
        Path(there, "ours.pth").write_text(f"import site; site.addsitedir({ours!r})\n")

    def pip(self, *words: str) -> None:
        subprocess.run([self.python, "-m", "pip", *words], check=True, capture_output=True)

    def rldbs(self, *words: str) -> str:
        return self.tried(*words, status=0)[0]

    def tried(self, *words: str, status: int) -> tuple[str, str]:
        """What a command that ends with this status has said."""
        answer = subprocess.run([self.python, "-m", "rldbs", *words], cwd=self.folder, capture_output=True, text=True)
        assert answer.returncode == status, answer.stdout + answer.stderr
        return answer.stdout, answer.stderr

    def _site(self, python: Path | str) -> str:
        code = "import site; print(site.getsitepackages()[0])"
        return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk")
    package = written(folder, NAME)
    source = package / "src" / NAME
    (source / "stimulus.py").write_text(STIMULUS)
    (source / "conf" / "stimulus").mkdir()
    (source / "conf" / "stimulus" / "twice.yaml").write_text(SETTINGS)
    project = package / "pyproject.toml"
    points = (
        f'[project.entry-points."rldbs.stimuli"]\ntwice = "{NAME}.stimulus:Twice"\n\n[tool.setuptools.package-data]'
    )
    project.write_text(project.read_text().replace("[tool.setuptools.package-data]", points))
    desk = Desk(folder)
    desk.pip("install", "-q", "--no-deps", str(package))
    return desk


def test_a_package_lives_and_is_missed(desk):
    folder = desk.folder
    words = [word for word in SMALL if not word.startswith(("stimulus.", "steps="))]
    few = [*words, "steps=1024", "stimulus=twice", f"reward={NAME}"]

    desk.rldbs("train", "-m", *few, "seed=0,1", "hydra.sweep.dir=runs/sweeps/mine")
    run = folder / "runs" / "sweeps" / "mine" / "seed=0"
    meta = json.loads((run / "meta.json").read_text())
    package = "rldbs-outside-feedback 0.1.0"
    assert meta["plugins"] == {"stimulus=twice": package, f"reward={NAME}": package}

    desk.rldbs("resume", str(run), "steps=2048")
    assert json.loads((run / "meta.json").read_text())["steps_done"] == 2048

    kept = [word for word in words if word.startswith(("model.", "protocol.", "start.", "threads"))]
    desk.rldbs("evaluate", f"agent={NAME}", "stimulus=twice", *kept, "hydra.run.dir=runs/bvdp-own/a")
    told = desk.rldbs("compare", "sweep=mine", "runs/bvdp-own/a", "html=page.html")
    assert NAME in told
    page = (folder / "page.html").read_text()
    assert NAME in page
    assert "twice" in page

    desk.pip("uninstall", "-q", "-y", "rldbs-outside-feedback")
    for line in (("evaluate", f"run={run}"), ("resume", str(run), "steps=4096")):
        _, said = desk.tried(*line, status=2)
        assert f"={NAME} is of the package {package}, which is not installed, or has it no longer" in said
        assert "Install it: pip install rldbs-outside-feedback==0.1.0, or from where it came" in said
    assert "there is no stimulus twice" in desk.tried("train", "stimulus=twice", status=2)[1]
    assert "bvdp-own/a" in desk.rldbs("list", "runs")
    assert "mine" in desk.rldbs("list", "sweeps")
