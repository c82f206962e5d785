"""Free oscillators in tissue as a film: their phases for some periods of the rhythm."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rldbs.core.ensemble import Ensemble
from rldbs.core.space import Contacts
from rldbs.experiment.command_settings import SimulateSettings
from rldbs.experiment.film_files import write_films
from rldbs.experiment.optional_picture import drawn
from rldbs.files.folder import Folder

PERIODS = 6
"""Of the rhythm, that are shown."""
FRAMES, DOTS_PER_INCH = 60, 75
"""Ten pictures a period are smooth, and 570 by 480 pixels a file that can be sent: below 2 MB."""


def write_free_film(settings: SimulateSettings, ensemble: Ensemble, folder: Folder) -> list[str]:
    """Write tissue.gif, and tissue.mp4 where there is ffmpeg; lines that tell their paths, or what failed.

    Args:
        settings: what is simulated.
        ensemble: the populations, which go on for that long; the first of them is shown.
        folder: where to.
    """
    gif, mp4 = folder.file("tissue.gif"), folder.file("tissue.mp4")
    lines: list[str] = []

    def draw() -> None:
        from rldbs.analysis.plots.tissue_film import TISSUE_COLOURS, tissue_film

        model, electrode = settings.model, settings.model.space.electrode
        phase = _phases(ensemble, PERIODS * model.period)
        chosen: Mapping[str, Any] = settings.config
        names = " ".join(f"{section}={chosen[section]['name']}" for section in ("tissue", "electrode"))
        film = tissue_film(
            model.tissue.positions,
            phase,
            np.zeros((len(phase), model.space.contacts)),
            model.dt,
            model.model.title,
            f"{names} · {model.neurons} neurons, free · seed {settings.seed}",
            contacts=electrode.contacts if isinstance(electrode, Contacts) else None,
            sites=electrode.sites or None,
            count=FRAMES,
            dots_per_inch=DOTS_PER_INCH,
        )
        lines.extend(write_films(film, TISSUE_COLOURS, gif, mp4))

    drawn(gif, draw, lines.append)
    return lines


def _phases(ensemble: Ensemble, steps: int) -> NDArray[np.float32]:
    """θ of the first population after each of some more steps, (steps, neurons)."""
    phase = np.empty((steps, ensemble.neurons), np.float32)
    quiet = ensemble.quiet(1)
    for row in phase:
        ensemble.advance(quiet)
        row[:] = ensemble.state[0, 2]
    return phase
