"""Models from equations are compiled, kept and used: the same bits as the built-in ones, and never half a file."""

import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from rldbs.core import native, own_library
from rldbs.core.cache_folder import VARIABLE
from rldbs.core.compiler import ALIKE, compiler
from rldbs.core.equations import Equations
from rldbs.core.errors import CompilerError
from rldbs.core.models import MODELS
from rldbs.core.spatial_kernel import SpatialKernel
from rldbs.core.tissue import Tissue
from tests.conftest import HANGS
from tests.core.equation_texts import MODELS as TEXTS

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
SET = native.instruction_set()
SETS = [
    pytest.param(native.SUPPORTED[-1:], id="newest"),
    pytest.param(native.SUPPORTED, id="all", marks=pytest.mark.slow),
]
"""Instruction sets: compiling for the oldest takes longest."""
SMALL = Equations.of({"x": "input - x"}, ())
PROGRAM = """
import signal, sys
from rldbs.core.compiler import ALIKE
from rldbs.core.equations import Equations
from rldbs.core.native import instruction_set
from rldbs.core.own_library import own_neurons
signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background ignores it
print("begun", flush=True)
own_neurons(Equations.of({"x": sys.argv[1]}, ()), ALIKE, instruction_set())
print("compiled", flush=True)
"""


def written(name: str) -> Equations:
    rates, constants = TEXTS[name]
    return Equations.of(rates, constants)


def begun(kernel: native.AnyKernel, coupling: float) -> None:
    random = np.random.default_rng(3)
    kernel.state[:] = random.uniform(-1, 1, kernel.state.shape)
    kernel.current[:] = random.normal(1, 0.5, kernel.current.shape)
    kernel.coupling[:] = coupling


@pytest.mark.parametrize("sets", SETS)
@pytest.mark.parametrize("name", ["bvdp", pytest.param("hr", marks=pytest.mark.slow)])
def test_published_equations_give_the_bits_of_the_built_in_model(name, sets):
    """For constants other than the published ones, sizes that fill no lanes, and every instruction set."""
    constants = [value * 1.1 for value in TEXTS[name][1].values()]
    kicks = np.random.default_rng(0).normal(0, 0.1, (3, 60))
    for neurons in (1, 37, 1030):
        for instruction_set in sets:
            fields = []
            for kernel in (name, written(name)):
                with native.use_instruction_set(instruction_set):
                    made = native.Kernel(kernel, constants, MODELS[name].dt, 3, neurons)
                    begun(made, 0.2)
                    fields.append([made.advance(kicks, 2), made.state.copy()])
            for built_in, own in zip(*fields, strict=True):
                assert built_in.tobytes() == own.tobytes()


@pytest.mark.parametrize("sets", SETS)
def test_neurons_in_tissue_have_the_bits_of_the_built_in_model(sets):
    constants = list(TEXTS["bvdp"][1].values())
    random = np.random.default_rng(0)
    weights, reach = random.normal(size=(2, 3, 70)) / 70, random.uniform(size=(2, 70))
    tissue = Tissue(*weights, reach, np.full((1, 70), 1 / 70))
    kicks = random.normal(0, 0.1, (2, 40, 2))
    for instruction_set in sets:
        fields = []
        for kernel in ("bvdp", written("bvdp")):
            with native.use_instruction_set(instruction_set):
                made = SpatialKernel(kernel, constants, 0.2, 2, tissue)
                begun(made, 0.2)
                fields.append(made.advance(kicks, 2).tobytes())
        assert fields[0] == fields[1]


def test_a_copy_through_pickle_goes_on_to_the_bit():
    kernel = native.Kernel(written("hr"), list(TEXTS["hr"][1].values()), 0.1, 1, 20)
    begun(kernel, 0.1)
    copy = pickle.loads(pickle.dumps(kernel))
    kicks = np.zeros((1, 30))
    assert kernel.advance(kicks, 1).tobytes() == copy.advance(kicks, 1).tobytes()


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """A cache of this test's own, and a compiler that is quick: it copies what was compiled before."""
    own_library.own_neurons.cache_clear()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    yield tmp_path / "cache"
    own_library.own_neurons.cache_clear()


@pytest.fixture(scope="session")
def quick(tmp_path_factory):
    """A compiler that stands for the real one: it gives every object nothing, and every library a small one."""
    folder = tmp_path_factory.mktemp("compiler")
    source = folder / "small.c"
    source.write_text("const void *const rldbs_own[5] = {0};\n")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", folder / "small.so", source], check=True)
    script = folder / "quick"
    script.write_text(
        "#!/bin/sh\n"
        'for word; do [ "$last" = -o ] && out=$word; last=$word; done\n'
        f'case "$*" in *-shared*) cp {folder}/small.so "$out" ;; *) echo object > "$out" ;; esac\n'
    )
    script.chmod(0o755)
    return script


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_what_was_compiled_is_kept_and_found_again(fresh, quick, monkeypatch):
    monkeypatch.setenv("CC", str(quick))
    own_library.own_neurons(SMALL, ALIKE, SET)
    kept = names(fresh)
    assert len(kept) == 1
    assert kept[0].endswith(own_library.SUFFIX)
    own_library.own_neurons.cache_clear()
    monkeypatch.setattr(own_library, "build", None)  # nothing is compiled any more
    own_library.own_neurons(SMALL, ALIKE, SET)
    monkeypatch.setenv("CC", "")
    monkeypatch.setenv("PATH", "")
    own_library.own_neurons.cache_clear()
    own_library.own_neurons(SMALL, ALIKE, SET)  # nor is a compiler needed
    with pytest.raises(CompilerError, match="there is no C compiler here: apt install gcc"):
        own_library.own_neurons(Equations.of({"x": "input - 2*x"}, ()), ALIKE, SET)


def test_other_equations_have_a_file_of_their_own_and_the_names_in_them_do_not_count(fresh, quick, monkeypatch):
    monkeypatch.setenv("CC", str(quick))
    for text, constants in [("input - x", ()), ("input - a*x", ("a",)), ("input - b*x", ("b",))]:
        own_library.own_neurons(Equations.of({"x": text}, constants), ALIKE, SET)
    assert len(names(fresh)) == 2


@pytest.mark.parametrize("damage", [b"", b"not a library", None])
def test_a_damaged_file_is_compiled_anew(fresh, quick, monkeypatch, damage):
    monkeypatch.setenv("CC", str(quick))
    own_library.own_neurons(SMALL, ALIKE, SET)
    (name,) = names(fresh)
    if damage is None:
        os.chmod(fresh / name, 0o777)  # anybody could have written into it
    else:
        (fresh / name).unlink()
        (fresh / name).write_bytes(damage)
    own_library.own_neurons.cache_clear()
    own_library.own_neurons(SMALL, ALIKE, SET)
    assert names(fresh) == [name]
    assert not os.stat(fresh / name).st_mode & 0o002


@pytest.mark.parametrize("place", ["off", "/proc/rldbs", "/dev/null/rldbs"])
def test_where_nothing_can_be_kept_it_is_compiled_all_the_same(fresh, quick, monkeypatch, place):
    monkeypatch.setenv("CC", str(quick))
    monkeypatch.setenv(VARIABLE, place)
    monkeypatch.setenv("TMPDIR", str(fresh.parent))
    monkeypatch.setattr("tempfile.tempdir", None)
    own_library.own_neurons(SMALL, ALIKE, SET)
    assert names(fresh.parent) == []


@pytest.mark.parametrize(
    ("compiler", "message"),
    [
        ("false", "The C compiler .*false does not compile the model, and says nothing"),
        ("no-such-compiler", "CC=no-such-compiler is not there: apt install gcc"),
        ("cc -no-such-option", "does not compile the model\n.*no-such-option"),
        ("cc '-m64", r"CC=cc '-m64: cannot be read as a command with its options: no closing quotation$"),
    ],
)
def test_a_broken_compiler_is_told_in_words_and_leaves_nothing(fresh, monkeypatch, compiler, message):
    monkeypatch.setenv("CC", compiler)
    with pytest.raises(CompilerError, match=message):
        own_library.own_neurons(SMALL, ALIKE, SET)
    assert names(fresh) == []


def test_a_compiler_may_have_options_and_spaces_in_its_name(fresh, quick, tmp_path, monkeypatch):
    for words, called in ((f"{quick} -m64", [str(quick), "-m64"]), ("'./a compiler' '-DX=a b'", None)):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "a compiler").unlink(missing_ok=True)
        (tmp_path / "a compiler").symlink_to(quick)
        monkeypatch.setenv("CC", words)
        found = compiler()
        assert list(found.command) == (called or [str(tmp_path / "a compiler"), "-DX=a b"])
        own_library.own_neurons.cache_clear()
        own_library.own_neurons(SMALL, ALIKE, SET)
    assert len(names(fresh)) == 2


def test_a_cache_in_a_folder_from_here_is_found_from_anywhere(quick, tmp_path, monkeypatch):
    monkeypatch.setenv("CC", str(quick))
    monkeypatch.setenv(VARIABLE, "here")
    monkeypatch.chdir(tmp_path)
    own_library.own_neurons.cache_clear()
    own_library.own_neurons(SMALL, ALIKE, SET)
    assert len(names(tmp_path / "here")) == 1
    own_library.own_neurons.cache_clear()


def test_what_was_compiled_and_is_no_library_is_told_and_not_kept(fresh, tmp_path, monkeypatch):
    script = tmp_path / "odd"
    script.write_text('#!/bin/sh\nfor word; do [ "$last" = -o ] && echo text > "$word"; last=$word; done\n')
    script.chmod(0o755)
    monkeypatch.setenv("CC", str(script))
    with pytest.raises(CompilerError, match="The model was compiled, but cannot be loaded: the library: "):
        own_library.own_neurons(SMALL, ALIKE, SET)
    assert names(fresh) == []


def test_where_nothing_can_be_written_it_is_told(fresh, quick, monkeypatch):
    monkeypatch.setenv("CC", str(quick))
    monkeypatch.setenv(VARIABLE, "/dev/null/rldbs")
    monkeypatch.setattr("tempfile.tempdir", "/dev/null/temporary")
    message = "no room for one in /dev/null/rldbs, nor among temporary files: Not a directory; RLDBS_CACHE=DIR names"
    with pytest.raises(CompilerError, match=message):
        own_library.own_neurons(SMALL, ALIKE, SET)


def test_a_compiler_that_is_never_ready_is_stopped(fresh, tmp_path, monkeypatch):
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nsleep 600\n")
    slow.chmod(0o755)
    monkeypatch.setenv("CC", str(slow))
    monkeypatch.setattr("rldbs.core.compiler.LONGEST", 0.2)
    with pytest.raises(CompilerError, match=r"was not ready after 0\.2 s"):
        own_library.own_neurons(SMALL, ALIKE, SET)
    assert names(fresh) == []


def start(cache: Path, compiler: str, text: str = "input - x") -> subprocess.Popen[str]:
    environment = os.environ | {VARIABLE: str(cache), "CC": compiler}
    command = [sys.executable, "-c", PROGRAM, text]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_processes_may_compile_the_same_at_once(tmp_path, quick):
    both = [start(tmp_path / "cache", str(quick)) for _ in range(2)]
    for each in both:
        assert each.communicate(timeout=HANGS)[0] == "begun\ncompiled\n"
    assert len(names(tmp_path / "cache")) == 1


def test_ctrl_c_stops_the_compiler_and_leaves_nothing(tmp_path):
    slow, told = tmp_path / "slow", tmp_path / "told"
    slow.write_text(f"#!/bin/sh\nsleep 600 &\necho $! >> {told}\nwait\n")
    slow.chmod(0o755)
    process = start(tmp_path / "cache", str(slow))
    while not told.exists() or len(told.read_text().split()) < 1 + len(ALIKE.batch):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=HANGS)
    assert process.returncode == -signal.SIGINT
    assert names(tmp_path / "cache") == []
    left = [Path(f"/proc/{number}/stat") for number in told.read_text().split()]
    assert len(left) == 1 + len(ALIKE.batch)
    while any(map(alive, left)):  # killed, but on a busy machine not yet gone
        time.sleep(0.01)


def alive(stat: Path) -> bool:
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
