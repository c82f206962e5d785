"""Controllers, their copies in C, and both beside each other on what a closed loop has recorded."""

import ctypes
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from rldbs.agents.acting_policy import Sizes
from rldbs.agents.learned_policy import KINDS
from rldbs.agents.settings import NetworkSettings
from rldbs.commands.evaluate import evaluation
from rldbs.export.c_files import CController
from rldbs.export.formats import c_controller
from rldbs.export.subject import Subject
from tests.conftest import small_settings

STRICT = ("-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Wdouble-promotion", "-pedantic", "-Werror")
"""More than what is promised."""
FEW = ("model.neurons=50", "model.transient=600")
"""A population that is there at once."""


def subject(*overrides: str, decisions: int = 300) -> Subject:
    """What the words of a command mean."""
    settings, run, _ = evaluation(overrides, None)
    return Subject.of(settings, run, "control", decisions)


def learner_subject(agent: str, *overrides: str, decisions: int = 200) -> Subject:
    """A learner's policy with weights by chance, which are as hard to copy as learned ones."""
    settings = replace(small_settings(overrides, agent).final, threads=1)
    learner, loop, generator = settings.agent, settings.loop, np.random.default_rng(1)
    assert isinstance(learner, NetworkSettings)
    kind = next(kind for known, kind in KINDS.items() if isinstance(learner, known))
    size, outputs, levels = loop.recording.size, loop.stimulus.action_size, loop.stimulus.levels
    seen = 2 * size - loop.recording.channels if learner.difference_gain else size
    sizes = Sizes(seen + learner.remembered * outputs, levels or outputs, levels is not None)
    weights = {}
    for name, shape in kind.shapes(learner, sizes).items():
        values = generator.normal(0.0, shape[-1] ** -0.5, shape)
        weights[name] = np.asarray(np.abs(values) if name.endswith("ra_var") else values, np.float32)
    if kind.idle:  # so many there are at least, with those that only learning needs
        weights[f"{kind.idle[0]}rest"] = np.zeros(learner.least_weights(size), np.float32)
    return Subject(settings, "control", decisions, weights, 512)


def compiled(controller: CController, folder: Path, compiler: str = "cc", *options: str) -> "Device":
    """A controller in C, as a library that is loaded."""
    folder = Path(tempfile.mkdtemp(dir=folder))  # a library of the same name would not be loaded again
    source, library = folder / f"{controller.name}.c", folder / f"{controller.name}.so"
    (folder / f"{controller.name}.h").write_text(controller.header())
    source.write_text(controller.source())
    words = [compiler, *STRICT, *(options or ("-O1",)), "-shared", "-fPIC", str(source), "-lm", "-o", str(library)]
    subprocess.run(words, check=True)
    return Device(controller, ctypes.CDLL(str(library)))


class Device:
    """What runs the controller in C."""

    def __init__(self, controller: CController, library: Any) -> None:
        self.layout, self._reckons, self._inputs = controller.layout, controller.reckons, controller.inputs
        self._library, self._name = library, controller.name
        self._memory = ctypes.create_string_buffer(controller.memory)
        self._call("init")

    def sample(self, values: Sequence[float]) -> None:
        self._call("sample", *(ctypes.c_float(value) for value in values))

    @property
    def ready(self) -> bool:
        return bool(self._call("ready"))

    def decide(self) -> float:
        self._decided = float(self._call("decide", result=ctypes.c_float))
        return self._decided

    @property
    def action(self) -> np.ndarray:
        """All numbers of the last action; several lie at the end of a memory of nothing wider."""
        if self.layout.actions == 1:
            return np.array([self._decided], np.float32)
        return np.frombuffer(self._memory, np.float32)[-self.layout.actions :].copy()

    def gave(self, action: np.ndarray) -> None:
        if self._inputs > 1:
            self._call("gave", (ctypes.c_float * len(action))(*action.tolist()))
        else:
            self._call("gave", ctypes.c_float(action[0]))

    def replayed(self, subject: Subject) -> np.ndarray:
        """Its actions on what was recorded; it is told of the recorded ones where it reckons with its own."""
        recorded, rest, actions = subject.recorded, 0, []
        for action in recorded.actions:
            count = self.layout.samples_per_decision if actions else self.layout.kept
            for values in recorded.samples[rest : rest + count].tolist():
                self.sample(values)
            rest += count
            self.decide()
            actions.append(self.action)
            if self._reckons:
                self.gave(action)
        assert rest == len(recorded.samples)
        return np.array(actions)

    def _call(self, name: str, *arguments: Any, result: Any = ctypes.c_int) -> Any:
        function = getattr(self._library, f"{self._name}_{name}")
        function.restype = result
        return function(self._memory, *arguments)


def differences(subject: Subject, folder: Path) -> np.ndarray:
    """Between the actions of a controller in C and its own, at every decision."""
    return np.abs(compiled(c_controller(subject), folder).replayed(subject) - subject.recorded.actions)
