"""The arguments of ``rldbs train``, without ``-m``: one training run."""

from collections.abc import Sequence
from pathlib import Path

from rldbs.config.composition import compose_run
from rldbs.config.schema import check_training, train_settings
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
    with run_folder(named, settings.loop.model.name, config["agent"]["name"], settings.seed) as folder:
        from rldbs.experiment.train import train

        train(settings, folder)
