"""The rows that are published of an environment, beside what its populations come to here: as Markdown, made once."""

import json
from collections.abc import Collection

from rldbs.analysis.dbsgym_rows import published_rows, table
from rldbs.core.native import PHYSICS
from rldbs.files.folder import Folder
from rldbs.files.untrusted_text import UnreadableError, plain_json, read_text

FILE = "published-{}.json"
MOST = 2**20
"""Bytes of it."""


def published_tables(environments: Collection[int], folder: Folder) -> list[list[str]]:
    """The table of each environment of DBS-Gym, in lines. What is made takes half a minute, and is kept in ``folder``.

    Args:
        environments: 0, 1, or both.
        folder: of the benchmark.
    """
    return [_kept(number, folder) or _made(number, folder) for number in environments]


def _kept(environment: int, folder: Folder) -> list[str] | None:
    """The lines that are there already; None where there are none, or they are of other physics."""
    try:
        content = plain_json(read_text(folder.file(FILE.format(environment)), MOST))
    except UnreadableError:
        return None
    lines = content.get("lines") if isinstance(content, dict) and content.get("physics") == PHYSICS else None
    return lines if isinstance(lines, list) and all(isinstance(line, str) for line in lines) else None


def _made(environment: int, folder: Folder) -> list[str]:
    lines = table(published_rows([environment])).splitlines()
    with folder.file(FILE.format(environment)).whole() as file:
        file.write(json.dumps({"physics": PHYSICS, "lines": lines}, ensure_ascii=False).encode())
    return lines
