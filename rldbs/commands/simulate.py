"""The arguments of ``rldbs simulate``, read and carried out."""

from collections.abc import Sequence
from pathlib import Path

from rldbs.config.composition import compose_run
from rldbs.config.schema import simulate_settings
from rldbs.runs.new_folder import run_folder


def simulate_one(overrides: Sequence[str], directory: Path | None) -> None:
    """Look at a free population.

    Raises:
        SettingError: an override is not allowed.
        RunError: the folder that ``hydra.run.dir`` names is in use.
    """
    config, named = compose_run("simulate", overrides, directory)
    settings = simulate_settings(config)
    with run_folder(named, settings.model.name, "free", settings.seed) as folder:
        from rldbs.experiment.simulate import simulate

        simulate(settings, folder)
