"""What a YAML file of a run or a search holds, as plain containers."""

from typing import Any

from rldbs.core.errors import RunError
from rldbs.files.file import File
from rldbs.files.untrusted_text import UnreadableError, plain_yaml, read_text


def recorded_mapping(file: File) -> dict[str, Any]:
    """The keys of a file with their values.

    Raises:
        RunError: it cannot be read, or holds something else.
    """
    try:
        content = plain_yaml(read_text(file))
    except UnreadableError as error:
        raise RunError(f"{file}: {error}") from None
    if not isinstance(content, dict):
        raise RunError(f"{file}: must hold keys with values")
    return content
