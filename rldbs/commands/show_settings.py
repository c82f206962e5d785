"""``--show``: what a command would go by, and where each setting comes from. Nothing is done or written."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rldbs.commands.evaluate import FOLDER, TAKEN, evaluation
from rldbs.commands.tune import tuning
from rldbs.config.composition import compose_run
from rldbs.config.origins import LINE, Setting, composed_settings, place_of_file, recorded_settings
from rldbs.config.overrides import directories, value_text
from rldbs.config.recorded_sections import recorded_sections
from rldbs.config.schema import check_training, simulate_settings
from rldbs.config.settings_files import source
from rldbs.core.errors import SettingError
from rldbs.process.terminal import show, show_table
from rldbs.process.threads import with_threads
from rldbs.runs.find import find_run
from rldbs.runs.record import KEPT

Show = Callable[[Sequence[str], Path | None], list[Setting]]


def show_settings(command: str, overrides: Sequence[str], directory: Path | None, multirun: bool = False) -> None:
    """Show what a command would go by.

    Raises:
        SettingError: it would refuse an override; or many runs are asked for.
        RunError: a run that is named is not there.
    """
    if multirun:
        raise SettingError("--show: shows the settings of one run; leave out -m, and give each key one value")
    rows = SHOWN[command](overrides, directory)
    rows += [Setting(key, text, LINE) for key, _, text in (one.partition("=") for one in overrides) if key == FOLDER]
    show_table(f"rldbs {command}", ("key", "value", "from"), [[row.key, row.value, row.origin] for row in rows])
    show("--show: nothing was done")


def _train(overrides: Sequence[str], directory: Path | None) -> list[Setting]:
    config, _ = compose_run("train", overrides, directory)
    check_training(config, overrides, directory)
    return composed_settings("train", overrides, directory, with_threads(config))


def _simulate(overrides: Sequence[str], directory: Path | None) -> list[Setting]:
    config, _ = compose_run("simulate", overrides, directory)
    simulate_settings(config)
    return composed_settings("simulate", overrides, directory, with_threads(config))


def _tune(overrides: Sequence[str], directory: Path | None) -> list[Setting]:
    config = {key: value for key, value in tuning(overrides, directory).settings.config.items() if key != "overrides"}
    space = config.pop("space")
    assert isinstance(space, Mapping)
    given = {text.partition("=")[0] for text in overrides}
    single = [text for text in overrides if text.partition("=")[0] not in space]
    rows = {row.key: row for row in composed_settings("tune", single, directory, config)}
    file = source(f"space/{rows['agent'].value}", directories(directory))
    for key, text in space.items():
        where = LINE if key in given or file is None else place_of_file(file.place)
        rows[key] = Setting(key, str(text), f"is searched: {where}")
    return list(rows.values())


def _evaluate(overrides: Sequence[str], directory: Path | None) -> list[Setting]:
    settings, run, json_file = evaluation(overrides, directory)
    config = with_threads(settings.config)
    taken = {key: text for key, _, text in (one.partition("=") for one in overrides) if key in TAKEN}
    if run is None and "run" not in taken:
        rest = [text for text in overrides if text.partition("=")[0] not in taken]
        rows = composed_settings("evaluate", rest, directory, config)
    else:
        found = run or find_run(taken["run"])
        config["run"] = str(found)
        recorded = recorded_sections(found)
        own = [key for key in KEPT if run is not None or key != "agent"]
        rows = recorded_settings(overrides, config, {key: recorded[key] for key in own}, found)
    file = Setting("json", value_text(taken.get("json")), LINE)
    return [file if row.key == "json" and json_file is not None else row for row in rows]


SHOWN: Mapping[str, Show] = {"train": _train, "evaluate": _evaluate, "tune": _tune, "simulate": _simulate}
"""The commands whose settings can be shown."""
