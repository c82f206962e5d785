"""README.md and the handbook: what stands in them, and the parts that commands write.

``python -m tests.documents benchmark FILE`` puts a file into such a part.
"""

import re
import sys
from collections.abc import Collection
from pathlib import Path

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "rldbs" / "guide"
README = ROOT / "README.md"
DOCUMENTS = (README, *sorted(GUIDE.glob("*.md")))
WRITTEN = {
    "benchmark": GUIDE / "benchmark.md",
    "oscillators": GUIDE / "benchmark.md",
    "bench": GUIDE / "speed.md",
    "trained": README,
    "learners": GUIDE / "training.md",
    "classical": GUIDE / "classical.md",
    "identified": GUIDE / "identified.md",
    "experiments": GUIDE / "experiments.md",
    "noise": GUIDE / "experiments.md",
    "coupling": GUIDE / "experiments.md",
    "size": GUIDE / "experiments.md",
}
"""Where the parts stand that commands write."""
TARGETS = dict.fromkeys(("noise", "coupling", "size"), "experiments")
"""The targets of make that write parts of other names than their own."""


def blocks(document: Path, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL)


def lines(document: Path, programs: Collection[str]) -> list[str]:
    """The lines of the shell blocks that call one of some programs."""
    every = "\n".join(blocks(document, "sh")).replace("\\\n", "").splitlines()
    return [line.strip() for line in every if line.split() and line.split()[0] in programs]


def commands(document: Path, programs: Collection[str]) -> list[str]:
    """The same, and what stands in a sentence or a table."""
    prose = re.sub(r"^```.*?^```", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)
    spans = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose)]
    return lines(document, programs) + [span for span in spans if span.split() and span.split()[0] in programs]


def replace_block(name: str, text: str, path: Path | None = None) -> None:
    """Put ``text`` between the two markers that ``name`` has in a file, by default its own.

    Raises:
        SystemExit: the file does not have them.
    """
    path = path or WRITTEN[name]
    first, last = f"<!-- {name}: written by make {TARGETS.get(name, name)} -->", f"<!-- end of {name} -->"
    before, begin, rest = path.read_text().partition(first)
    _, end, after = rest.partition(last)
    if not begin or not end:
        raise SystemExit(f"{path}: needs the lines {first} and {last}")
    path.write_text(f"{before}{first}\n\n{text.strip()}\n\n{last}{after}")


if __name__ == "__main__":
    replace_block(sys.argv[1], Path(sys.argv[2]).read_text())
