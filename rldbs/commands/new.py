"""``rldbs new`` on the command line: its words and its help. Everything heavy is imported inside."""

from pathlib import Path
from typing import Annotated

import typer

KINDS = ("model",)
"""What can be begun."""

Begun = Annotated[
    str,
    typer.Argument(
        metavar="WHAT",
        help="model: neurons from equations.",
        autocompletion=lambda incomplete: [kind for kind in KINDS if kind.startswith(incomplete)],
        show_default=False,
    ),
]
Called = Annotated[str, typer.Argument(metavar="NAME", help="What it is called.", show_default=False)]
Into = Annotated[
    Path,
    typer.Option("--config-dir", metavar="DIR", help="model: directory with groups and options of your own."),
]


def new(what: Begun, name: Called, config_dir: Into = Path("own")) -> None:
    """Write a commented beginning of something of your own, which works as it stands.

    \b
    Examples:
      rldbs new model mine
      rldbs new model mine --config-dir DIR

    model writes DIR/model/NAME.yaml: equations, constants and what else neurons need, to be
    used as model=NAME with --config-dir DIR. More: rldbs guide own_models
    """
    from rldbs.core.errors import SettingError
    from rldbs.process.shell import to_type
    from rldbs.process.terminal import show

    if what not in KINDS:
        raise SettingError(f"new {what}: there is nothing of that kind; there are {', '.join(KINDS)}")
    from rldbs.commands.new_model import write_model

    path = write_model(name, config_dir)
    show(f"{path}\nNext: {to_type('simulate', f'model={name}', '--config-dir', config_dir, 'calibrate=true')}")
