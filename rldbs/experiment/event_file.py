"""TensorBoard's event file, written at once: Stable-Baselines3's own goes through a thread, and cannot be cut back."""

import time
from io import BytesIO
from typing import Any

import numpy as np
from stable_baselines3.common.logger import KVWriter
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

from rldbs.files.appended import Appended
from rldbs.files.folder import Folder

NAME = "tensorboard/events.out.tfevents.training"


class Events(KVWriter):
    """Where Stable-Baselines3's logger leaves its numbers for TensorBoard.

    Args:
        folder: the run folder.
        length: bytes of the file to keep, from an earlier part of the run. Where there are fewer, it begins anew.
    """

    def __init__(self, folder: Folder, length: int = 0) -> None:
        file = folder.file(NAME)
        file.folder.make()
        status = folder.status(NAME)
        there = 0 if status is None else status.st_size
        self.file = Appended(file, length if length <= there else 0)
        if not self.file.length:
            self._add(Event(wall_time=time.time(), file_version="brain.Event:2"))

    def write(self, key_values: dict[str, Any], key_excluded: dict[str, tuple[str, ...]], step: int = 0) -> None:
        values = [
            Summary.Value(tag=name, simple_value=float(value))
            for name, value in sorted(key_values.items())
            if isinstance(value, int | float | np.number) and "tensorboard" not in (key_excluded[name] or ())
        ]
        self._add(Event(wall_time=time.time(), step=step, summary=Summary(value=values)))

    def close(self) -> None:
        self.file.close()

    def _add(self, event: Any) -> None:
        record = BytesIO()
        RecordWriter(record).write(event.SerializeToString())
        self.file.append(record.getvalue())
