"""The arguments of ``rldbs train``, without ``-m``: one training run."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rldbs.config.composition import compose_run
from rldbs.config.schema import check_training, train_settings
from rldbs.control.episode_start import FreeStart
from rldbs.process.meanwhile import meanwhile
from rldbs.runs.new_folder import run_folder

if TYPE_CHECKING:
    from rich.console import Console


def train_one(overrides: Sequence[str], directory: Path | None, console: "Console | None" = None) -> Path:
    """Train once.

    Args:
        overrides: ``KEY=VALUE``.
        directory: a directory with groups and options of the user's own.
        console: where progress and the table are shown, by default the standard output.

    Returns:
        The run folder.

    Raises:
        SettingError: an override is not allowed.
        RunError: the folder that ``hydra.run.dir`` names is in use.
    """
    config, named = compose_run("train", overrides, directory)
    check_training(config, overrides, directory)
    settings = train_settings(config)
    loop = settings.loop

    def prepare() -> None:
        if isinstance(loop.start, FreeStart):  # nothing but calculations
            loop.start.bank(loop.model, loop.coupling, loop.memory, settings.threads)

    with run_folder(named, loop.model.name, config["agent"]["name"], settings.seed) as folder:
        with meanwhile(prepare):  # loading torch takes as long
            from rldbs.experiment.train import train

        train(settings, folder, console)
        return folder
