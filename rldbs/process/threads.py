"""How many threads a run gets where the user does not say."""

import os
from collections.abc import Mapping
from typing import Any

USEFUL = 2
"""A run has work for more, but only large or many populations gain by it."""


def threads_for(runs: int = 1) -> int:
    """Threads for each of ``runs`` runs at the same time, on the cores that this process may use."""
    return max(1, min(USEFUL, cores() // runs))


def with_threads(config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration, with a number where it leaves ``threads`` open."""
    chosen = {"threads": threads_for()} if config.get("threads", 1) is None else {}
    return {**config, **chosen}


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
