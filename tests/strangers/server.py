"""Runs commands, each in a process of its own that has all modules already: ``python -m tests.strangers.server``.

A line of JSON for each comes in: the directory, the words, the environment; one goes out: how it has ended.
"""

import importlib
import json
import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any

from rldbs.cli import main as called

ROOT = Path(__file__).parents[2]
LIMIT = 60.0
"""Seconds of processor time, and as many more on the clock as a busy machine may need, after which a command hangs."""
PATIENCE = 6
MEMORY = 2**31
"""Bytes that a command may have at most."""
HELD = 5 * 2**29
"""Bytes of data after which the operating system gives it no more, to save the machine."""


def main() -> None:
    for path in sorted((ROOT / "rldbs").rglob("*.py")):
        if path.stem != "__init__":
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        answers.write(json.dumps(_ended(json.loads(line))) + "\n")
        answers.flush()


def _ended(case: dict[str, Any]) -> dict[str, Any]:
    """How a command ends."""
    said = [Path(case["said"]) / name for name in ("out", "err")]
    process = os.fork()
    if process == 0:
        _become(case, said)
    code, hung, memory = _waited(process)
    out, err = (path.read_bytes().decode(errors="backslashreplace") for path in said)
    return {"code": code, "hung": hung, "memory": memory, "out": out, "err": err}


def _waited(process: int) -> tuple[int, bool, int]:
    """The exit status of a process, whether it had to be ended, and the bytes of memory that it had at most."""
    end = time.monotonic() + LIMIT * PATIENCE
    there, hung = 0, False
    while not there:
        there, status, usage = os.wait4(process, os.WNOHANG)
        if not there and not hung and time.monotonic() > end:
            os.killpg(process, signal.SIGKILL)
            hung = True
        time.sleep(0.005)
    code = os.waitstatus_to_exitcode(status)
    return code, hung or code == -signal.SIGXCPU, usage.ru_maxrss * 1024


def _become(case: dict[str, Any], said: list[Path]) -> None:
    """Be the command, and never return."""
    os.setsid()
    for number, path in enumerate(said, 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(case["directory"])
    os.environ.update(case["environment"])
    resource.setrlimit(resource.RLIMIT_CPU, (int(LIMIT), int(LIMIT) + 5))
    resource.setrlimit(resource.RLIMIT_DATA, (HELD, HELD))
    sys.argv = ["rldbs", *case["words"]]
    code = 1
    try:
        called()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
