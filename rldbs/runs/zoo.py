"""Trained policies that come with the package: ``run=zoo:NAME``.

Each is a small run folder: the configuration, the weights of the best checkpoint, and ``command.txt``, the command that
made it.
"""

from pathlib import Path

from rldbs.core.errors import RunError

ZOO = Path(__file__).resolve().parents[1] / "zoo"
PREFIX = "zoo:"


def zoo() -> dict[str, Path]:
    """The folders of the policies, by name."""
    return {path.parent.name: path.parent for path in sorted(ZOO.glob("*/config.yaml"))}


def zoo_folder(text: str, equals: str = "run=") -> Path:
    """The folder that ``zoo:NAME`` names; ``equals`` stands before it in messages.

    Raises:
        RunError: there is no such policy.
    """
    try:
        return zoo()[text.removeprefix(PREFIX)]
    except KeyError:
        names = ", ".join(PREFIX + name for name in zoo())
        raise RunError(f"{equals}{text}: there is no such policy; there are {names}") from None


def shipped(run: Path) -> bool:
    """Whether a run folder is one of those that come with the package: nothing is written into it."""
    return run.resolve().parent == ZOO
