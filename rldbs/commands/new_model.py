"""``rldbs new model``: a file with the equations of neurons, or with a network of cells, which works as it stands."""

from importlib.resources import files
from pathlib import Path

from rldbs.config.groups import groups
from rldbs.config.own_model import NAME
from rldbs.core.errors import SettingError, visible
from rldbs.core.models import EVERY_MODEL
from rldbs.files.folder import Folder

BEGINNINGS = {
    kind: Path(str(files("rldbs") / "commands" / f"{name}_beginning.yaml"))
    for kind, name in (("neurons", "model"), ("cells", "network"))
}
"""FitzHugh–Nagumo neurons; STN and GPe of Morris–Lecar cells."""


def write_model(name: str, directory: Path, kind: str = "neurons") -> Path:
    """Write the file of a model, one of ``BEGINNINGS``, into a directory with groups of the user's own.

    Returns:
        The file.

    Raises:
        SettingError: it is no name for a model, or is taken.
    """
    if not NAME.fullmatch(name):
        raise SettingError(f"new model {visible(name)}: must be a name of letters, digits and _, such as my_neurons")
    if name in (*groups()["model"], *EVERY_MODEL):
        raise SettingError(f"new model {name}: there is model={name}; give it another name")
    if directory.exists() and not directory.is_dir():
        raise SettingError(f"--config-dir {directory}: is not a directory")
    folder = Folder(directory / "model")
    file = folder.file(f"{name}.yaml")
    if folder.status(file.name) is not None:
        raise SettingError(f"new model {name}: there is {file} already; give another name, or remove it")
    folder.make()
    text = BEGINNINGS[kind].read_text(encoding="utf-8").replace("@NAME@", name)
    with file.whole() as out:
        out.write(text.encode())
    return directory / "model" / file.name
