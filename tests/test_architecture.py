"""Which room may import which, and that names, sizes and docstrings are those of a house one finds one's way in."""

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "rldbs"

TABLE = """
core          -
files         core
process       core
control       files core
analysis      files core
envs          analysis control core
agents        envs control core
runs          analysis files process core
trackers      runs analysis files process core
experiment    trackers runs agents analysis control files process core
config        experiment trackers runs agents control files process core
tune          config experiment runs agents analysis control files process core
curves        experiment runs analysis files process core
compare       experiment runs agents analysis control files process core
bench         experiment runs agents envs control files process core
sweep         config experiment runs analysis files process core
export        experiment runs agents analysis control files process core
commands      export tune curves compare bench sweep config experiment runs agents analysis control files process core
benchmark     commands compare config experiment runs agents analysis files process core
environments  config envs control
scripting     environments commands tune curves compare sweep config \
              experiment runs agents envs analysis control files process core
cli           benchmark commands sweep process core
__main__      cli
"""
"""A room, and those that it may import: always rooms above it in this table, so that no circle is possible."""
MAY = {room: set(others) - {"-"} for room, *others in (line.split() for line in TABLE.strip().splitlines())}
LIBRARIES = {
    "core": {"annotated_types", "cffi", "numpy", "platformdirs"},
    "files": {"yaml"},
    "control": {"annotated_types", "numpy", "scipy"},
    "analysis": {"matplotlib", "numpy", "PIL", "scipy"},
}
"""Libraries of others that the lowest rooms may import."""
ELSEWHERE = {"data", "ray", "shells", "slurm", "speed", "strangers", "torture"}
"""Folders of tests that are about no single room."""
LONGEST = 300
"""Lines of a file."""

MODULES = sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    """The whole names of all that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_no_room_is_imported_by_one_below_it():
    seen: set[str] = set()
    for room, others in MAY.items():
        assert others <= seen, f"{room} stands above {others - seen}"
        seen.add(room)
    assert seen == {name_of(path).partition(".")[0] for path in MODULES} - {"__init__"}


def test_modules_import_what_their_rooms_may():
    wrong = []
    for path in MODULES:
        room = name_of(path).partition(".")[0]
        found = list(imports(path))
        rooms = {name.split(".")[1] for name in found if name.startswith("rldbs.")} - {room, "__version__"}
        if room != "__init__" and not rooms <= MAY[room]:
            wrong.append(f"{name_of(path)}: {room} may import {', '.join(sorted(MAY[room])) or 'no room'}")
        others = {name.partition(".")[0] for name in found} - sys.stdlib_module_names - {"rldbs"}
        if room in LIBRARIES and not others <= LIBRARIES[room]:
            wrong.append(f"{name_of(path)}: {room} may import {', '.join(sorted(LIBRARIES[room]))}")
    assert wrong == []


def test_modules_say_what_stands_there_and_are_not_too_long():
    wrong = []
    for path in MODULES:
        text = path.read_text()
        if not ast.get_docstring(ast.parse(text)):
            wrong.append(f"{name_of(path)}: a docstring says in a sentence or two what stands there and why")
        if text.count("\n") > LONGEST:
            wrong.append(f"{name_of(path)}: has more than {LONGEST} lines")
    assert wrong == []


def test_a_name_stands_once():
    """But for the words of a command, in ``commands``, and the room or module that does what they mean."""
    names = Counter(name_of(path).rpartition(".")[2] for path in MODULES if not name_of(path).startswith("commands."))
    assert [name for name, count in names.items() if count > 1] == []


def test_tests_stand_where_the_code_does():
    folders = {path.parent.relative_to(ROOT / "tests").as_posix() for path in (ROOT / "tests").rglob("*.py")}
    rooms = {folder for folder in folders if folder.partition("/")[0] not in ELSEWHERE}
    assert {folder for folder in rooms if not (PACKAGE / folder).is_dir()} == set()
