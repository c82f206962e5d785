"""What a shell takes as text: words that need no quotes, meanings beside them, and commands to be typed.

bash, zsh and fish are meant. Names come from folders and files that may be a stranger's.
"""

import re
import shlex
from pathlib import Path

MARKS = "._-/=,:+@"
"""Characters beside letters and digits that mean nothing to a shell within a word."""
BRACKETS = "[]"
"""Patterns of file names to bash and zsh."""
SPOKEN = " .,;:()+-/=_@·–−×²→…’"
"""Characters beside letters and digits that may stand in an explanation."""
MOST_PLAIN = 400
"""Characters of a word that is worth offering."""


def is_plain(text: str) -> bool:
    """Whether every shell takes a word as text, but for brackets, which :func:`bash_word` and the shells quote.

    Example:
        >>> is_plain("hr-ppo/seed=0,1"), is_plain("$(date)")
        (True, False)
    """
    first = text[:1]
    return (
        (first.isalnum() or first in ("_", ".", "/"))
        and "==" not in text  # zsh may take =NAME for the path of a command
        and len(text) <= MOST_PLAIN
        and all(character.isalnum() or character in MARKS + BRACKETS for character in text)
    )


def bash_word(text: str) -> str:
    """A plain word as bash needs it, which takes what it is offered as it stands; zsh and fish quote it themselves."""
    return re.sub(r"[\[\]]", r"\\\g<0>", text)


def spoken(text: str) -> str:
    """An explanation without what a shell, or a terminal, would take for something else than text.

    Example:
        >>> spoken("the model's own, in [0, 1]")
        'the model’s own, in (0, 1)'
    """
    told = text.translate(str.maketrans("'[]\t\n", "’()  "))
    return "".join(character for character in told if character.isalnum() or character in SPOKEN)


def to_type(*words: object) -> str:
    """The command ``rldbs`` with these words, as it is to be typed, whatever is in them.

    Example:
        >>> to_type("resume", Path("my runs/first"))
        "rldbs resume 'my runs/first'"
    """
    return " ".join(["rldbs", *(quoted(_named(word) if isinstance(word, Path) else str(word)) for word in words)])


def quoted(text: str) -> str:
    """A word as it is to be typed: in quotes, where a shell would not take it as text.

    Example:
        >>> quoted("seed=range(8)")
        "'seed=range(8)'"
    """
    return f"'{text}'" if text.startswith("=") and shlex.quote(text) == text else shlex.quote(text)


def _named(path: Path) -> str:
    """A path that is taken for one: not for an option, nor for a word with a meaning of its own."""
    text = str(path)
    return f"./{text}" if text.startswith(("-", "zoo:")) or text == "last" else text
