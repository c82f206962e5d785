"""Names with which a stranger would have a shell run something, and folders full of them."""

import json
from collections.abc import Sequence
from pathlib import Path

TOUCH = "touch pwned"
FORMS = (
    "$({})",
    "`{}`",
    "\\$({})",
    "\\\\$({})",
    "\\\\\\$({})",
    "\\`{}\\`",
    "\\\\`{}\\\\`",
    "'$({})'",
    "'';{};''",
    "';{};'",
    '";{};"',
    '"$({})"',
    '\\";{};\\"',
    ";{};",
    "&{}&",
    "|{}|",
    "\n{}\n",
    "\r{}\r",
    "\r\n{}\r\n",
    "\t;{}",
    "({})",
    "a({})b",
    "<({})",
    "=({})",
    ">({})",
    "{{a,$({})}}",
    "${{(e):-$({})}}",
    "${{(e):-\\$({})}}",
    "$((a[$({})]))",
    "$[a[$({})]]",
    "x[$({})]",
    "*(e:{}:)",
    "*(e:'{}':)",
    "))';{};'((",
    "\"))';{};'((\"",
    "\\)\\)';{};'",
    "a:$({})",
    "a\\:`{}`",
    "$'\\x24({})'",
    "#$({})",
    "!{}",
    "^a^{}^",
    "~($({}))",
    "%{{$({})%}}",
    "\x1b]0;$({})\x07",
    "[red]$({})",
    "[bold]`{}`",
    "é$({})",
    "\u202e$({})",
    "--help=$({})",
    "\udcff$({})",
    "a b;{}",
)
"""Fifty and two."""
HOSTILE = tuple(form.format(TOUCH) for form in FORMS)
ODD = ("-rf", "=ls", "~", "~root", "*", "?", "[a-z]*", "a b", "'", '"', "\\", "$HOME", "{a,b}", "!!", "a\nb")
"""Names that run nothing, and are something else than text to a shell."""
ONE = "20260101-120000-s0-1a2b"
PLAIN = "plain,model=hr"
"""A name that is offered."""
MIXED = '$(touch pwned) [/red] \\`touch pwned\\` "; touch pwned; "'


def runs(folder: Path, names: Sequence[str] = (*HOSTILE, *ODD, PLAIN)) -> None:
    """Runs and sweeps with these names, in ``runs/`` of a folder."""
    for name in names:
        for run in (folder / "runs" / name / ONE, folder / "runs" / "hr-ppo" / name):
            _run(run, "running")
        sweep = folder / "runs" / "sweeps" / name
        sweep.mkdir(parents=True)
        (sweep / "sweep.json").write_text("{}")
    for k, line in enumerate(_lines(names)):
        _run(folder / "runs" / "hr-ppo" / f"20260102-120000-s{k}-3c4d", line)


def own_groups(folder: Path, names: Sequence[str] = (*HOSTILE, *ODD)) -> None:
    """Groups with these names for options, and these for comments, keys and values, as for ``--config-dir``."""
    agents = folder / "agent"
    agents.mkdir(parents=True)
    for name in names:
        (agents / f"{name}.yaml").write_text("name: ppo\n")
        (folder / name).mkdir()
        (folder / name / "x.yaml").write_text("a: 1\n")
    lines = _lines(names)
    for k, line in enumerate(lines):
        (agents / f"evil{k}.yaml").write_text(f"# {line}\nname: ppo\n")
    keys = [f"# {line}\nkey{k}: {_yaml(line.replace('${', '$'))}\n{_yaml(line)}: 1\n" for k, line in enumerate(lines)]
    (agents / "keys.yaml").write_text("# Keys\n\nname: ppo\n\n" + "\n".join(keys))


def _run(folder: Path, status: str) -> None:
    folder.mkdir(parents=True)
    (folder / "config.yaml").touch()
    (folder / "meta.json").write_text(json.dumps({"status": status, "command": "train"}))


def _lines(names: Sequence[str]) -> list[str]:
    """What a comment in a file can hold: the names, and what is no name of a file."""
    return [*(name for name in names if name.isprintable()), "[/red]", MIXED]


def _yaml(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
