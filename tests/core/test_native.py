"""The binding checks what C trusts, and the build keeps to plain IEEE arithmetic."""

import multiprocessing
import re
import shutil
import subprocess

import numpy as np
import pytest

import rldbs
from rldbs.core import _native, native
from rldbs.core.errors import SettingError
from rldbs.core.models import MODELS
from tests.conftest import HANGS


def test_every_described_model_is_compiled_with_the_same_variables_and_parameters():
    assert {model.kernel for model in MODELS.values()} == set(native.KERNELS)
    for model in MODELS.values():
        index = native.KERNELS.index(model.kernel)
        assert _native.lib.rldbs_model_variables(index) == len(model.variables)
        assert _native.lib.rldbs_model_parameters(index) == len(model.parameters)


@pytest.mark.skipif(shutil.which("objdump") is None, reason="needs objdump")
def test_vectors_are_multiplied_and_added_in_one_instruction_where_there_is_one():
    code = subprocess.run(["objdump", "-d", _native.__file__], capture_output=True, text=True, check=True).stdout
    vectors = {
        register: sum(bool(re.search(pattern, line)) for line in code.splitlines())
        for register, pattern in {
            "ymm": r"vfn?madd\w*pd.*ymm",
            "zmm": r"vfn?madd\w*pd.*zmm",
            "neon": r"\bfml[as]\b",
        }.items()
    }
    wanted = ("ymm", "zmm") if "x86-64-v3" in native.INSTRUCTION_SETS else ("neon",)
    assert all(vectors[name] > 50 for name in wanted)
    assert not re.search(r"vfn?m(add|sub)\w*sd", code)


def test_unknown_instruction_set_is_refused():
    with pytest.raises(SettingError, match="this processor runs"), native.use_instruction_set("x86-64-v9"):
        pass


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "izhikevich"}, "build it anew: pip install --editable ."),
        ({"parameters": [0.1, 0.8]}, "parameters: bvdp takes 3, 2 given"),
        ({"parameters": [0.1, 0.8, np.inf]}, "parameters: must be finite"),
        ({"dt": np.nan}, "dt: must be a finite number above 0"),
        ({"populations": -1}, "populations: must be a whole number from 1"),
        ({"neurons": 0}, "neurons: must be a whole number from 1"),
    ],
)
def test_wrong_kernel_is_refused_with_what_is_allowed(arguments, message):
    right = {"name": "bvdp", "parameters": [0.1, 0.8, 0.7], "dt": 0.2, "populations": 2, "neurons": 20}
    native.Kernel(**right).advance(np.zeros((2, 3)), 1)
    with pytest.raises(SettingError, match=message):
        native.Kernel(**right | arguments)


@pytest.mark.parametrize("name", ["state", "current", "coupling"])
def test_memory_that_c_uses_can_not_be_taken_away(name):
    """NumPy lets an array be resized while C holds its address; none of ours can be."""
    population = rldbs.Ensemble("bvdp", populations=2, neurons=20, transient=0)
    array = getattr(population, name)
    while isinstance(array, np.ndarray):
        with pytest.raises(ValueError, match=r"cannot resize this array|only works on single-segment"):
            array.resize((1,), refcheck=False)
        array = array.base
    assert not hasattr(array, "release")


def test_scratch_memory_is_for_the_threads_that_have_work():
    def size(populations: int, neurons: int, threads: int) -> int:
        return _native.lib.rldbs_scratch_size(0, populations, neurons, threads)

    assert size(3, 100, 256) == 3 * size(1, 100, 1)
    assert size(1, 10**7, 256) == size(1, 10**7, 1)


def _state_in_child(queue: "multiprocessing.Queue[bytes]") -> None:
    population = rldbs.Ensemble("bvdp", populations=2, neurons=20, transient=0)
    population.advance(np.zeros((2, 10)), threads=2)
    queue.put(population.state.tobytes())


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork.*:DeprecationWarning")
def test_a_forked_child_of_a_threaded_parent_neither_hangs_nor_differs():
    population = rldbs.Ensemble("bvdp", populations=2, neurons=20, transient=0)
    population.advance(np.zeros((2, 10)), threads=2)
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_state_in_child, args=(queue,))
    child.start()
    assert queue.get(timeout=HANGS) == population.state.tobytes()
    child.join()


def test_the_exponential_is_right_to_its_last_digits():
    x = np.concatenate([np.linspace(-700.0, 700.0, 100_001), np.linspace(-1.0, 1.0, 1001)])
    np.testing.assert_allclose(native.curve("exponential", x), np.exp(x), rtol=1e-15)
