"""Whether there is nothing to be learned: populations diverge often, and go on to, or the policy itself has."""

from collections import deque
from collections.abc import Sequence

import torch
from stable_baselines3.common.base_class import BaseAlgorithm

from rldbs.control.loop_settings import LoopSettings
from rldbs.core.errors import DivergedError, RunError

ROWS = 10
"""Rows of progress that are looked at: a learner may well find out by itself what to leave."""
MANY = 0.05
"""The part of the steps in which populations diverge in a run that is given up."""
FEWER = 0.9
"""In the newer half of the rows there are fewer if there are less than so many for each one in the older half."""


class Divergences:
    """How often populations diverged in the newest rows of progress.

    Args:
        columns: of progress.csv.
        before: progress.csv up to here.

    Raises:
        RunError: its numbers are none.
    """

    def __init__(self, columns: Sequence[str], before: bytes) -> None:
        self._rows: deque[tuple[float, float]] = deque(maxlen=ROWS)
        """Steps and divergences of each."""
        self._steps = 0.0
        steps, diverged = columns.index("steps"), columns.index("diverged")
        for line in before.splitlines()[1:]:
            try:
                values = line.split(b",")
                self._add(float(values[steps]), float(values[diverged]))
            except (ValueError, IndexError):
                raise RunError("saved state progress: is no progress.csv of such a run") from None

    def add(self, steps: int, about: Sequence[str], settings: LoopSettings, last: bool) -> None:
        """Take in a row.

        Args:
            steps: of the whole run up to there.
            about: a line about each population that diverged.
            settings: of the environments.
            last: whether it is the last one.

        Raises:
            DivergedError: they diverge too often, and do not get fewer.
        """
        self._add(steps, len(about))
        whole, diverged = (sum(values) for values in zip(*self._rows, strict=True))
        counts = [count for _, count in self._rows]
        first, second = counts[: len(counts) // 2], counts[-(-len(counts) // 2) :]
        enough = last or len(self._rows) == ROWS
        if enough and about and diverged >= MANY * whole and sum(second) >= FEWER * sum(first):
            raise DivergedError(
                f"{diverged:,.0f} populations diverged in {whole:,.0f} steps; the last one {about[-1]}\n"
                f"Lower stimulus.amplitude={settings.stimulus.amplitude:g}, or model.dt={settings.model.dt:g}, or the "
                "agent's exploration"
            )

    def _add(self, steps: float, diverged: float) -> None:
        self._rows.append((steps - self._steps, diverged))
        self._steps = steps


def check_weights(learner: BaseAlgorithm) -> None:
    """Whether all that the policy acts by is finite.

    Raises:
        DivergedError: it is not.
    """
    for name, tensor in learner.policy.state_dict().items():
        bad = tensor[~torch.isfinite(tensor)]
        if bad.numel():
            raise DivergedError(
                f"the policy diverged after {learner.num_timesteps:,} steps: {bad.numel()} of {tensor.numel()} weights "
                f"in {name} are {bad[0].item()}; a lower agent.learning_rate may help"
            )
