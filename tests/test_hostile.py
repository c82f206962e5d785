"""Configurations from a stranger, as a run folder or a directory of groups: nothing runs, leaks, or takes memory."""

import json
import os
import re
import shutil
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from yaml import safe_dump, safe_load

from rldbs.cli import main
from rldbs.commands.evaluate import recorded_config
from rldbs.config.composition import compose
from rldbs.config.schema import train_settings
from rldbs.config.settings_files import source
from rldbs.core.errors import SettingError, visible
from rldbs.experiment import memory
from rldbs.files.folder import Folder
from rldbs.files.untrusted_text import UnreadableError, plain_yaml, read_text
from rldbs.runs.find import list_runs
from tests.config.test_schema import values
from tests.test_mistakes import told

SECRET = "hunter2"
CANARY = Path("canary")
BOMB = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}, *{a}]\n" for a, b in zip("abcdefghijk", "bcdefghijkl", strict=True)
)
MERGES = "a: &a {x: 1}\n" + "".join(
    f"{b}: &{b}\n  <<: [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
PYTHON = f"a: !!python/object/apply:os.system ['touch {CANARY}']\n"

CONTENTS = {
    "a call": (PYTHON.encode(), "the tag tag:yaml.org,2002:python/object/apply:os.system is not taken"),
    "a name": (b"a: !!python/name:os.system\n", "is not taken"),
    "bytes in a tag": (b"a: !!binary aGFsbG8=\n", "is not taken"),
    "an alias bomb": (BOMB.encode(), "anchors (&) and aliases (*) are not taken"),
    "a bomb of merges": (MERGES.encode(), "anchors (&) and aliases (*) are not taken"),
    "an anchor that holds itself": (b"a: &a [*a]\n", "are not taken"),
    "open brackets": (b"a: " + b"[" * 10**5, "line 1"),  # newer versions of libyaml give up before we do
    "closed brackets": (b"a: " + b"[" * 500 + b"]" * 500, "more than 32 levels"),
    "a long number": (b"a: " + b"1:" * 10_000 + b"1\n", "more than 4096 characters"),
    "a zero byte": (b"a: \0\n", "zero byte"),
    "binary": (bytes(range(256)), "is not text in UTF-8"),
    "UTF-16": ("a: 1\n".encode("utf-16"), "is not text in UTF-8"),
    "a control character": (b"a: \x1b[31m\n", "is not valid YAML"),
    "4,000 hexadecimal digits": (b"a: 0x" + b"f" * 4000 + b"\n", "a whole number of more than 128 bits"),
    "such a number as a key": (b"? 0x" + b"f" * 4000 + b"\n: 1\n", "which is not text"),
    "a number in base 60": (b"a: " + b"59:" * 1300 + b"1.5\n", "holds a value that is none"),
    "a zero byte that is written out": (b'a: "\\0"\n', "holds text with a zero byte"),
    "half a character": (b'a: "\\ud800"\n', "is not valid YAML"),
}


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """A run folder, as far as an evaluation looks into it before it loads anything heavy."""
    folder = tmp_path_factory.mktemp("hostile") / "run"
    (folder / "checkpoints" / "best").mkdir(parents=True)
    (folder / "checkpoints" / "best" / "state.json").touch()
    (folder / "config.yaml").write_text(safe_dump(compose("train", ["model.neurons=50"])))
    (folder / "meta.json").write_text(json.dumps({"status": "done", "command": "train"}))
    return folder


@pytest.fixture
def run(packed, tmp_path, monkeypatch):
    """A copy of it that a test may spoil, in a directory of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECRET", SECRET)
    shutil.copytree(packed, "runs/bvdp-ppo/20260101-120000-s0-1a2b")
    return Path("runs/bvdp-ppo/20260101-120000-s0-1a2b")


def refused(capfd, *words):
    """The message, after it is seen that nothing has run and that no secret stands in it."""
    err = told(words, capfd)
    assert not CANARY.exists()
    assert SECRET not in err
    assert "root:" not in err
    return err


def put(path, content):
    """Something in place of a file."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if isinstance(content, bytes | str):
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    elif content is None:
        os.mkfifo(path)
    elif isinstance(content, int):
        path.touch()
        os.truncate(path, content)
    else:
        path.symlink_to(content)


@pytest.mark.parametrize("what", CONTENTS)
def test_what_a_recorded_configuration_may_not_hold_is_refused(what, run, capfd):
    content, message = CONTENTS[what]
    put(run / "config.yaml", content)
    assert message in refused(capfd, "evaluate", "run=last")


@pytest.mark.parametrize("what", CONTENTS)
def test_what_a_file_of_a_directory_may_not_hold_is_refused(what, run, capfd):
    content, message = CONTENTS[what]
    put("mine/stimulus/evil.yaml", content)
    assert message in refused(capfd, "train", "--config-dir", "mine", "stimulus=evil")


ODD = {
    "a giant": (2**30, "is larger than 1 MB"),
    "a link to a secret": (Path("/etc/passwd"), "is a link"),
    "a link to a device": (Path("/dev/zero"), "is a link"),
    "a pipe": (None, "is no regular file"),
}


@pytest.mark.parametrize("what", ODD)
def test_what_is_no_small_file_is_not_read(what, run, capfd):
    content, message = ODD[what]
    put(run / "config.yaml", content)
    assert message in refused(capfd, "evaluate", f"run={run}") or what in ("a pipe", "a link to a device")
    put("mine/stimulus/evil.yaml", content)
    assert message in refused(capfd, "train", "--config-dir", "mine", "stimulus=evil")
    with pytest.raises(UnreadableError, match=message):
        read_text(Folder(run).file("config.yaml"))


def test_a_directory_in_place_of_a_file_is_told(run, capfd):
    (run / "config.yaml").unlink()
    (run / "config.yaml").mkdir()
    assert "is not the folder of a training run" in refused(capfd, "evaluate", f"run={run}")
    Path("mine/stimulus/evil.yaml").mkdir(parents=True)
    assert "or is no regular file" in refused(capfd, "train", "--config-dir", "mine", "stimulus=evil")


@pytest.mark.parametrize("name", ["meta.json", "evaluation/final/metrics.json"])
@pytest.mark.parametrize("content", [2**30, Path("/dev/zero"), Path("/etc/passwd"), None, "[" * 10**5, b"\xff", "[1]"])
def test_the_list_of_runs_passes_over_what_cannot_be_read(name, content, run, capfd):
    put(run / name, content)
    with pytest.raises(SystemExit) as ended:
        main(["list", "runs"])
    assert ended.value.code == 0
    assert run.name in capfd.readouterr().out


def test_absurd_numbers_do_not_stop_the_list_of_runs(run, capfd):
    put(run / "meta.json", json.dumps({"status": "running", "pid": 10**30, "started": "0001-01-01", "steps": True}))
    metrics = {"deterministic": {"suppression": {"iqm": 10**400}}}
    put(run / "evaluation/final/metrics.json", json.dumps(metrics))
    assert [listed.suppression for listed in list_runs()] == [None]
    with pytest.raises(SystemExit):
        main(["list", "runs"])
    assert "interrupted" in capfd.readouterr().out


OWN = [
    # file of --config-dir, what it holds, the words after it, what the message must contain
    ("hydra/launcher/evil.yaml", f"_target_: os.system\ncommand: touch {CANARY}\n", ["hydra/launcher=evil"]),
    ("hydra/job_logging/evil.yaml", f"handlers: {{a: {{(): os.mkdir, path: {CANARY}}}}}\n", ["hydra/job_logging=evil"]),
    ("hydra/callbacks/evil.yaml", "x: {_target_: os.system}\n", []),
    ("experiment/evil.yaml", f"# @package _global_\nhydra: {{sweep: {{dir: {CANARY}}}}}\n", ["experiment=evil"]),
    ("experiment/evil.yaml", f"# @package hydra.job\nenv_set: {{X: {CANARY}}}\n", ["experiment=evil"]),
    ("experiment/evil.yaml", "# @package _global_\ndefaults: [override hydra/launcher: joblib]\n", ["experiment=evil"]),
    ("experiment/evil.yaml", "defaults: ['override /hydra/launcher': joblib]\n", []),
    ("stimulus/evil.yaml", "defaults: [/model/hr@hydra.job_logging]\n", []),
    ("stimulus/evil.yaml", "defaults: ['/model@hydra.job_logging': hr]\n", []),
    ("stimulus/evil.yaml", "defaults: [../../out]\n", []),
    ("stimulus/evil.yaml", "defaults: [/etc/../etc/x]\n", []),
    ("stimulus/evil.yaml", "defaults: [model: ../../out]\n", []),
    ("stimulus/evil.yaml", "defaults: 5\n", []),
    ("stimulus/evil.yaml", "defaults: [[3]]\n", []),
    ("stimulus/evil.yaml", f"defaults: [{'delta, ' * 60}_self_]\n", []),
    ("stimulus/evil.yaml", "defaults: [evil]\n", ["stimulus=evil"]),
    ("stimulus/evil.yaml", "defaults: [delta, _self_]\n_target_: os.system\n", ["stimulus=evil"]),
    ("stimulus/evil.yaml", "defaults: [delta, _self_]\nlevels: [{_args_: [1]}]\n", ["stimulus=evil"]),
    ("stimulus/evil.yaml", "defaults: [delta, _self_]\namplitude: ${oc.env:SECRET}\n", ["stimulus=evil"]),
    ("stimulus/evil.yaml", "defaults: [delta, _self_]\namplitude: ${${a}:SECRET}\n", ["stimulus=evil"]),
    ("stimulus/evil.yaml", "defaults: [delta, _self_]\nlevels: ['${oc.decode:x}']\n", ["stimulus=evil"]),
    ("stimulus/evil.yaml", "name: [delta]\n", ["stimulus=evil"]),
    ("stimulus/deep/evil.yaml", PYTHON, []),
]


@pytest.mark.parametrize(("file", "content", "words"), OWN)
@pytest.mark.parametrize("multirun", [(), ("-m",)], ids=["one", "many"])
def test_a_directory_of_groups_only_holds_values(file, content, words, multirun, run, capfd):
    put(f"mine/{file}", content)
    put("out.yaml", "amplitude: 1\n")
    err = refused(capfd, "train", *multirun, "--config-dir", "mine", *words)
    assert "evil" in err or "mine/hydra" in err or "stimulus.name" in err
    assert not Path("runs/bvdp-ppo").is_dir() or len(list(Path("runs/bvdp-ppo").iterdir())) == 1


def test_curves_refuse_such_a_directory_too(run, capfd):
    put("mine/stimulus/evil.yaml", PYTHON)
    assert "is not taken" in refused(capfd, "evaluate", "-m", "agent=none", "--config-dir", "mine", "seed=1,2")


def test_a_directory_with_links_or_too_many_files_is_refused(run, capfd):
    put("mine/stimulus", Path("/etc"))
    assert "is a link to a directory" in refused(capfd, "train", "--config-dir", "mine")
    Path("many").mkdir()
    for k in range(2001):
        Path(f"many/{k}").touch()
    assert "holds over 2000 files" in refused(capfd, "train", "--config-dir", "many")


def test_defaults_that_fan_out_are_refused(run, capfd):
    for k in range(6):
        put(f"mine/stimulus/f{k}.yaml", f"defaults: [{', '.join([f'f{k + 1}'] * 20)}]\n")
    put("mine/stimulus/f6.yaml", "amplitude: 1\n")
    assert "more than 500 files" in refused(capfd, "train", "--config-dir", "mine", "stimulus=f0")


@pytest.mark.parametrize("multirun", [(), ("-m", "seed=1,2")], ids=["one", "many"])
@pytest.mark.parametrize(
    "word",
    [
        "hydra.launcher._target_=os.system",
        "hydra.launcher={_target_: os.system}",
        "hydra.launcher.n_jobs={_target_: os.system}",
        "hydra.callbacks.x._target_=os.system",
        "+hydra.callbacks.x._target_=os.system",
        "+hydra.callbacks={x: {_target_: os.system}}",
        "hydra.sweeper._target_=os.system",
        "hydra.job_logging.handlers.x.class=os.system",
        "hydra.job.env_set={LD_PRELOAD: x}",
        "hydra/job_logging=stdout",
        "hydra.searchpath=[file:///tmp]",
        "hydra.output_subdir=x",
    ],
)
def test_hydra_cannot_be_told_what_to_run(word, multirun, run, capfd):
    assert word.partition("=")[0].lstrip("+") in refused(capfd, "train", *multirun, word)
    assert "hydra" in refused(capfd, "evaluate", "-m", "agent=none", "seed=1,2", word)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("reward.name", "${oc.env:SECRET}", "reward.name=${oc.env:SECRET}: must be one of"),
        ("recording.variable", "${oc.env:SECRET}", "bvdp has x, y, not '${oc.env:SECRET}'"),
        ("protocol.seed", '${oc.decode:"7"}', 'protocol.seed=${oc.decode:"7"}: must be a whole number'),
        ("protocol.episodes", "${protocol.seed}", "protocol.episodes=${protocol.seed}: must be"),
        ("start.seed", "${hydra:job.num}", "start.seed=${hydra:job.num}: must be"),
        ("stimulus.amplitude", "???", "stimulus.amplitude=???: must be a number"),
        ("stimulus._target_", "os.system", "stimulus._target_: there is no such setting"),
        ("model.parameters", {"_target_": "os.system"}, "model.parameters._target_"),
        ("recording.variable", "\x1b[31mx", "\\x1b[31mx"),
        ("stimulus.amplitude", "\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("model.neurons", 10**9, "must be a whole number from 1 to 100 000 000"),
        ("model.neurons", 10**8, "this machine has"),
        ("agent.hidden", [65536] * 16, "this machine has"),
        ("agent.hidden", [65536] * 10**3, "must be a list of 1 to 16 values"),
        ("recording.length", 10**5, "this machine has"),
        ("recording.delay", 10**12, "must be a whole number from 0 to 100 000"),
        ("protocol.episodes", 10**9, "must be a whole number from 1 to 10 000"),
        ("protocol.stimulated", 10**8, "this machine has"),
        ("protocol.stimulated", 10**12, "must be a whole number from 100 to 100 000 000"),
    ],
)
def test_absurd_recorded_values_are_refused_before_anything_is_built(key, value, message, run, capfd, monkeypatch):
    monkeypatch.setattr(memory, "machine_memory", lambda: 16 * 2**30)
    config = safe_load((run / "config.yaml").read_text())
    section, name = key.split(".")
    config[section][name] = value
    if key == "recording.length":
        config[section]["stride"] = 10**4
    put(run / "config.yaml", safe_dump(config))
    err = refused(capfd, "evaluate", "run=last")
    assert message in err
    assert f"(in {run}/config.yaml)" in err


@settings(max_examples=15, deadline=None)
@given(recorded=st.fixed_dictionaries({"x": values, "y": st.sampled_from(["???", "${oc.env:PATH}", "\\${a}", "null"])}))
def test_every_recorded_value_comes_back_as_it_was(recorded, packed, tmp_path_factory):
    config = safe_load((packed / "config.yaml").read_text())
    config["model"]["parameters"] = recorded
    folder = tmp_path_factory.mktemp("recorded")
    (folder / "config.yaml").write_text(safe_dump(config))
    read = recorded_config(folder, ["model.neurons=${protocol.episodes}"])
    assert read["model"]["parameters"] == recorded
    assert read["model"]["neurons"] == config["protocol"]["episodes"]


def test_the_users_own_interpolations_are_still_resolved(packed, monkeypatch):
    monkeypatch.setenv("SECRET", "77")
    assert recorded_config(packed, ["model.neurons=${oc.env:SECRET}"])["model"]["neurons"] == "77"


def test_what_does_not_fit_into_the_memory_is_refused_with_its_largest_part(monkeypatch):
    train_settings(compose("train", ["model.neurons=100000"]))
    monkeypatch.setattr(memory, "machine_memory", lambda: 2**28)
    train_settings(compose("train"))
    with pytest.raises(SettingError, match=r"model\.neurons=100000, start\.populations=32.*\n.*134 MB, half of what"):
        train_settings(compose("train", ["model.neurons=100000"]))


def test_what_is_counted_is_at_least_what_a_bank_takes():
    trained = train_settings(compose("train", ["model.neurons=50", "model.transient=100"]))
    loop = trained.loop
    bank = loop.start.bank(loop.model, loop.coupling, loop.memory, 1)
    counted = sum(need.size for need in memory.loop_needs(loop, 1))
    assert counted > sum(array.nbytes for array in (bank.state, bank.current, bank.past))
    assert memory.machine_memory() > 2**27


@pytest.mark.parametrize("name", ["20260102-\x1b[31mred", "20260102-\nnext", "20260102-\u202egnp"])
def test_names_that_steer_a_terminal_are_written_out(name, run, capfd):
    shutil.copytree(run, run.with_name(name))
    put(run.with_name(name) / "meta.json", json.dumps({"status": "\x1b[2Jdone", "command": "train"}))
    with pytest.raises(SystemExit):
        main(["list", "runs"])
    out = capfd.readouterr().out
    assert re.search(rf"{re.escape(visible(name))} +unknown", out)
    assert not {"\x1b", "\u202e"} & set(out)
    err = refused(capfd, "evaluate", "run=20260102-x")
    assert visible(name) in err
    assert not {"\x1b", "\u202e"} & set(err)


@given(st.text())
def test_visible_text_has_no_steering_characters_and_plain_text_is_left_alone(text):
    shown = visible(text)
    assert visible(shown) == shown
    assert "\x1b" not in shown
    assert "\n" not in shown
    assert visible("ε·X − 1 µs → модель") == "ε·X − 1 µs → модель"


@given(values)
def test_plain_yaml_gives_back_what_was_written(value):
    assert plain_yaml(safe_dump({"key": value}, allow_unicode=True)) == {"key": value}


def test_a_link_within_a_folder_of_groups_is_followed(tmp_path):
    (tmp_path / "stimulus").mkdir()
    (tmp_path / "stimulus" / "real.yaml").write_text("a: 1\n")
    (tmp_path / "stimulus" / "link.yaml").symlink_to("real.yaml")
    found = source("stimulus/link", (tmp_path,))
    assert found is not None
    assert found.values == {"a": 1}
