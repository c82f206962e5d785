"""The arguments of ``rldbs export`` for a recording: of which run and measurement, and how it is written."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from rldbs.analysis.free_recording import FreeRecording
from rldbs.analysis.trajectory import Trajectory
from rldbs.config.model_sections import model_settings
from rldbs.core.errors import RunError, SettingError
from rldbs.core.models import NeuronModel
from rldbs.export.exported_recording import ExportedRecording
from rldbs.export.write_recording import RecordingRequest, write_recording
from rldbs.files.file import File
from rldbs.files.folder import Folder
from rldbs.files.untrusted_text import UnreadableError, plain_yaml, read_text
from rldbs.runs.find import RECORDED, Run, find_run, read_run
from rldbs.runs.json_fields import FINAL
from rldbs.runs.places import EVALUATION, FREE
from rldbs.runs.record import later_settings

OWN = ("run", "format", "evaluation", "folder", "name", "bom")
BOM = {"true": True, "false": False}
RECORDING = "trajectory.npz"


def export_recording(given: Mapping[str, str], rest: Sequence[str]) -> None:
    """Write what a run has recorded for other programs.

    Args:
        given: values of the settings that it has.
        rest: overrides beside them, of which there may be none.

    Raises:
        RunError: there is no such run, it has no such recording, or that cannot be read.
        SettingError: a setting is unknown, or has a value that is not allowed.
    """
    if rest:
        raise SettingError(f"{rest[0]}: a recording stands as it is\nSettings are {', '.join(OWN)}")
    for key in ("folder", "name", "evaluation"):
        if key in given and not given[key].strip():
            raise SettingError(f"{key}=: must name something")
    if given.get("bom", "false") not in BOM:
        raise SettingError(f"bom={given['bom']}: must be true or false")
    place = Path(os.path.expanduser(given["folder"])) if "folder" in given else None
    request = RecordingRequest(given["format"], place, given.get("name"), BOM[given.get("bom", "false")])
    named = given.get("run", "last")
    run = read_run(find_run(named, wanted=RECORDED))
    if not run.recorded:
        raise RunError(f"run={named}: has no recording; rldbs evaluate makes one")
    free = not run.evaluations
    if free and "evaluation" in given:
        raise SettingError(f"evaluation={given['evaluation']}: {run.name} was not measured; it shows free populations")
    recording, words = _simulation(run) if free else _evaluation(run, _measurement(run, given.get("evaluation")))
    write_recording(recording, request, recording.title.replace(" on ", "_"), words)


def _measurement(run: Run, named: str | None) -> str:
    """Which measurement of a run is meant: the named one, that at its end, or the only one.

    Raises:
        SettingError: that is not told.
    """
    names = run.evaluations
    name = named or (FINAL if FINAL in names else names[0] if len(names) == 1 else None)
    if name not in names:
        raise SettingError(f"evaluation={named or 'NAME'}: say which, {run.name} has {', '.join(names)}")
    return name


def _evaluation(run: Run, name: str) -> tuple[ExportedRecording, str]:
    folder = Folder(run.folder) / EVALUATION / name
    model, config, words = _model(folder if folder.has("config.yaml") else Folder(run.folder))
    agent = config.get("agent")
    title = f"{agent.get('name') if isinstance(agent, Mapping) else 'agent'} on {model.name}"
    file = folder.file(RECORDING)
    try:
        recorded = ExportedRecording.of_evaluation(Trajectory.load(file), model, title, f"{run.name}/{name}", run.began)
    except (OSError, ValueError) as error:
        raise _unreadable(file, error) from None
    return recorded, words


def _simulation(run: Run) -> tuple[ExportedRecording, str]:
    folder = Folder(run.folder)
    model, _, words = _model(folder)
    file = folder.file(FREE)
    try:
        free = FreeRecording.load(file)
        recorded = ExportedRecording.of_simulation(free, model, f"free on {model.name}", run.name, run.began)
    except (OSError, ValueError) as error:
        raise _unreadable(file, error) from None
    return recorded, words


def _model(folder: Folder) -> tuple[NeuronModel, Mapping[str, object], str]:
    """The model of a run, its configuration, and the text of that.

    Raises:
        RunError: it cannot be read, or is none.
    """
    file = folder.file("config.yaml")
    try:
        text = read_text(file)
        config = plain_yaml(text)
        if not isinstance(config, dict):
            raise UnreadableError("must hold keys with values")
        return model_settings(later_settings(config)).model, config, text
    except (UnreadableError, SettingError) as error:
        raise RunError(f"{file}: {error}") from None


def _unreadable(file: File, error: Exception) -> RunError:
    told = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    return RunError(told if str(file) in told else f"{file}: {told}")
