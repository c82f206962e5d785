"""What the bench compares is timed in turns, and with all that belongs to it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rldbs.bench import environment_times
from rldbs.bench.command_times import BUFFER, LARGE
from rldbs.bench.kernel_times import models_timed
from rldbs.bench.own_times import PUBLISHED
from rldbs.bench.timed_turns import Turns, in_turns
from rldbs.bench.training_times import Constants, training_figures
from rldbs.config.composition import compose
from rldbs.config.schema import check_training, train_settings
from rldbs.control.loop import ClosedLoop
from tests.conftest import SMALL, small_settings
from tests.core.equation_texts import MODELS


def test_contenders_take_turns_in_both_orders() -> None:
    order: list[str] = []

    def contender(name: str) -> Callable[[int], list[float]]:
        def timed(calls: int) -> list[float]:
            order.append(name)
            return [1.0] * calls

        return timed

    in_turns({"a": contender("a"), "b": contender("b")}, rounds=3, turn=0.0)
    assert "".join(order) == "aabb" + "ab" + "ba" + "ab"


def test_ratio_is_taken_within_a_round() -> None:
    # A machine that is ten times slower in every other round: nothing of that is left in the ratio.
    turns = Turns({"a": [2.0, 20.0, 2.0, 20.0], "b": [1.0, 10.0, 1.0, 10.0]})
    assert turns.ratio("a", "b") == 2.0


def test_equations_are_timed_once() -> None:
    assert models_timed() == ("bvdp", "hr")


def test_equations_beside_the_core_are_those_of_the_core() -> None:
    """With them own models have the bits of the core's, as is tested there."""
    assert {name: texts[0] for name, texts in MODELS.items()} == PUBLISHED


def test_resets_are_part_of_what_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment_times, "EPISODE", 40)
    monkeypatch.setattr(environment_times, "BATCHES", (4,))
    steps, resets = [], []
    step, reset = ClosedLoop.episode_step, ClosedLoop.reset

    def counted_step(loop: ClosedLoop, actions: np.ndarray) -> object:
        steps.append(loop.environments)
        return step(loop, actions)

    def counted_reset(loop: ClosedLoop, mask: np.ndarray | None = None) -> None:
        if mask is not None:
            resets.append(mask.sum())
        reset(loop, mask)

    monkeypatch.setattr(ClosedLoop, "episode_step", counted_step)
    monkeypatch.setattr(ClosedLoop, "reset", counted_reset)
    environment_times.environment_figures(small_settings().loop, 1)
    assert sum(resets) * 40 == pytest.approx(sum(steps), rel=0.2)


@pytest.mark.parametrize("agent", ["ppo", "sac"])
def test_constants_take_the_place_of_the_populations(agent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = []
    step, constant = ClosedLoop.episode_step, Constants.step_wait
    monkeypatch.setattr(ClosedLoop, "episode_step", lambda *args: steps.append("environment") or step(*args))
    monkeypatch.setattr(Constants, "step_wait", lambda env: steps.append("constants") or constant(env))
    monkeypatch.setattr("rldbs.bench.training_times.STEPS", 256)
    monkeypatch.setattr("rldbs.bench.training_times.ROUNDS", 1)
    numbers = training_figures(small_settings(agent=agent)).numbers
    assert steps.count("environment") == steps.count("constants") > 0
    assert numbers["steps_per_second"] > 0


@pytest.mark.slow
def test_bench_shows_and_writes_every_part(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rldbs.cli", "bench", *SMALL, f"json={tmp_path}/numbers.json"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    numbers = json.loads((tmp_path / "numbers.json").read_text())
    parts = {"kernel", "sizes", "phases", "spatial", "cells", "training", "memory", "start"}
    parts |= {"environment", "single_environment", *(["own"] if shutil.which("cc") else [])}
    assert parts <= numbers.keys()
    assert numbers["memory"]["peak_bytes"] < 1e9
    assert max(map(len, shown.splitlines())) <= 100


def test_the_run_whose_memory_is_measured_is_one_that_training_takes() -> None:
    config = compose("train", LARGE)
    check_training(config, LARGE)
    assert train_settings(config).steps > BUFFER
