"""``rldbs remove`` on the command line: it shows what would go, asks, and removes. Heavy imports are inside."""

import sys
from typing import Annotated

import typer

from rldbs.commands import completion

Removed = Annotated[
    list[str],
    typer.Argument(
        metavar="RUN…",
        help="Runs: a path, a name, or the beginning of a name that fits no other.",
        autocompletion=completion.complete_removable,
        show_default=False,
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def remove(runs: Removed, yes: Yes = False) -> None:
    """Remove run folders with all that is in them, for good. It asks before.

    \b
    Examples:
      rldbs remove hr-ppo/20260101-120000-s0-1a2b
      rldbs remove runs/hr-ppo/20260101-120000-s0-1a2b --yes

    A run that is at work stays, and so does whatever is no run folder. Where one of the
    named ones must stay, none is removed.
    """
    from rldbs.core.errors import SettingError, visible
    from rldbs.process.plurals import counted
    from rldbs.process.terminal import show, show_table
    from rldbs.runs.remove_runs import removable, remove_runs

    found = removable(runs)
    rows = [[one.run.name, one.run.status, str(one.files), f"{one.size / 1e6:.1f} MB"] for one in found]
    show_table("to be removed", ("run", "status", "files", "size"), rows)
    if not yes:
        if not sys.stdin.isatty():
            raise SettingError("rldbs remove: there is no terminal to ask on; --yes removes without asking")
        sys.stdout.write(f"Remove {counted(len(found), 'run')} for good? [y/N] ")
        sys.stdout.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            show("Nothing was removed")
            return
    remove_runs(found)
    for one in found:
        show(f"removed  {visible(str(one.run.folder))}")
