"""The binding checks what C trusts, and the build keeps to plain IEEE arithmetic."""

import multiprocessing
import shutil
import subprocess

import numpy as np
import pytest

import rldbs
from rldbs.core import _native, native
from rldbs.core.errors import SettingError
from rldbs.core.models import MODELS


def test_every_described_model_is_compiled_with_the_same_variables_and_parameters():
    assert {model.kernel for model in MODELS.values()} == set(native.KERNELS)
    for model in MODELS.values():
        index = native.KERNELS.index(model.kernel)
        assert _native.lib.rldbs_model_variables(index) == len(model.variables)
        assert _native.lib.rldbs_model_parameters(index) == len(model.parameters)


@pytest.mark.skipif(shutil.which("objdump") is None, reason="needs objdump")
def test_no_variant_fuses_a_multiplication_with_an_addition():
    code = subprocess.run(["objdump", "-d", _native.__file__], capture_output=True, text=True, check=True).stdout
    fused = [line for line in code.splitlines() if any(word in line for word in ("fmadd", "fmsub", "fnmadd", "fmla"))]
    assert "mulpd" in code or "fmul" in code
    assert fused == []


def test_unknown_instruction_set_is_refused():
    with pytest.raises(SettingError, match="this processor runs"), native.use_instruction_set("x86-64-v9"):
        pass


@pytest.mark.parametrize(
    ("array", "change"),
    [
        ("state", lambda a: a.astype(np.float32)),
        ("state", lambda a: a[:, :, :16]),
        ("state", lambda a: a.transpose(0, 2, 1).copy().transpose(0, 2, 1)),
        ("current", lambda a: a[:1]),
        ("coupling", lambda a: np.broadcast_to(np.float64(0.1), (2,))),
        ("parameters", lambda a: a[:2]),
    ],
)
def test_array_of_another_type_shape_or_order_is_refused(array, change):
    arrays = {
        "parameters": np.zeros(3),
        "state": native.aligned_zeros(2, 2, 32),
        "current": native.aligned_zeros(2, 32),
        "coupling": np.zeros(2),
    }
    arrays[array] = change(arrays[array])
    with pytest.raises(SettingError, match=f"{array}: must be"):
        native.Kernel("bvdp", dt=0.1, neurons=20, **arrays)


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
    assert queue.get(timeout=60) == population.state.tobytes()
    child.join()
