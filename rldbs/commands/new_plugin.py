"""``rldbs new plugin``: a small package with a controller and a reward, whose tests pass as it stands."""

import keyword
import re
import sys
from collections.abc import Iterator
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from rldbs import __version__
from rldbs.config.groups import groups
from rldbs.core.errors import SettingError
from rldbs.files.folder import Folder

STARTER = Path(str(files("rldbs") / "starter" / "plugin"))
TEMPLATE = ".template"


def write_plugin(name: str) -> tuple[Path, list[str]]:
    """Write the package into a new folder of its name, here.

    Returns:
        The folder, and the files in it.

    Raises:
        SettingError: it is no name for a package, or is taken.
    """
    check_name(name)
    words = {
        "NAME": name,
        "PROJECT": f"rldbs-{name.replace('_', '-')}",
        "CLASS": "".join(part.capitalize() for part in name.split("_")),
        "VERSION": __version__,
    }
    place, written = Folder(Path.cwd()), []
    with place.whole_folder(name) as folder:
        for path, text in templates():
            inside = str(path).replace("NAME", name).removesuffix(TEMPLATE)
            file = folder.file(inside)
            file.folder.make()
            with file.whole() as out:
                out.write(re.sub(r"@([A-Z]+)@", lambda match: words[match[1]], text).encode())
            written.append(inside)
    return place.path / name, sorted(written)


def check_name(name: str) -> None:
    """Whether a package may be called so.

    Raises:
        SettingError: it may not.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or len(name) > 40 or keyword.iskeyword(name):
        raise SettingError(f"new plugin {name}: must be a name of small letters, digits and single _: my_feedback")
    options = groups()
    for group in ("agent", "reward", "space"):
        if name in options[group]:
            raise SettingError(f"new plugin {name}: there is {group}={name}; give it another name")
    if name in sys.stdlib_module_names or name == "tests" or find_spec(name) is not None:
        raise SettingError(f"new plugin {name}: Python has a module of that name; give it another name")
    if Folder(Path.cwd()).status(name) is not None:
        raise SettingError(f"new plugin {name}: there is {name} in this folder; go elsewhere, or give another name")


def templates() -> Iterator[tuple[Path, str]]:
    """The files of the package, each with its way from the folder and its text."""
    for path in sorted(STARTER.rglob(f"*{TEMPLATE}")):
        yield path.relative_to(STARTER), path.read_text(encoding="utf-8")
