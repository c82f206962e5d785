"""Times of day as run folders have them: in UTC, so that no clock change and no other zone puts them in disorder."""

from datetime import UTC, datetime

from rldbs.files.file import File


def now() -> str:
    """The time, to be written down."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def instant(text: object) -> float | None:
    """When a time was that is written down, in seconds; one that has no zone is in UTC. None where it is no time."""
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def began(text: object, *files: File) -> float:
    """When something began: as it is written down, or else when the first of these files that is there was written."""
    moment = instant(text)
    for file in files if moment is None else ():
        status = file.folder.status(file.name)
        if status is not None:
            return status.st_mtime
    return moment or 0.0
