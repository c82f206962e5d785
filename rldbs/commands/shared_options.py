"""What several commands share: their arguments and options, and what their help says of settings."""

import inspect
from pathlib import Path
from typing import Annotated

import typer

from rldbs.commands import completion
from rldbs.process.terminal import show

SHARED = """Settings, and their defaults:
  seed=0           draws the populations and whatever else is random
  threads=null     threads, 2 where there are the cores; changes no result
  model=bvdp       the neurons; then model.neurons, model.coupling, …"""

CONTROLLED = """
  stimulus=delta   how an action becomes kicks; then stimulus.amplitude, …
  recording=window what the controller sees; then recording.length, …
  reward=deviation what a step is worth; then reward.beta, …"""

MORE = """

All settings: rldbs list keys. All options: rldbs list."""


def _show_version(wanted: bool) -> None:
    if wanted:
        from rldbs import __version__

        show(f"rldbs {__version__}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", help="Show the version and exit.", is_eager=True, callback=_show_version)
]
Overrides = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="KEY=VALUE",
        help="Settings: model=hr, model.neurons=500, …",
        autocompletion=completion.complete,
        show_default=False,
    ),
]
ConfigDir = Annotated[
    Path | None,
    typer.Option(
        "--config-dir", metavar="DIR", help="Directory with groups and options of your own.", show_default=False
    ),
]
OWN_WORDS = {"ignore_unknown_options": True}
"""Leaves --agent=ppo to our own message, which says how it is written."""


TrainMany = Annotated[
    bool, typer.Option("-m", "--multirun", help="Train once for every combination of the given values.")
]
Resumed = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="A run, sweep or curves: a path, the beginning of a name, or last: the newest not at its end.",
        autocompletion=completion.complete_unfinished,
        show_default=False,
    ),
]
Larger = Annotated[
    list[str] | None,
    typer.Argument(metavar="KEY=VALUE", help="steps=N, a larger budget; tune.trials=N; threads=N.", show_default=False),
]
MeasureMany = Annotated[
    bool, typer.Option("-m", "--multirun", help="Measure every combination of the given values: response curves.")
]
Show = Annotated[bool, typer.Option("--show", help="Show the settings and where each comes from, and do nothing.")]
Compared = Annotated[
    list[str],
    typer.Argument(
        metavar="RUN|KEY=VALUE",
        help="Runs, and sweep=, name=, reference=, folder=, markdown=, csv=, json=, html=, bom=.",
        autocompletion=completion.complete_compare,
        show_default=False,
    ),
]
Listed = Annotated[
    str | None,
    typer.Argument(
        metavar="WHAT",
        help="Which list; without it, an overview.",
        autocompletion=completion.complete_list,
        show_default=False,
    ),
]
Narrowed = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="KEY=VALUE",
        help="Of keys: the choices, as model=hr; of runs: tag=, status=, model=, agent=, command=.",
        autocompletion=completion.complete_narrowed,
        show_default=False,
    ),
]
Topic = Annotated[
    str | None,
    typer.Argument(
        metavar="TOPIC",
        help="A topic of the handbook; without it, the list of them.",
        autocompletion=completion.complete_guide,
        show_default=False,
    ),
]


def flowing(text: str) -> str:
    """Help whose paragraphs fill the lines of any terminal; those that begin with ``\\b`` keep their own."""
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(
        part.removeprefix("\b\n") if part.startswith("\b\n") else " ".join(part.split()) for part in paragraphs
    )
