"""Timing what is compared in turns.

On a busy machine everything takes tens of per cent longer from one second to the next. So what is compared is timed in
turns: in every round each contender has one, every other round in reverse order. Of a turn the median call counts, and
of all rounds the median; a ratio is taken within a round.
"""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

ROUNDS = 15
TURN = 0.02
"""Seconds of a turn, about; a call that takes longer is a turn of its own."""

Timer = Callable[[int], Sequence[float]]
"""Makes so many calls; the seconds that a unit of work has taken in each."""


@dataclass(frozen=True)
class Turns:
    """Seconds for a unit of work in each round, by contender."""

    seconds: Mapping[str, Sequence[float]]

    def median(self, name: str) -> float:
        return statistics.median(self.seconds[name])

    def ratio(self, name: str, other: str) -> float:
        """How many times as long ``name`` takes as ``other``."""
        return statistics.median(a / b for a, b in zip(self.seconds[name], self.seconds[other], strict=True))


def timer(call: Callable[[], object], units: float) -> Timer:
    """Times a call that does so many units of work."""

    def timed(calls: int) -> list[float]:
        times = []
        for _ in range(calls):
            began = time.perf_counter()
            call()
            times.append((time.perf_counter() - began) / units)
        return times

    return timed


def in_turns(contenders: Mapping[str, Timer], rounds: int = ROUNDS, turn: float = TURN) -> Turns:
    """Let the contenders work in turns, after two calls each that do not count."""
    calls = {}
    for name, contender in contenders.items():
        contender(1)
        began = time.perf_counter()
        contender(1)
        calls[name] = max(1, round(turn / (time.perf_counter() - began)))
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for i in range(rounds):
        for name in list(contenders)[:: -1 if i % 2 else 1]:
            seconds[name].append(statistics.median(contenders[name](calls[name])))
    return Turns(seconds)
