"""How many runs of a sweep are at work at the same time, and with how many threads each."""

from collections.abc import Sequence
from dataclasses import dataclass

from rldbs.core.errors import SettingError
from rldbs.process.threads import cores, threads_for
from rldbs.sweep import joblib, ray, slurm

BASIC = "basic"


@dataclass(frozen=True)
class Engine:
    """How the runs of a sweep are started."""

    name: str
    """That of Hydra's launcher."""
    hydra: tuple[str, ...]
    """Overrides of Hydra's own settings."""
    at_once: int | None
    """Runs at the same time on this machine; None where others share them out: as many as there is room for."""
    threads: int
    """Of each run."""
    queued: bool = False
    """The runs are jobs of their own, which go on when the sweep is left alone."""

    @property
    def plan(self) -> str:
        """In words."""
        threads = "1 thread" if self.threads == 1 else f"{self.threads} threads"
        if self.at_once is None:
            return f"{threads} each, as many at a time as there is room for"
        runs = "one at a time" if self.at_once == 1 else f"{self.at_once} at a time"
        used, there = self.at_once * self.threads, cores()
        over = ", more than there are" if used > there else ""
        return f"{runs} with {threads} each, on {used} of {there} cores{over}"


def engine(hydra: Sequence[str], threads: int | None, count: int) -> Engine:
    """The engine that overrides of Hydra choose, for ``count`` runs.

    Unless the user says otherwise, runs × threads never exceed the cores.

    Args:
        hydra: overrides of Hydra's own settings.
        threads: of each run; None where the user leaves that open.
        count: runs that are to be done.

    Raises:
        SettingError: a number of runs at the same time, or of cores, is none.
    """
    given = dict(text.split("=", 1) for text in hydra)
    name = given.get("hydra/launcher", BASIC)
    if name == ray.LAUNCHER:
        return Engine(name, tuple(hydra), None, threads or ray.threads(given))
    if name == slurm.LAUNCHER:
        return Engine(name, tuple(hydra), None, threads or slurm.threads(given), queued=True)
    if name == BASIC:
        _check_basic(hydra)
    if name != joblib.LAUNCHER:
        return Engine(name, tuple(hydra), 1, threads or threads_for())
    wanted = given.get(joblib.JOBS)
    at_once = max(1, cores() // (threads or 1)) if wanted is None else _jobs(wanted)
    at_once = min(at_once, max(count, 1))
    others = tuple(text for text in hydra if not text.startswith(f"{joblib.JOBS}="))
    return Engine(name, (*others, f"{joblib.JOBS}={at_once}"), at_once, threads or threads_for(at_once))


def _check_basic(hydra: Sequence[str]) -> None:
    """Whether nobody is told how to start runs who only does one after the other."""
    setting = next((text for text in hydra if text.startswith("hydra.launcher.")), None)
    if setting is not None:
        which = f"hydra/launcher={joblib.LAUNCHER}"
        raise SettingError(f"{setting}: is a setting of a launcher; say which one, too: {which}")


def _jobs(text: str) -> int:
    """Runs at the same time. Below 0 they count from all cores down: −1 is all of them."""
    try:
        jobs = int(text)
    except ValueError:
        jobs = 0
    if jobs == 0:
        given = f"{joblib.JOBS}={text}"
        raise SettingError(f"{given}: must be a whole number of runs at the same time, or -1 for all cores")
    return jobs if jobs > 0 else max(1, cores() + 1 + jobs)
