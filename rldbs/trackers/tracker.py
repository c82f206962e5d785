"""What training asks of the settings of an experiment tracker, and those that there are."""

from collections.abc import Mapping
from typing import Protocol

from rldbs.core.errors import SettingError
from rldbs.core.plugins import Options
from rldbs.trackers.mlflow_tracker import MLflow
from rldbs.trackers.tracked_run import Following, TrackedRun
from rldbs.trackers.wandb_tracker import WandB


class Tracker(Protocol):
    """The settings of a tracker."""

    def __hash__(self) -> int: ...

    @property
    def lacks(self) -> str | None:
        """What has to be installed, and how; None where all is there. Nothing is imported for that."""

    def follow(self, run: TrackedRun) -> Following:
        """Begin the record of a run, or go on with that of the same ``id``.

        It is called in a thread of its own, and all methods of what it returns in that one. Whatever they raise ends
        the tracking, and not the training.
        """


TRACKERS: Options[Tracker] = Options("tracker", {"mlflow": MLflow, "wandb": WandB}, Tracker)
"""Trackers by the name that the configuration uses."""


def check_there(section: Mapping[str, object] | None, tracker: Tracker | None) -> None:
    """Whether all is installed that a tracker, and the section of a configuration that names it, needs.

    Raises:
        SettingError: it is not.
    """
    if section is not None and tracker is not None and tracker.lacks is not None:
        raise SettingError(f"tracker={section['name']}: {tracker.lacks}")
