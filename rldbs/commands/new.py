"""``rldbs new`` on the command line: its words and its help. Everything heavy is imported inside."""

from pathlib import Path
from typing import Annotated

import typer

KINDS = ("model", "plugin")
"""What can be begun."""
MODELS = ("neurons", "cells")
"""Of what a model can be."""

Begun = Annotated[
    str,
    typer.Argument(
        metavar="WHAT",
        help="model: neurons or a network of cells from equations; plugin: a package with a controller and a reward.",
        autocompletion=lambda incomplete: [kind for kind in KINDS if kind.startswith(incomplete)],
        show_default=False,
    ),
]
Called = Annotated[str, typer.Argument(metavar="NAME", help="What it is called.", show_default=False)]
Into = Annotated[
    Path | None,
    typer.Option("--config-dir", metavar="DIR", help="model: directory with options of your own, or own/."),
]
Kind = Annotated[
    str | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="model: neurons, coupled through their mean field, the default; or cells, in a network.",
        autocompletion=lambda incomplete: [kind for kind in MODELS if kind.startswith(incomplete)],
    ),
]


def new(what: Begun, name: Called, config_dir: Into = None, kind: Kind = None) -> None:
    """Write a commented beginning of something of your own, which works as it stands.

    \b
    Examples:
      rldbs new model mine
      rldbs new model mine --config-dir DIR
      rldbs new model mine --kind cells
      rldbs new plugin my_feedback

    model writes DIR/model/NAME.yaml: equations, constants and what else neurons need, to be
    used as model=NAME with --config-dir DIR. More: rldbs guide own_models; of networks of
    cells, with --kind cells: rldbs guide own_networks

    plugin writes a package into a new folder NAME: a controller and a reward, their settings,
    their tests, and the entry points by which rldbs finds them once it is installed. More:
    rldbs guide extending
    """
    from rldbs.core.errors import SettingError, visible
    from rldbs.process.shell import quoted, to_type
    from rldbs.process.terminal import show

    if what not in KINDS:
        raise SettingError(f"new {what}: there is nothing of that kind; there are {', '.join(KINDS)}")
    if kind is not None and kind not in MODELS:
        raise SettingError(f"--kind {visible(kind)}: must be {' or '.join(MODELS)}")
    if what == "model":
        from rldbs.commands.new_model import write_model

        place = config_dir or Path("own")
        path = write_model(name, place, kind or MODELS[0])
        measured = ["calibrate=true"] if kind != MODELS[1] else []
        show(f"{path}\nNext: {to_type('simulate', f'model={name}', '--config-dir', place, *measured)}")
        return
    if kind is not None:
        raise SettingError(f"--kind {kind}: is of models; a plug-in has none, leave it out")
    if config_dir is not None:
        raise SettingError(f"--config-dir {config_dir}: a plug-in is a package, in a folder of its own; leave it out")
    from rldbs.commands.new_plugin import write_plugin

    folder, files = write_plugin(name)
    show("\n".join([visible(str(folder)), *(f"  {file}" for file in files), ""]))
    tried = to_type("evaluate", f"agent={name}")
    show(f"Next: cd {quoted(name)}; pip install --editable '.[test]'; pytest; {tried}")
