"""What a process that has failed said last."""

from rldbs.experiment.small_file import UnreadableError, read_text
from rldbs.files.folder import File


def last_words(log: File) -> str:
    """The last message of a log, or else its last line, and where the whole is."""
    try:
        lines = [line.strip() for line in read_text(log).splitlines() if line.strip()]
    except UnreadableError as error:
        return f"{log}: {error}"
    message = next((line for line in reversed(lines) if line.startswith("rldbs: ")), (lines or ["said nothing"])[-1])
    return f"{message.removeprefix('rldbs: ')} (all it said: {log})"
