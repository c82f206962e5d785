"""Starting points for episodes: populations that have been prepared once, so that a reset costs a copy."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from rldbs.core.arguments import Floats, float_rows, whole
from rldbs.core.ensemble_kinds import checked_settings, ensemble_of
from rldbs.core.errors import MOST_SEED, DivergedError, SettingError, shown
from rldbs.core.model_settings import ModelSettings
from rldbs.core.native import MOST_DOUBLES, MOST_MEANS, MOST_NEURONS, MOST_THREADS


@dataclass(frozen=True)
class Bank:
    """Prepared populations.

    Attributes:
        state: float64 (entries, rows, numbers in each).
        current: float64 (entries, neurons).
        past: float64 (entries, memory, variables), the mean field that led to each state, oldest first.
        coupling: float64 (entries,), at which each was prepared.
    """

    state: Floats
    current: Floats
    past: Floats
    coupling: Floats

    def __post_init__(self) -> None:
        arrays = {"state": self.state, "current": self.current, "past": self.past, "coupling": self.coupling}
        for name, axes in {"state": 3, "current": 2, "past": 3, "coupling": 1}.items():
            array = arrays[name]
            if type(array) is not np.ndarray or array.dtype != np.float64 or array.ndim != axes:
                raise SettingError(f"bank.{name}: must be a float64 array with {axes} axes, is {shown(array)}")
        if len({len(array) for array in arrays.values()}) > 1:
            shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
            raise SettingError(f"bank: the arrays do not belong together: {shapes}")
        for name, array in arrays.items():
            if not array.size or not np.isfinite(array).all():
                raise SettingError(
                    f"bank.{name}: must hold finite numbers, {'some are not' if array.size else 'is empty'}"
                )
        for array in arrays.values():
            array.flags.writeable = False

    def __len__(self) -> int:
        return len(self.state)

    @cached_property
    def digest(self) -> bytes:
        """A fingerprint of all that is in it."""
        digest = hashlib.sha256()
        for array in (self.state, self.current, self.past, self.coupling):
            digest.update(array.tobytes())
        return digest.digest()

    def nearest(self, coupling: float) -> NDArray[np.intp]:
        """The entries, int (entries,), that were prepared nearest to a coupling."""
        distance = np.abs(self.coupling - coupling)
        return np.flatnonzero(distance == distance.min())

    def __reduce__(self) -> tuple[type["Bank"], tuple[Floats, Floats, Floats, Floats]]:
        return Bank, (self.state, self.current, self.past, self.coupling)  # which lets nobody write into it

    def __deepcopy__(self, memo: object) -> "Bank":
        return self  # nothing in it ever changes


def joined(banks: Sequence[Bank]) -> Bank:
    """All entries of some banks with the same memory, one bank after the other."""
    return Bank(
        np.concatenate([bank.state for bank in banks]),
        np.concatenate([bank.current for bank in banks]),
        np.concatenate([bank.past for bank in banks]),
        np.concatenate([bank.coupling for bank in banks]),
    )


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
        SettingError: an argument is out of range.
        DivergedError: the numbers of a population have left all bounds.
    """
    populations = whole("populations", populations, 1, MOST_NEURONS)
    snapshots = whole("snapshots", snapshots, 1, MOST_NEURONS)
    settings = checked_settings(settings)
    variables, neurons, numbers = len(settings.model.variables), settings.neurons, math.prod(settings.state_shape)
    memory = whole("memory", memory, 1, max(1, MOST_MEANS // variables // populations))
    if populations * snapshots * (numbers + variables * memory) > MOST_DOUBLES:
        raise SettingError(
            f"a bank of {populations} populations of {neurons} neurons, {snapshots} snapshots and {memory} steps of "
            "memory does not fit into 64 GiB"
        )
    if coupling is not None:
        strengths = float_rows("coupling", [coupling], 1, "populations", populations)[0].tolist()
        if len(strengths) != populations:
            raise SettingError(f"coupling: needs {populations} numbers, {len(strengths)} given")
        coupling = tuple(strengths)
    seed = whole("seed", seed, 0, MOST_SEED)
    return _prepared(
        settings, populations, snapshots, seed, memory, whole("threads", threads, 1, MOST_THREADS), coupling
    )


@lru_cache(maxsize=8)
def _prepared(
    settings: ModelSettings,
    populations: int,
    snapshots: int,
    seed: int,
    memory: int,
    threads: int,
    coupling: tuple[float, ...] | None,
) -> Bank:
    seeds = np.random.SeedSequence([0xBA9C, seed]).generate_state(populations, np.uint64)
    ensemble = ensemble_of(
        settings,
        populations,
        [int(s) for s in seeds],
        transient=0,
        threads=threads,
    )
    if coupling is not None:
        ensemble.coupling[:] = coupling
    ensemble.rest(max(0, settings.transient - memory))
    past = ensemble.advance(ensemble.quiet(memory))
    spacing = -(-settings.period // snapshots)
    states, pasts = [ensemble.state.copy()], [past]
    for _ in range(snapshots - 1):
        past = np.concatenate([past, ensemble.advance(ensemble.quiet(spacing))], axis=1)[:, -memory:]
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
