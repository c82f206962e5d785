"""Starting points for episodes: populations that have been prepared once, so that a reset costs a copy."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from rldbs.core.ensemble import Ensemble
from rldbs.core.errors import DivergedError
from rldbs.core.models import ModelSettings
from rldbs.core.native import Floats


@dataclass(frozen=True)
class Bank:
    """Prepared populations.

    Attributes:
        state: float64 (entries, variables, neurons).
        current: float64 (entries, neurons).
        past: float64 (entries, memory, variables), the mean field that led to each state, oldest first.
        coupling: float64 (entries,), at which each was prepared.
    """

    state: Floats
    current: Floats
    past: Floats
    coupling: Floats

    def __post_init__(self) -> None:
        for array in (self.state, self.current, self.past, self.coupling):
            array.flags.writeable = False

    def __len__(self) -> int:
        return len(self.state)


def joined(banks: Sequence[Bank]) -> Bank:
    """All entries of some banks with the same memory, one bank after the other."""
    return Bank(
        np.concatenate([bank.state for bank in banks]),
        np.concatenate([bank.current for bank in banks]),
        np.concatenate([bank.past for bank in banks]),
        np.concatenate([bank.coupling for bank in banks]),
    )


@lru_cache(maxsize=8)
def prepare_bank(
    settings: ModelSettings,
    populations: int,
    snapshots: int,
    seed: int,
    memory: int,
    threads: int,
    coupling: tuple[float, ...] | None = None,
) -> Bank:
    """Run populations through their transient, then take ``snapshots`` of each, spread over one period.

    The bank depends on the arguments only, whatever the number of threads; asked for again, it is the same object.
    Entry ``k * populations + p`` is snapshot k of population p. ``coupling`` has one number for each population;
    without it, all have that of ``settings``.

    Raises:
        DivergedError: the numbers of a population have left all bounds.
    """
    seeds = np.random.SeedSequence([0xBA9C, seed]).generate_state(populations, np.uint64)
    ensemble = Ensemble.of(
        settings,
        populations,
        [int(s) for s in seeds],
        transient=0,
        threads=threads,
    )
    if coupling is not None:
        ensemble.coupling[:] = coupling
    ensemble.rest(max(0, settings.transient - memory))
    past = ensemble.advance(np.zeros((populations, memory)))
    spacing = -(-settings.period // snapshots)
    states, pasts = [ensemble.state.copy()], [past]
    for _ in range(snapshots - 1):
        past = np.concatenate([past, ensemble.advance(np.zeros((populations, spacing)))], axis=1)[:, -memory:]
        states.append(ensemble.state.copy())
        pasts.append(past)
    if not all(np.isfinite(state).all() for state in states):
        raise DivergedError(
            "the free populations diverged before any stimulation; check model.dt, model.coupling and model.parameters"
        )
    return Bank(
        np.concatenate(states),
        np.tile(ensemble.current, (snapshots, 1)),
        np.concatenate(pasts),
        np.tile(ensemble.coupling, snapshots),
    )
