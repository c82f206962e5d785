"""An evaluation that a run has recorded, as an object."""

from functools import cached_property
from pathlib import Path
from typing import Any

from rldbs.analysis.metric_definitions import METRICS, known_metrics
from rldbs.analysis.three_digits import three_digits
from rldbs.core.errors import RunError, SettingError, visible
from rldbs.files.folder import Folder
from rldbs.process.plurals import counted
from rldbs.runs.find import read_metrics
from rldbs.runs.json_fields import KINDS
from rldbs.runs.places import EVALUATION
from rldbs.scripting.recorded_mapping import recorded_mapping
from rldbs.scripting.recorded_trajectory import RecordedTrajectory, read_trajectory

PICTURE = "suppression.png"
MOST_PICTURE = 2**26
"""Bytes of a picture."""


class Evaluation:
    """A controller, measured: free, stimulated and relaxed, on populations that training has not seen.

    Args:
        run: the run folder.
        name: of the evaluation, under ``evaluation/``.

    Attributes:
        path: its folder, absolute.
        name: as it is called there.

    Example:
        >>> evaluation = rldbs.evaluate("bvdp", agent="pd", neurons=100)
        >>> evaluation.iqm()["suppression"]
        >>> evaluation.trajectory.x.shape
    """

    def __init__(self, run: Path, name: str) -> None:
        self._run, self.name = Folder(run), name
        self._folder = self._run / EVALUATION / name
        self.path = self._folder.path

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """What metrics.json holds: for ``deterministic`` and, where there is such a policy, ``stochastic``, each metric
        with ``values``, one for each population, ``mean``, ``iqm`` and ``ci95``. ``rldbs list metrics`` defines them.

        Raises:
            RunError: it cannot be read.
        """
        metrics = read_metrics(self._run, self.name)
        if not metrics:
            raise RunError(f"{self.path}: has no metrics.json that can be read")
        return metrics

    def iqm(self, policy: str = KINDS[0]) -> dict[str, float]:
        """The interquartile mean over the populations of every metric, NaN where there is none.

        Args:
            policy: ``deterministic``, or ``stochastic`` where a learner has such a policy.

        Raises:
            SettingError: it was not measured.
            RunError: as for :attr:`metrics`.
        """
        if policy not in KINDS or policy not in self.metrics:
            there = " and ".join(kind for kind in KINDS if kind in self.metrics)
            raise SettingError(f"policy={policy!r}: was not measured; there is {there}")
        scores = self.metrics[policy]
        values = {key: scores[key]["iqm"] for key in known_metrics(scores)}
        return {key: float("nan") if value is None else float(value) for key, value in values.items()}

    @cached_property
    def config(self) -> dict[str, Any]:
        """All that decided the measurement, as plain containers.

        Raises:
            RunError: it cannot be read.
        """
        return recorded_mapping(self._folder.file("config.yaml"))

    @cached_property
    def trajectory(self) -> RecordedTrajectory:
        """What the deterministic policy did, as arrays; see :class:`rldbs.analysis.trajectory.Trajectory`.

        Raises:
            RunError: it cannot be read.
        """
        return read_trajectory(self._folder.file("trajectory.npz"))

    @property
    def picture(self) -> Path | None:
        """The picture of it; None where it could not be drawn."""
        return self.path / PICTURE if self._folder.has(PICTURE) else None

    def _repr_png_(self) -> bytes | None:
        """What a notebook shows of it."""
        if self.picture is None:
            return None
        try:
            return self._folder.file(PICTURE).read(MOST_PICTURE)
        except OSError:
            return None

    def __repr__(self) -> str:
        where = visible(f"{self._run.name} {self.name}")
        try:
            values, metrics = self.iqm(), self.metrics
        except RunError:
            return f"<Evaluation {where}: cannot be read>"
        shown = ", ".join(
            f"{METRICS[key].label} {three_digits(values[key])}" for key in ("suppression", "mean_abs_kick", "activity")
        )
        who = visible(f"{metrics.get('agent')} on {metrics.get('model')}")
        return f"<Evaluation {where}: {who}, {shown}; {counted(len(self._populations()), 'population')}>"

    def _populations(self) -> list[float | None]:
        values: list[float | None] = self.metrics[KINDS[0]]["suppression"]["values"]
        return values
