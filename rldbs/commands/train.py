"""The arguments of ``rldbs train``, without ``-m``: one training run."""

from collections.abc import Sequence
from pathlib import Path

from rldbs.config.composition import compose_run
from rldbs.config.schema import check_training, train_settings
from rldbs.control.episode_start import FreeStart
from rldbs.process.meanwhile import meanwhile
from rldbs.runs.new_folder import run_folder


def train_one(overrides: Sequence[str], directory: Path | None) -> None:
    """Train once.

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

        train(settings, folder)
