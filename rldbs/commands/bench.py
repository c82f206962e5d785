"""The arguments of ``rldbs bench``, read and carried out."""

from collections.abc import Sequence
from pathlib import Path

from rldbs.config.composition import compose
from rldbs.config.schema import train_settings
from rldbs.experiment.command_settings import TrainSettings
from rldbs.files.user_file import NamedFile, clear_output


def bench_settings(overrides: Sequence[str], directory: Path | None) -> tuple[TrainSettings, NamedFile | None]:
    """The training run whose parts are timed, and where the numbers are also written, or None.

    Raises:
        SettingError: an override is not allowed.
    """
    config = dict(compose("bench", overrides, directory))
    path = config.pop("json")
    return train_settings(config), None if path is None else NamedFile.given(str(path), "json")


def bench_all(overrides: Sequence[str], directory: Path | None) -> None:
    """Time the parts of a training run with these settings.

    Raises:
        SettingError: an override is not allowed.
    """
    settings, json_file = bench_settings(overrides, directory)
    from rldbs.bench.run_bench import bench

    with clear_output(json_file):
        bench(settings, json_file)
