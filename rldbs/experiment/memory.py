"""How much memory a run takes at least, and whether this machine has it."""

import math
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from rldbs.agents.settings import AgentSettings, LearnerSettings, NetworkSettings
from rldbs.agents.settings.lqg import LQGSettings
from rldbs.control.history import ROOM
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.errors import NoMemoryError, SettingError
from rldbs.core.model_settings import ModelSettings
from rldbs.experiment.command_settings import Protocol, TrainSettings
from rldbs.experiment.suppressed_start import SuppressedStart
from rldbs.process.shortage import address_space, advise

SHARE = 0.5
"""Part of the memory that the arrays counted here may take: libraries and other programs need some too."""
LIBRARIES = 800_000_000
"""Bytes that the libraries of a run map, and what it takes to load them."""
LITTLE = 50_000_000
"""Bytes that are few beside those of the libraries."""
DOUBLE, SINGLE = 8, 4
COPIES = 2
"""Times that a large array is there while it is worked on."""
KINDS = 2
"""Controllers of a measurement: the deterministic policy, and the stochastic one."""
WATCHED = 4000
"""Samples in time of every neuron that a look at the free population keeps, at most."""
WORKING = 8
"""Matrices of the size of a model while an equation is solved."""
OPTIMISED = 4
"""Arrays for each weight that is learned: itself, its gradient, and two moments."""


@dataclass(frozen=True)
class Need:
    """Arrays that a run keeps at the same time."""

    what: str
    size: float
    """In bytes."""
    keys: tuple[str, ...]
    """The settings that make them large."""


def check_memory(needs: Iterable[Need]) -> None:
    """Whether all fits into this machine.

    Raises:
        SettingError: it does not; names the largest part and its settings.
        NoMemoryError: not even the libraries fit into what this process may have.
    """
    parts = list(needs)
    limit = address_space()
    if limit is not None and limit < LIBRARIES:
        raise NoMemoryError(
            f"There is not enough memory: ulimit -v leaves this process {_size(limit)}, "
            f"and the libraries of a run alone take {_size(LIBRARIES)}"
        )
    most = SHARE * machine_memory()
    largest = max(parts, key=lambda part: part.size)
    advise(_advice(largest))
    if sum(part.size for part in parts) <= most:
        return
    raise SettingError(
        f"{', '.join(largest.keys)}: {largest.what} would take {_size(largest.size)} of memory\n"
        f"A run may take {_size(most)}, half of what "
        + ("this machine has" if limit is None else "ulimit -v leaves beside the libraries")
    )


def _advice(largest: Need) -> str:
    """What can be done when memory does not suffice after all."""
    if largest.size < LITTLE:
        return "The run itself needs little: leave its libraries more memory, or let less be done at the same time"
    lower = f"lower {', '.join(largest.keys)}"
    return f"Most of it is for {largest.what}, {_size(largest.size)}: {lower}, or let less be done at the same time"


def training_needs(settings: TrainSettings) -> Iterator[Need]:
    """What a training run keeps: environments, a learner, what a teacher shows, and the measurement at the end."""
    loop, teacher = settings.loop, settings.teacher
    yield from loop_needs(loop, settings.envs)
    yield from learner_needs(settings.agent, loop, settings.envs, learns=True)
    if teacher is not None:
        steps = teacher.lessons.steps
        shown = float(COPIES * steps * (_seen(settings.agent, loop) + loop.stimulus.action_size) * SINGLE)
        yield Need("what the teacher shows", shown, (f"teacher.steps={steps}", *_window(loop)))
        yield _populations("the environments of the lessons", loop.model, settings.envs, f"envs={settings.envs}")
    yield from protocol_needs(settings.protocol, loop)


def loop_needs(loop: LoopSettings, environments: int) -> Iterator[Need]:
    """The populations that episodes start from, and the environments themselves."""
    start, model, memory = loop.start, loop.model, loop.memory
    counts = start.settings if isinstance(start, SuppressedStart) else start
    populations, snapshots = getattr(counts, "populations", 1), getattr(counts, "snapshots", 1)
    several = (f"start.populations={populations}", f"start.snapshots={snapshots}")
    yield _populations("the populations of start", model, populations * snapshots, *several)
    past = float(populations * snapshots * memory * len(model.model.variables) * DOUBLE)
    yield Need("the past of the populations of start", past, (*_window(loop), *several))
    yield _populations("the environments", model, environments, f"envs={environments}")
    kept = len(model.model.variables) + loop.recording.channels
    signals = float(environments * (memory + max(ROOM, memory)) * kept * DOUBLE)
    yield Need("the past of the environments", signals, (*_window(loop), f"envs={environments}"))
    if isinstance(start, SuppressedStart):
        first = float(populations * start.loop.memory * len(model.model.variables) * DOUBLE)
        yield Need("the first agent's window", first, (f"start.run={start.settings.run}", several[0]))


def learner_needs(agent: AgentSettings, loop: LoopSettings, environments: int, learns: bool) -> Iterator[Need]:
    """The networks, and what is learned from; or what a controller remembers."""
    if not isinstance(agent, LearnerSettings):
        past = agent.past(loop) * environments * DOUBLE
        yield Need("what the controller remembers", past, ("agent.delay", f"model.period={loop.model.period}"))
        return
    yield _network(agent, loop, OPTIMISED if learns else 1, "agent.hidden")
    rollout, transitions = getattr(agent, "rollout", 0), getattr(agent, "transitions", 0)
    if learns and isinstance(agent, LQGSettings):
        numbers = len(agent.signals(loop)) + agent.contacts(loop)
        size = float(environments * agent.recorded * (1 + numbers + agent.between(loop)) * DOUBLE)
        yield Need("what is identified from", size, (f"agent.recorded={agent.recorded}", f"envs={environments}"))
    if learns and rollout:
        size = float(environments * rollout * _seen(agent, loop) * SINGLE)
        yield Need("a rollout", size, (f"agent.rollout={rollout}", f"envs={environments}", *_window(loop)))
    if learns and transitions:
        yield Need("the transitions", float(transitions * DOUBLE), (f"agent.transitions={transitions}",))


def protocol_needs(protocol: Protocol, loop: LoopSettings) -> Iterator[Need]:
    """What a measurement records."""
    rows = KINDS * protocol.episodes
    steps = protocol.free + protocol.stimulated + protocol.relaxed
    recorded = float(COPIES * rows * steps * (len(loop.model.model.variables) + 1) * DOUBLE)
    lengths = tuple(f"protocol.{key}={getattr(protocol, key)}" for key in ("episodes", "free", "stimulated", "relaxed"))
    yield Need("the recording of a measurement", recorded, lengths)
    yield _populations("the populations of a measurement", loop.model, COPIES * rows, lengths[0])
    if isinstance(loop.start, SuppressedStart):
        yield _network(loop.start.agent, loop.start.loop, 1, f"start.run={loop.start.settings.run}: its agent.hidden")
    past = float(rows * loop.memory * len(loop.model.model.variables) * DOUBLE)
    yield Need("the past of the populations of a measurement", past, (*_window(loop), lengths[0]))


def simulation_needs(model: ModelSettings, populations: int, steps: int) -> Iterator[Need]:
    """What a look at the free population keeps."""
    several = f"populations={populations}"
    yield _populations("the populations", model, populations, several)
    watched = float(min(steps, WATCHED) * populations * model.neurons * DOUBLE)
    yield Need("what is kept of every neuron", watched, (f"model.neurons={model.neurons}", several, f"steps={steps}"))
    field = float(populations * steps * len(model.model.variables) * DOUBLE)
    yield Need("the mean field", field, (f"steps={steps}", several))


@lru_cache
def machine_memory() -> int:
    """Bytes of memory that this process may have: those of the machine, or of the container it runs in.

    Under ``ulimit -v``, what is left beside the libraries.
    """
    sizes = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    with suppress(OSError, ValueError):  # there is none, or it is "max"
        sizes.append(int(Path("/sys/fs/cgroup/memory.max").read_text()))
    limit = address_space()
    return min(sizes if limit is None else [*sizes, limit - LIBRARIES])


def _populations(what: str, model: ModelSettings, count: int, *keys: str) -> Need:
    size = float(COPIES * count * (math.prod(model.state_shape) + model.neurons) * DOUBLE)
    return Need(what, size, (f"model.neurons={model.neurons}", *keys))


def _network(agent: LearnerSettings, loop: LoopSettings, arrays: int, key: str) -> Need:
    if isinstance(agent, LQGSettings):
        matrices = 2 * len(agent.prices) + WORKING  # two regressions for each price
        order, contacts = max(agent.orders), agent.contacts(loop)
        known = order * len(agent.signals(loop)) + (order + agent.late(loop)) * contacts
        size = float(matrices * known**2 * DOUBLE)
        keys = f"agent.orders={agent.orders}", f"agent.price={agent.price}"
        return Need("the models and their regulators", size, (*keys, *_window(loop)))
    assert isinstance(agent, NetworkSettings)
    layers = [_seen(agent, loop), *agent.hidden, loop.stimulus.action_size]
    weights = float(sum(a * b for a, b in pairwise(layers)))
    remembered = getattr(agent, "memory", 0)
    weights += 4.0 * remembered * (remembered + _seen(agent, loop))
    return Need("the policy", weights * SINGLE * arrays, (f"{key}={str(agent.hidden)[:60]}", *_window(loop)))


def _seen(agent: LearnerSettings, loop: LoopSettings) -> int:
    """Numbers that an agent sees of an environment."""
    return loop.recording.size + agent.remembered * loop.stimulus.action_size


def _window(loop: LoopSettings) -> tuple[str, ...]:
    names = ("length", "stride", "delay")
    return tuple(f"recording.{name}={getattr(loop.recording, name)}" for name in names if hasattr(loop.recording, name))


def _size(count: float) -> str:
    for factor, unit in ((1e12, "TB"), (1e9, "GB")):
        if count >= factor:
            return f"{count / factor:,.0f} {unit}".replace(",", " ")
    return f"{count / 1e6:,.0f} MB"
