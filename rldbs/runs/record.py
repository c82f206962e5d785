"""The files of a run folder that tell its story: config.yaml, meta.json, progress.csv, train.log."""

import json
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import yaml

from rldbs.core.errors import RunError
from rldbs.core.plugins import missing, packages_of
from rldbs.files.appended import Appended
from rldbs.files.folder import Folder
from rldbs.files.untrusted_text import UnreadableError, plain_yaml, read_text
from rldbs.files.user_file import Target, writable
from rldbs.process.shortage import shortage
from rldbs.runs.clock import now
from rldbs.runs.find import read_meta
from rldbs.runs.labels import NAMES, labels
from rldbs.runs.lock import Lock, sole
from rldbs.runs.machine import commit, machine

CHANGES = ("coupling", "course", "electrode_drift", "encapsulation", "plasticity")
"""Sections that say what changes in the tissue within an episode."""
ENVIRONMENT = ("model", "tissue", "electrode", "stimulus", "recording", "reward", *CHANGES, "start", "episode")
"""Sections of a configuration that decide an environment."""
KEPT = (*ENVIRONMENT, "agent", "protocol", "seed")
"""Sections of a training run's configuration that later measurements take from it."""
TAUGHT = "teacher"
"""The section that only runs with a teacher have."""
TRAINING = (*KEPT, "checkpoints", "steps", "envs", TAUGHT, "threads", *NAMES)
"""All that decides a training run."""
TRAINED = (*TRAINING, "tracker")
"""All that the configuration of a training run may have."""
TUNED = (*TRAINING, "tune", "space", "overrides")
"""All that the configuration of a search has."""
EVALUATED = (*KEPT, "threads", "run", "checkpoint", "name", "animation", "json", *NAMES)
"""All that the configuration of a measurement has that is a run of its own."""


def write_json(target: Target, content: object) -> None:
    """Write JSON; the file appears whole or not at all."""
    with writable(target).whole() as out:
        out.write(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n")


class _Written(yaml.SafeDumper):
    """Writes a value that stands in two places twice: what we read has no anchors and aliases."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def write_config(folder: Folder, config: Mapping[str, object]) -> None:
    """Write config.yaml: everything that decided the run."""
    with folder.file("config.yaml").whole() as file:
        yaml.dump(config, file, _Written, sort_keys=False, allow_unicode=True, encoding="utf-8")


LATER: Mapping[str, Mapping[str, object]] = {
    "stimulus": {"saturation": 1.0, "resolution": 0.0, "together": False, "limit": None},
    "recording": {"artefact": 0.0, "artefact_decay": 0.0, "blanking": 0},
    "episode": {"penalty": 100.0, "quiet": 0},
    "checkpoints": {"objective": "suppression", "relaxed": 0},
    "tune": {"relaxed": 0},
}
"""Settings that runs from before there were any lack, with what held for them."""
LATER_SECTIONS: Mapping[str, Mapping[str, object]] = {
    "tissue": {"name": "point"},
    "electrode": {"name": "uniform", "sites": [], "site_profile": "lorentzian", "site_spread": 0.3},
    "course": {"name": "steady"},
    "electrode_drift": {"name": "none"},
    "encapsulation": {"name": "none"},
    "plasticity": {"name": "none"},
}
"""Whole sections, likewise."""
LATER_OF_AGENTS: Mapping[str, Mapping[str, object]] = {
    **{name: {"past_kicks": 0} for name in ("ppo", "a2c", "trpo", "recurrent_ppo")},
    **{name: {"demand": 1.0} for name in ("lqg", "lqg_search")},
    "on_demand": {"idle": 0.0},
}
"""The same of agents, by their names."""
UNLABELLED: Mapping[str, object] = {"note": None, "tags": []}
"""What the user had written on runs from before that could be done."""


def later_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """A recorded configuration, with what held for it where it is older than a setting."""
    agent = config.get("agent")
    name = agent.get("name") if isinstance(agent, dict) else None
    of_agent = LATER_OF_AGENTS.get(name, {}) if isinstance(name, str) else {}
    found = {**LATER_SECTIONS, **UNLABELLED, **config}
    for section, settings in {**LATER, "agent": of_agent}.items():
        if isinstance(found.get(section), dict):
            found[section] = {**settings, **found[section]}
    teacher = found.get(TAUGHT)
    if isinstance(teacher, dict) and isinstance(teacher.get("settings"), dict):
        of_teacher = LATER_OF_AGENTS.get(str(teacher.get("agent")), {})
        found[TAUGHT] = {**teacher, "settings": {**of_teacher, **teacher["settings"]}}
    return found


def read_config(run: Path | Folder) -> dict[str, Any]:
    """What config.yaml of a training run holds.

    Raises:
        RunError: it cannot be read, or is no configuration of a training run.
    """
    return _read_config(run, KEPT, TRAINED, "a training run")


def read_evaluation(run: Path | Folder) -> dict[str, Any]:
    """What config.yaml of the measurement of a controller holds that needs no run.

    Raises:
        RunError: it cannot be read, or is no configuration of a measurement.
    """
    return _read_config(run, EVALUATED, EVALUATED, "a measurement")


def read_tuning(run: Path | Folder) -> dict[str, Any]:
    """What config.yaml of a search holds.

    Raises:
        RunError: it cannot be read, or is no configuration of a search.
    """
    return _read_config(run, [key for key in TUNED if key != TAUGHT], TUNED, "a search")


def _read_config(run: Path | Folder, needed: Sequence[str], known: Sequence[str], what: str) -> dict[str, Any]:
    path = Folder.of(run).file("config.yaml")
    if (lost := missing(read_meta(run).get("plugins", {}))) is not None:
        raise RunError(f"{Folder.of(run)}: {lost}")
    try:
        config = plain_yaml(read_text(path))
    except UnreadableError as error:
        raise RunError(f"{path}: {error}") from None
    if not isinstance(config, dict):
        raise RunError(f"{path}: is not the configuration of {what}")
    config = later_settings(config)
    for key in [*needed, *config]:
        if key not in config or key not in known:
            wrong = "is missing" if key not in config else "is none of its keys"
            raise RunError(f"{path}: is not the configuration of {what}: {key[:60]!r} {wrong}")
    return config


def told(config: Mapping[str, Any]) -> dict[str, Any]:
    """What a configuration adds to meta.json: notes and tags, and the packages that its options are from."""
    used = packages_of(config)
    return {**labels(config).facts(), **({"plugins": used} if used else {})}


class Meta:
    """meta.json: the state of a run, and on what it ran.

    Args:
        lock: of the run folder.
        facts: what is known at the start, beside what is found out here.

    Attributes:
        folder: the run folder, in which nothing is changed any more once it is another one.
    """

    def __init__(self, lock: Lock, facts: Mapping[str, object]) -> None:
        self.folder = lock.held
        self._file = self.folder.file("meta.json")
        self._content: dict[str, Any] = {
            "status": "running",
            **facts,
            "started": facts.get("started", now()),
            "finished": None,
            "error": None,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            **machine(),
            "commit": commit(),
        }
        self.update()

    def __getitem__(self, key: str) -> Any:
        return self._content[key]

    def finish(self, status: str, error: str | None = None) -> None:
        self.update(status=status, error=error, finished=now())

    def update(self, **changes: object) -> None:
        """Change some entries and write the file anew.

        Raises:
            RunError: the folder is another one by now.
        """
        self._content |= changes
        write_json(self._file, self._content)


@contextmanager
def recorded(folder: Folder, facts: Mapping[str, object]) -> Iterator[Meta]:
    """Be the only process that works on a run, and write down in meta.json how that ends.

    The status is ``running`` within the block; then ``done``, ``failed`` or ``interrupted``.

    Args:
        folder: the run folder.
        facts: what is known at the start, beside what is found out here.

    Raises:
        RunError: another process works on it.
        NoMemoryError: memory could not be had in the block.
    """
    with sole(folder) as lock:
        meta = Meta(lock, facts)
        try:
            yield meta
        except (KeyboardInterrupt, SystemExit):
            with suppress(OSError, RunError):
                meta.finish("interrupted")
            raise
        except BaseException as error:
            told = shortage(error) or error
            with suppress(OSError, RunError):  # on a full disk it stays "running"; that it is not, is seen by its lock
                meta.finish("failed", f"{type(told).__name__}: {told}")
            if told is error:
                raise
            raise told from None
        meta.finish("done")


class Progress:
    """progress.csv: one row per rollout; a value that is not known in a row is left empty.

    Args:
        folder: the run folder.
        columns: names of the columns, ``steps`` first.
        before: what :meth:`saved` gave in an earlier part of the run; nothing begins it.

    Raises:
        RunError: ``before`` is no such file.
    """

    def __init__(self, folder: Folder, columns: tuple[str, ...], before: bytes = b"") -> None:
        header = f"{','.join(columns)}\n".encode()
        if before and not (before.startswith(header) and before.endswith(b"\n")):
            raise RunError("saved state progress: is no progress.csv of such a run")
        self._columns = columns
        self._file = Appended(folder.file("progress.csv"), 0)
        self._content = bytearray(before or header)
        self._file.append(self._content)

    def add(self, row: Mapping[str, float]) -> None:
        values = (f"{row[name]:.10g}" if name in row else "" for name in self._columns)
        line = f"{','.join(values)}\n".encode()
        self._file.append(line)
        self._content += line

    def saved(self) -> bytes:
        """All that has been written so far, whatever has become of the file."""
        return bytes(self._content)

    def sync(self) -> None:
        """Flush all to disk."""
        self._file.sync()

    def close(self) -> None:
        self._file.close()
