"""Two rows of a published table, anew: its environments at rest and under its high-frequency stimulation.

What is published is β alone. Beside it stands what tells oscillators that have desynchronised from a rhythm that has
moved. The environment is that of :mod:`rldbs.core.dbsgym`, with the timing that it runs with.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np

from rldbs.analysis.dbsgym_beta import COUNTED, Timing, dbsgym_beta, executed_timing
from rldbs.analysis.synchrony import Synchrony, Verdict, synchrony, verdict
from rldbs.analysis.three_digits import three_digits
from rldbs.core.dbsgym import (
    COUPLING,
    DT,
    EPISODES,
    INSTANCES,
    NEURONS,
    PULSE,
    TRANSIENT,
    dbsgym_population,
    dbsgym_tissue,
)
from rldbs.core.phase_network import PhaseNetwork, Recorded

STEPS = 1111
"""Environment steps of an episode."""
PUBLISHED = {(0, False): (11.83, 3.2), (0, True): (2.34, 0.2), (1, False): (9.1, 2.5), (1, True): (3.09, 0.2)}
"""1000 · β of the table and its standard deviation, by environment and whether it is stimulated."""
MOST = 1024
"""Integration steps of a call."""
HEAD = (
    "environment",
    "stimulation",
    "β·10³ published",
    "β·10³ here",
    "R",
    "R / chance",
    "12.5–21 Hz·10³",
    "13–30 Hz·10³",
    "1–60 Hz·10³",
    "peak, Hz",
    "rate, Hz",
    "verdict by 12.5–21, 13–30 Hz",
)


@dataclass(frozen=True)
class Row:
    """An environment, at rest or stimulated."""

    environment: int
    stimulated: bool
    betas: tuple[float, ...]
    """1000 · β of each instance."""
    measures: Synchrony
    """Of all populations, with the band from 13 to 30 Hz, on the axis of time that is right."""
    published_band: Synchrony
    """The same with the band from 12.5 to 21 Hz."""
    verdict: Verdict
    """What stimulation has done, by 13 to 30 Hz."""
    published_band_verdict: Verdict
    """The same by 12.5 to 21 Hz."""

    @property
    def beta(self) -> float:
        """The mean over the instances."""
        return float(np.mean(self.betas))

    @property
    def beta_std(self) -> float:
        """The standard deviation over the instances."""
        return float(np.std(self.betas, ddof=1))

    @property
    def published(self) -> tuple[float, float]:
        """What the table says for these two."""
        return PUBLISHED[self.environment, self.stimulated]


def published_rows(
    environments: Sequence[int] = (0, 1),
    instances: int = INSTANCES,
    episodes: int = EPISODES,
    steps: int = STEPS,
    threads: int = 1,
) -> list[Row]:
    """Each environment at rest, and stimulated at its strongest: 500 rad/s while a pulse lasts. About a minute.

    Args:
        environments: 0, 1, or both.
        instances: how many of the five.
        episodes: of each; the phases they begin with depend on it, as they do there.
        steps: environment steps of an episode.
        threads: no result depends on it.

    Returns:
        Two rows for each environment: at rest, stimulated.

    Raises:
        SettingError: there is no such environment, or there are not as many instances.
        ValueError: there are fewer than two instances, which have no standard deviation, or steps for less than a
            second.

    Example:
        >>> from rldbs.analysis.dbsgym_rows import published_rows
        >>> [row.stimulated for row in published_rows([0], instances=2, episodes=1, steps=140)]
        [False, True]
    """
    if instances < 2:
        raise ValueError(f"a standard deviation needs at least two instances, got {instances}")
    timing = executed_timing(steps)
    rows = []
    for environment in environments:
        networks = [_network(environment, instance, episodes, threads) for instance in range(instances)]
        seen = [[_states(deepcopy(network), timing, amplitude) for network in networks] for amplitude in (0.0, PULSE)]
        together = [_together(parts) for parts in seen]
        ours = [synchrony(one, NEURONS, DT) for one in together]
        theirs = [synchrony(one, NEURONS, DT, COUNTED) for one in together]
        said = [("", ""), (verdict(*ours), verdict(*theirs))]
        rows += [Row(environment, bool(k), _betas(seen[k], timing), ours[k], theirs[k], *said[k]) for k in (0, 1)]
    return rows


def table(rows: Sequence[Row]) -> str:
    """Rows as a table in Markdown: means over populations, for the frequency of the peak their median."""
    lines = ["| " + " | ".join(HEAD) + " |", "|---" * len(HEAD) + "|"]
    for row in rows:
        means = [
            row.measures.order,
            row.measures.order_over_floor,
            1000.0 * row.published_band.band_power,
            1000.0 * row.measures.band_power,
            1000.0 * row.measures.total_power,
        ]
        cells = [
            str(row.environment),
            "124 Hz" if row.stimulated else "none",
            f"{row.published[0]:.2f} ± {row.published[1]:.1f}",
            f"{row.beta:.2f} ± {row.beta_std:.2f}",
            *(three_digits(float(values.mean())) for values in means),
            three_digits(float(np.median(row.measures.peak_frequency))),
            three_digits(float(row.measures.rate.mean())),
            f"{row.published_band_verdict or '–'}, {row.verdict or '–'}" if row.stimulated else "",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _network(environment: int, instance: int, episodes: int, threads: int) -> PhaseNetwork:
    """All episodes of an instance, a step before the end of the transient."""
    populations = [dbsgym_population(environment, instance, k, episodes) for k in range(episodes)]
    network = PhaseNetwork(
        dbsgym_tissue(environment, instance),
        episodes,
        coupling=COUPLING,
        noise=0.0,
        response="flat",
        dt=DT,
        transient=0,
        threads=threads,
    )
    network.frequency = np.stack([population.frequency for population in populations])
    network.phase[:] = [population.phase for population in populations]
    network.rest(TRANSIENT - 1)
    return network


def _states(network: PhaseNetwork, timing: Timing, amplitude: float) -> Recorded:
    """The last state of the transient and that after each step of an episode, at the first site alone."""
    drive = np.concatenate([[0.0], amplitude * timing.pulse])
    parts = []
    for begin in range(0, len(drive), MOST):
        part = drive[None, begin : begin + MOST, None]
        x, y, rate = network.advance(np.repeat(part, network.populations, axis=0))
        parts.append(Recorded(x[:, :, :1], y[:, :, :1], rate))
    return Recorded(*(np.concatenate(columns, axis=1) for columns in zip(*parts, strict=True)))


def _together(parts: Sequence[Recorded]) -> Recorded:
    """All populations of several, without the state before the first step."""
    return Recorded(*(np.concatenate(columns, axis=0)[:, 1:] for columns in zip(*parts, strict=True)))


def _betas(parts: Sequence[Recorded], timing: Timing) -> tuple[float, ...]:
    """1000 · β of each instance: of its episodes one after the other, sampled as they are there."""
    return tuple(1000.0 * dbsgym_beta(part.x[:, timing.samples, 0].ravel()) for part in parts)
