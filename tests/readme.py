"""The parts of README.md that commands write: `python -m tests.readme benchmark FILE` puts a file into one."""

import sys
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"


def replace_block(name: str, text: str, path: Path = README) -> None:
    """Put ``text`` between the two markers that ``name`` has in a file.

    Raises:
        SystemExit: the file does not have them.
    """
    first, last = f"<!-- {name}: written by make {name} -->", f"<!-- end of {name} -->"
    before, begin, rest = path.read_text().partition(first)
    _, end, after = rest.partition(last)
    if not begin or not end:
        raise SystemExit(f"{path}: needs the lines {first} and {last}")
    path.write_text(f"{before}{first}\n\n{text.strip()}\n\n{last}{after}")


if __name__ == "__main__":
    replace_block(sys.argv[1], Path(sys.argv[2]).read_text())
