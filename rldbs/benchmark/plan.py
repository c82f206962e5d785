"""What the benchmark runs: tasks × controllers, and for learners × seeds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Len, Lt

from rldbs.agents.settings import CLASSICAL, IDENTIFIED, LEARNERS
from rldbs.agents.settings.lqg import RegulatorSearchSettings
from rldbs.agents.settings.teacher import teachable
from rldbs.commands.tune import tuning
from rldbs.config.checked_records import record
from rldbs.config.composition import Config, compose, compose_run
from rldbs.config.groups import groups
from rldbs.config.overrides import nearest
from rldbs.config.schema import evaluate_settings, train_settings
from rldbs.config.settings_files import source
from rldbs.core.dbsgym import ENVIRONMENTS
from rldbs.core.errors import SettingError
from rldbs.files.file import File
from rldbs.files.folder import Folder
from rldbs.runs.configuration import check_same
from rldbs.runs.find import complete, read_meta
from rldbs.runs.labels import NAMES
from rldbs.runs.physics import check_physics
from rldbs.runs.record import read_config, read_evaluation, read_tuning

GROUP = "task"
REMEDY = "Remove it, or name another folder=DIR for the benchmark"
NONE = "none"
"""Who only rests, and so has nothing to be tuned."""
ONLY_NAMED = (
    NONE,
    "high_frequency",
    "coordinated_reset",
    "phase_locked",
    "acd",
    "on_demand",
    "beta_on_off",
    "beta_dual",
    "beta_pi",
)
"""Controllers that are measured only where a task names them: most need a phase that responds, contacts apart, trains,
or time in ms."""
ANY = {"threads", "overrides", *NAMES}
"""Settings that may be other when a run is gone on with."""


READERS = {"train": read_config, "tune": read_tuning, "evaluate": read_evaluation}


@dataclass(frozen=True)
class Benchmark:
    """All that decides the benchmark."""

    folder: str
    jobs: Annotated[int, Ge(1), Le(1024)] | None
    seeds: Annotated[int, Ge(1), Le(1000)]
    episodes: Annotated[int, Ge(1), Le(10_000)]
    trials: Annotated[int, Ge(1), Le(100_000)]
    learners: Annotated[list[str], Len(0, 100)]
    controllers: Annotated[list[str], Len(0, 100)]
    tasks: Annotated[list[str], Len(1, 100)]
    report: str | None


@dataclass(frozen=True)
class Task:
    """An environment in which all are measured."""

    name: str
    title: str
    settings: list[str]
    """Overrides that make it."""
    objective: Literal["front", "onset", "lasting", "bursts"]
    """What it is about: the tradeoff of that name, of oscillators that of R, of networks of cells that of EI; where
    synapses are plastic that of what lasts, of rate models that of bursts."""
    most_kick: Annotated[float, Gt(0)]
    """A controller that needs more mean abs kick is no candidate."""
    learners: list[str]
    """Overrides for what is trained; those of an agent's settings count for the agents that have them."""
    controllers: list[str]
    """Overrides for the search of a classical controller alone, likewise."""
    search: list[str]
    """Overrides for the policy search from a model alone, after those for learners; a file may lack them."""
    agents: list[str]
    """Who can act there; where a file lacks them, all but those that only some models have a use for."""
    published: Annotated[int, Ge(0), Lt(ENVIRONMENTS)] | None
    """The environment of DBS-Gym whose published rows stand beside; a file may lack it."""


@dataclass(frozen=True)
class Cell:
    """One run of the benchmark."""

    task: Task
    agent: str
    seed: int | None
    """None for a classical controller, which is tuned."""
    command: str
    """``tune``, ``train``, or ``evaluate`` for whoever only rests."""
    overrides: tuple[str, ...]
    folder: Folder
    config: Config
    """What its config.yaml has to hold."""

    @property
    def name(self) -> str:
        return " ".join([self.task.name, self.agent, *([] if self.seed is None else [f"seed {self.seed}"])])

    @property
    def log(self) -> File:
        """What its process says."""
        return self.folder.parent.file(f"{self.folder.name}.log")

    @property
    def begun(self) -> bool:
        """Whether it can be gone on with."""
        return self.folder.has("config.yaml")

    @property
    def done(self) -> bool:
        """Whether it has ended well.

        Raises:
            RunError: there is a run with other settings, or of another version of the physics, in its place.
        """
        if not self.begun:
            return False
        there = READERS[self.command](self.folder)
        check_same(self.folder, there, self.config, ANY, REMEDY)
        check_physics(self.folder, read_meta(self.folder), REMEDY)
        return complete(self.folder)


def benchmark(overrides: Sequence[str], directory: Path | None) -> Benchmark:
    """The settings of ``rldbs benchmark``.

    Raises:
        SettingError: an override is not allowed, or names an agent or a task that there is not.
    """
    settings = record(Benchmark, compose("benchmark", overrides, directory), "benchmark")
    for key, names, known in (
        ("learners", settings.learners, [name for name in LEARNERS.own if name not in IDENTIFIED]),
        ("controllers", settings.controllers, [*CLASSICAL.own, *IDENTIFIED, NONE]),
        ("tasks", settings.tasks, groups(_directories(directory))[GROUP]),
    ):
        for k, name in enumerate(names):
            if name not in known:
                near = nearest(name, known)
                hint = f"\nDid you mean {near[0]}?" if near else ""
                raise SettingError(f"{key}: there is no {name}{hint}\nThere are {', '.join(known)}")
            if name in names[:k]:
                raise SettingError(f"{key}: {name} is there twice")
    if not settings.learners and not settings.controllers:
        raise SettingError("learners=[] controllers=[]: leave nobody to be measured")
    return settings


def task(name: str, directory: Path | None = None) -> Task:
    """A task from its file.

    Raises:
        SettingError: the file does not hold what it should.
    """
    file = source(f"{GROUP}/{name}", _directories(directory))
    assert file is not None
    every = [agent for agent in (*LEARNERS, *CLASSICAL) if agent not in ONLY_NAMED]
    known = {"name": name, "title": file.title.rstrip("."), "search": [], "agents": every, "published": None}
    return record(Task, {**known, **file.values}, f"task {name}")


def plan(settings: Benchmark, directory: Path | None = None) -> list[Cell]:
    """Every run: controllers first, then the learners, seed by seed, so that a part of it is whole in itself.

    Raises:
        SettingError: a setting is not allowed.
    """
    tasks = [task(name, directory) for name in settings.tasks]
    return [
        *(
            _classical(settings, each, agent, directory)
            for each in tasks
            for agent in settings.controllers
            if agent in each.agents
        ),
        *sorted(
            (
                cell
                for each in tasks
                for agent in settings.learners
                if agent in each.agents
                for cell in _trained(settings, each, agent, directory)
            ),
            key=lambda cell: cell.seed or 0,
        ),
    ]


def _classical(settings: Benchmark, each: Task, agent: str, directory: Path | None) -> Cell:
    made = _identified if agent in IDENTIFIED else _rested if agent == NONE else _tuned
    return made(settings, each, agent, directory)


def _tuned(settings: Benchmark, each: Task, agent: str, directory: Path | None) -> Cell:
    """The front of a classical controller's best compromises."""
    overrides = [
        *each.settings,
        f"agent={agent}",
        *_meant_for(CLASSICAL[agent], each.controllers),
        f"tune.objective={each.objective}",
        f"tune.trials={settings.trials}",
        f"tune.most_kick={each.most_kick}",
        f"protocol.episodes={settings.episodes}",
    ]
    config = tuning([*overrides, "threads=1"], directory).settings.config
    return Cell(
        each, agent, None, "tune", tuple(overrides), Folder(Path(settings.folder)) / each.name / agent, dict(config)
    )


def _rested(settings: Benchmark, each: Task, agent: str, directory: Path | None) -> Cell:
    """The free populations."""
    overrides = [*each.settings, f"agent={agent}", f"protocol.episodes={settings.episodes}"]
    config = evaluate_settings(compose("evaluate", [*overrides, "threads=1"], directory)).config
    where = Folder(Path(settings.folder)) / each.name / agent
    return Cell(each, agent, None, "evaluate", tuple(overrides), where, dict(config))


def _identified(settings: Benchmark, each: Task, agent: str, directory: Path | None) -> Cell:
    """A controller from a model that is identified once, at every price."""
    overrides, config = _training(settings, each, agent, directory)
    where = Folder(Path(settings.folder)) / each.name / agent
    return Cell(each, agent, None, "train", (*overrides, "seed=0"), where, config)


def _trained(settings: Benchmark, each: Task, agent: str, directory: Path | None) -> Iterator[Cell]:
    """A learner, once for every seed."""
    overrides, first = _training(settings, each, agent, directory)
    where = Folder(Path(settings.folder)) / each.name / agent
    for seed in range(settings.seeds):
        own = {**first, "seed": seed, "start": {**dict(first["start"]), "seed": seed}}
        yield Cell(each, agent, seed, "train", (*overrides, f"seed={seed}"), where / f"s{seed}", own)


def _training(settings: Benchmark, each: Task, agent: str, directory: Path | None) -> tuple[list[str], Config]:
    """The overrides of a training, and its configuration with seed 0."""
    own = [
        text
        for text in _meant_for(LEARNERS[agent], each.learners)
        if teachable(LEARNERS[agent]) or not text.startswith("teacher.")
    ]
    overrides = [
        *each.settings,
        f"agent={agent}",
        *own,
        *(each.search if LEARNERS[agent] is RegulatorSearchSettings else ()),
        f"checkpoints.most_kick={each.most_kick}",
        f"protocol.episodes={settings.episodes}",
    ]
    config, _ = compose_run("train", [*overrides, "seed=0", "threads=1"], directory)
    return overrides, dict(train_settings(config).config)


def _meant_for(settings: type[Any], overrides: Sequence[str]) -> list[str]:
    """Those of overrides that are not about settings which an agent does not have."""
    known = {f"agent.{field.name}" for field in fields(settings)}
    return [text for text in overrides if not text.startswith("agent.") or text.partition("=")[0] in known]


def _directories(directory: Path | None) -> Sequence[Path]:
    return () if directory is None else (directory,)
