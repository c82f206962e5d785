"""The arguments of ``rldbs evaluate -m``: response curves, or a stress test, new or to be gone on with."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rldbs.commands.curve_axes import curve_request
from rldbs.commands.curve_points import curve_settings
from rldbs.commands.resumed_curves import resumed_curves
from rldbs.commands.stress import stress_settings
from rldbs.experiment.command_settings import CurveSettings, StressSettings
from rldbs.files.user_file import NamedFile, clear_output
from rldbs.runs.new_folder import kept_if_filled, new_folder
from rldbs.runs.places import CURVES


def measure_curves(overrides: Sequence[str], directory: Path | None) -> None:
    """Measure response curves, or a stress test.

    Raises:
        SettingError: an override is not allowed.
        RunError: there is no such run, it does not fit, or the folder that ``hydra.sweep.dir`` names is in use.
        DivergedError: points are missing; all others are measured.
        Stopped: a signal came; points that are done are kept, and the same command goes on.
    """
    request = curve_request(overrides, directory)
    if request.stress is None:
        _measure(curve_settings(request, directory), request.folder, request.json_file)
    else:
        _measure(stress_settings(request, directory), request.folder, request.json_file)


def resume_curves(folder: Path, overrides: Sequence[str]) -> None:
    """Go on with the response curves, or the stress test, of a folder.

    Raises:
        SettingError: an override would change what they are.
        RunError: the files of the folder are not those of curves.
    """
    _measure(resumed_curves(folder, overrides), folder, None)


def _measure(settings: CurveSettings | StressSettings, named: Path | None, json_file: NamedFile | None) -> None:
    """Measure what is not measured yet of response curves, or of a stress test."""
    from rldbs.curves.curve import check_curves, measure_curves
    from rldbs.curves.stress_test import measure_stresses

    if isinstance(settings, CurveSettings):
        check_curves(settings.points)
        with _curve_folder(named, settings) as folder, clear_output(json_file):
            measure_curves(settings, folder, json_file)
    else:
        check_curves(list({point.line: point for point in settings.points}.values()))  # a stress changes no shape
        with _curve_folder(named, settings) as folder, clear_output(json_file):
            measure_stresses(settings, folder, json_file)


@contextmanager
def _curve_folder(named: Path | None, settings: CurveSettings | StressSettings) -> Iterator[Path]:
    """The folder of curves: a new one, or that in which the same ones have begun."""
    from rldbs.curves.curve_folder import named_folder, unfinished_folder

    if named is None:
        folder = unfinished_folder(settings) or new_folder(CURVES, settings.points[0].settings.seed)
    else:
        folder = named_folder(named, settings)
    with kept_if_filled(folder):
        yield folder
