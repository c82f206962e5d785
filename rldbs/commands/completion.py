"""Tab completion of ``KEY=VALUE``: groups, their options, settings and runs. Imports nothing heavy."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from rldbs.commands.export_words import EXPORT, FORMATS, MEASURED
from rldbs.commands.offered_words import COMPARE, HYDRA, LAUNCHERS, LISTS, OF_RUNS
from rldbs.core.errors import SettingError
from rldbs.process.shell import bash_word, is_plain, spoken

if TYPE_CHECKING:
    from rldbs.config.groups import Key

Candidate = tuple[str, str]
"""What may stand on the line, and what it means."""

MEANING = 60
"""Longest explanation beside a candidate: it has to fit on a line."""


def complete(ctx: typer.Context, incomplete: str) -> list[Candidate]:
    """Candidates for the ``KEY=VALUE`` that is being typed; Typer calls this."""
    before, word = _words(list(ctx.params.get("overrides") or ()), incomplete)
    directory = ctx.params.get("config_dir")
    directories = (Path(directory),) if directory and os.path.isdir(directory) else ()
    try:
        found = candidates(str(ctx.info_name), before, word, directories)
        if _shell() in ("bash", "zsh") and len(found) == 1 and found[0][0].endswith("="):
            # A second candidate keeps these shells from adding a space, and shows what may follow.
            found += candidates(str(ctx.info_name), before, found[0][0], directories) or [(f"{found[0][0]}…", "")]
    except (SettingError, OSError):  # a file of the user's cannot be read; the command itself will say so
        return []
    return _offered(found, word, incomplete)


def complete_unfinished(incomplete: str) -> list[Candidate]:
    """Candidates for ``rldbs resume``."""
    from rldbs.runs.find import list_runs

    _, word = _words([], incomplete)
    runs = [run for run in list_runs() if run.unfinished]
    found = [("last", runs[0].name), *((run.name, run.status) for run in runs)] if runs else []
    return _offered([*found, *((f"sweeps/{name}", meaning) for name, meaning in _sweeps())], word, incomplete)


def complete_removable(incomplete: str) -> list[Candidate]:
    """Candidates for ``rldbs remove``: runs that are not at work."""
    from rldbs.runs.find import list_runs

    _, word = _words([], incomplete)
    return _offered([(run.name, run.status) for run in list_runs() if run.status != "running"], word, incomplete)


def complete_compare(incomplete: str) -> list[Candidate]:
    """Candidates for ``rldbs compare``: runs, the folders that they are in, and its settings."""
    from rldbs.runs.find import list_runs

    _, word = _words([], incomplete)
    if word.startswith("sweep="):
        every = [("last", "the newest"), *_sweeps()]
        return _offered([(f"sweep={name}", meaning) for name, meaning in every], word, incomplete)
    runs = list_runs()
    found = [("last", runs[0].name)] if runs else []
    found += [(parent, "all its runs") for parent in sorted({run.name.rpartition("/")[0] for run in runs} - {""})]
    found += [(run.name, run.status) for run in runs] + [(f"{key}=", meaning) for key, meaning in COMPARE.items()]
    return _offered(found, word, incomplete)


def complete_list(incomplete: str) -> list[str]:
    """Candidates for ``rldbs list``."""
    return [name for name in LISTS if name.startswith(incomplete)]


def complete_narrowed(ctx: typer.Context, incomplete: str) -> list[Candidate]:
    """Candidates for what narrows a list: the options of groups."""
    what = ctx.params.get("what")
    if what not in ("keys", "runs"):
        return []
    from rldbs.config.groups import command_groups

    before, word = _words(list(ctx.params.get("words") or ()), incomplete)
    if what == "runs":
        return _offered(_of_runs(word), word, incomplete)
    chosen = [text for text in before if "=" in text]  # bash gives the name of the list, too
    known = command_groups("train")
    found = candidates("train", chosen, word)
    return _offered([one for one in found if one[0].partition("=")[0] in known], word, incomplete)


def _of_runs(word: str) -> list[Candidate]:
    """What narrows the list of runs, with the values that there are."""
    from rldbs.runs.find import list_runs

    if "=" not in word:
        return [(f"{key}=", told) for key, told in OF_RUNS.items()]
    key = word.partition("=")[0]
    runs = list_runs() if key in OF_RUNS else []
    values = [tag for run in runs for tag in run.meta.get("tags", ())] if key == "tag" else []
    values += [run.status if key == "status" else str(run.meta.get(key, "")) for run in runs if key != "tag"]
    return [(f"{key}={value}", "") for value in dict.fromkeys(values) if value]


def complete_guide(incomplete: str) -> list[tuple[str, str]]:
    """Candidates for ``rldbs guide``."""
    from rldbs.commands.guide import topics

    return [(name, _short(spoken(told))) for name, told in topics().items() if name.startswith(incomplete)]


def candidates(command: str, before: Sequence[str], word: str, directories: Sequence[Path] = ()) -> list[Candidate]:
    """What ``word`` may become.

    Args:
        command: the command on the line.
        before: the complete words before it: their choices decide which settings there are.
        word: what has been typed of the word.
        directories: directories with the user's own groups.

    Returns:
        Whole words (``model=hr``), or the beginning of one up to the ``=`` (``model.neurons=``).
    """
    from rldbs.config.groups import command_groups, groups, keys

    if command == "export":
        return _of_export(before, word, directories)
    options = command_groups(command, directories)
    pairs = [text.partition("=") for text in before]
    settings = keys(command, {key: value for key, _, value in pairs if key in options}, directories)
    model = str(settings["model.name"].default)
    for group in options:
        settings.pop(f"{group}.name", None)
    key, equals, value = word.partition("=")
    if equals:
        head, comma, value = value.rpartition(",")
        prefix = f"{key}={head}{comma}"
        values = _values(command, key, options, settings, model, directories)
        return [(f"{prefix}{text}", meaning) for text, meaning in values if text.startswith(value)]
    found = [(f"{group}=", ", ".join(options[group])) for group in options]
    found += [
        (f"{name}=", setting.comment)
        for name, setting in settings.items()
        if name.partition(".")[0] not in options or key.startswith(name.partition(".")[0])
    ]
    if command == "evaluate":
        found.append(("stress=", "with -m: curves under " + ", ".join(groups()["stress"])))
    if key.startswith("hydra"):
        found += [(f"{name}=", meaning) for name, meaning in HYDRA.get(command, {}).items()]
    return [(text, meaning) for text, meaning in found if text.startswith(key)]


def _of_export(before: Sequence[str], word: str, directories: Sequence[Path]) -> list[Candidate]:
    """Its own settings, and those of a measurement that it has, too."""
    own = [(f"format={name}", told) for name, told in FORMATS.items()] if word.startswith("format=") else []
    own += [(f"{name}=", told) for name, told in EXPORT.items() if "=" not in word]
    others = candidates("evaluate", before, word, directories)
    shared = [(text, told) for text, told in others if text.partition("=")[0].partition(".")[0] not in MEASURED]
    return [*((text, told) for text, told in own if text.startswith(word)), *shared]


def _shell() -> str:
    """The shell that asks."""
    return os.environ.get("_RLDBS_COMPLETE", "").removeprefix("complete_")


def _words(before: list[str], incomplete: str) -> tuple[list[str], str]:
    """The complete words, and the one that is being typed."""
    return _bash_words() if _shell() == "bash" else (before, incomplete)


def _offered(found: Iterable[Candidate], word: str, incomplete: str) -> list[Candidate]:
    """The candidates that begin with the word, as a shell may have them.

    Shells run what is in a word, some of them at once: names that are not plain are left out.

    Args:
        found: all of them.
        word: the word that is being typed.
        incomplete: what the shell takes for it: in bash, the part after the last ``=`` or ``:``.
    """
    cut = len(word) - len(incomplete)
    fits = [(text, meaning) for text, meaning in found if text.startswith(word) and is_plain(text)]
    if _shell() == "bash":
        return [(bash_word(text[cut:]), "") for text, _ in fits]
    return [(text[cut:], _short(spoken(meaning))) for text, meaning in fits]


def _short(meaning: str) -> str:
    sentence = meaning.split(". ")[0].rstrip(".")
    return sentence if len(sentence) <= MEANING else f"{sentence[: MEANING - 1]}…"


def _values(
    command: str,
    key: str,
    options: Mapping[str, Sequence[str]],
    settings: Mapping[str, "Key"],
    chosen_model: str,
    directories: Sequence[Path],
) -> Iterable[Candidate]:
    if key in options:
        return [(option, _title(key, option, directories)) for option in options[key]]
    if key == "stress" and command == "evaluate":
        from rldbs.config.groups import groups

        every = [(option, _title(key, option, directories)) for option in groups()[key]]
        return [*every, ("all", "a panel for each")]
    if key == "hydra/launcher":
        return list(LAUNCHERS.items())
    if key in ("run", "start.run"):
        return _runs()
    if key == "checkpoint":
        return [("best", "the best of the run"), ("last", "the last one")]
    if key == "recording.variable":
        from rldbs.core.models import EVERY_MODEL

        model = EVERY_MODEL.get(chosen_model)
        return [(variable.name, variable.meaning) for variable in model.variables] if model else []
    if key not in settings or settings[key].default is None:
        return []
    default = settings[key].default
    if isinstance(default, bool):
        return [("true", settings[key].comment), ("false", "")]
    text = "[" + ",".join(map(str, default)) + "]" if isinstance(default, list) else str(default)
    return [] if "$" in text else [(text, "the default")]


def _runs() -> list[Candidate]:
    from rldbs.runs.find import list_runs
    from rldbs.runs.zoo import PREFIX, zoo

    runs = [run for run in list_runs() if run.trained]
    found = [("last", runs[0].name), *((run.name, run.status) for run in runs)] if runs else []
    return [*found, *((f"{PREFIX}{name}", "comes with the package") for name in zoo())]


def _sweeps() -> list[Candidate]:
    """The sweeps by their ids, the one that was last given runs first; what is in them takes too long to read here."""
    from rldbs.runs.places import SWEEPS

    files = sorted(SWEEPS.glob("*/sweep.json"), key=lambda path: (path.lstat().st_mtime, path), reverse=True)
    return [(path.parent.name, "a sweep") for path in files]


def _title(group: str, option: str, directories: Sequence[Path]) -> str:
    from rldbs.config.settings_files import source

    try:
        file = source(f"{group}/{option}", directories)
    except SettingError:  # whoever chooses it will be told
        return ""
    return file.title if file else ""


def _bash_words() -> tuple[list[str], str]:
    """The words on bash's line, put together again where bash has split them at ``=`` and ``:``."""
    words = os.environ.get("COMP_WORDS", "").split("\n")[: int(os.environ.get("COMP_CWORD", "0")) + 1]
    joined: list[str] = []
    glue = False
    for word in words:
        separator = word != "" and set(word) <= {"=", ":"}
        if joined and (glue or separator):
            joined[-1] += word
        else:
            joined.append(word)
        glue = separator
    return joined[2:-1], joined[-1] if len(joined) > 2 else ""
