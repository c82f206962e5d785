"""What a look at free populations has found, whatever kind they are of."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from rldbs.analysis.free_recording import FreeRecording
from rldbs.core.ensemble import Ensemble
from rldbs.core.native import Floats
from rldbs.files.file import File


class Look(NamedTuple):
    """What is written, told and drawn of it."""

    recording: FreeRecording
    """What they did, as it is kept."""
    measured: Mapping[str, Floats]
    """What summary.json holds, float64 (populations,) each."""
    shown: Mapping[str, tuple[str, str]]
    """Those of them that a table shows: what each is called, and its unit."""
    pictures: Mapping[str, tuple[str, Callable[[File], None]]]
    """By what each is called, its file and what draws it."""
    ensemble: Ensemble
    """The populations, where they are now."""
