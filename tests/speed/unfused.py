"""The core as it would be without fused multiply-add, in the best instruction set of this processor.

Its bits are others, so it is built apart, and timed only.
"""

import ctypes
import subprocess

import numpy as np

from rldbs.bench.timed_turns import Timer, timer
from rldbs.core import native
from rldbs.core.ensemble import Ensemble
from tests.speed import ROOT
from tests.speed.peers.population import aligned

NAME = "unfused"
VARIANTS = {"x86-64": "v1", "x86-64-v3": "v3", "x86-64-v4": "v4", "generic": "generic"}
BYTES = {"v1": 16, "v3": 32, "v4": 64, "generic": 16}


def unfused(population: Ensemble, steps: int) -> Timer:
    """Times it on a copy of one population; a unit of work is an integration step."""
    library, model = _built(), native.KERNELS.index(population.model.kernel)
    variables, neurons = population.state.shape[1:]
    stride = -(-neurons // native.LANES) * native.LANES
    state, current = aligned(np.zeros(variables * stride)), aligned(np.zeros(stride))
    state.reshape(variables, stride)[:, :neurons] = population.state[0]
    current[:neurons] = population.current[0]
    parameters = np.array([*population.model.parameters.values()])
    coupling, kicks, mean = population.coupling.copy(), np.zeros(steps), np.zeros(steps * variables)
    scratch = aligned(np.zeros(library.rldbs_scratch_size(model, 1, neurons, 1)))
    arrays = (parameters, state, current, coupling, kicks, mean, scratch)
    *first, last = (array.ctypes.data for array in arrays)
    sizes = (1, neurons, stride, steps)

    def call() -> None:
        library.rldbs_advance(model, 0, 1, *sizes, population.dt, *first, steps * variables, variables, 1, last)
        assert arrays

    return timer(call, steps)


def _built() -> ctypes.CDLL:
    """The core's sources in a library of their own, with one variant of the kernel."""
    variant = VARIANTS[native.SUPPORTED[-1]]
    folder = ROOT / "build" / NAME
    folder.mkdir(parents=True, exist_ok=True)
    models = sorted(path.stem for path in (ROOT / "native" / "models").glob("*.h"))
    includes = "".join(f'#include "models/{model}.h"\n' for model in models)
    listed = " ".join(f"X({model})" for model in models)
    (folder / "models.h").write_text(f'#include "fused.h"\n{includes}#define RLDBS_MODELS(X) {listed}\n')
    march = [] if variant == "generic" else [f"-march=x86-64-{variant}".removesuffix("-v1")]
    flags = ["-O3", "-ffp-contract=off", "-fno-math-errno", "-shared", "-fPIC", "-DRLDBS_UNFUSED", *march]
    flags += [
        f"-DRLDBS_VECTOR_BYTES={BYTES[variant]}",
        "-DRLDBS_VARIANT=generic",
        f"-I{folder}",
        f"-I{ROOT / 'native'}",
    ]
    library = folder / "unfused.so"
    sources = [ROOT / "native" / name for name in ("kernel.c", "ensemble.c")]
    subprocess.run(["cc", *flags, "-o", library, *sources, "-lm"], check=True)
    core = ctypes.CDLL(str(library))
    integer, number, address = ctypes.c_int64, ctypes.c_double, ctypes.c_void_p
    core.rldbs_scratch_size.argtypes = (ctypes.c_int, integer, integer, ctypes.c_int)
    core.rldbs_scratch_size.restype = integer
    core.rldbs_advance.argtypes = (*[ctypes.c_int] * 3, *[integer] * 4, number, *[address] * 6, *[integer] * 3, address)
    core.rldbs_advance.restype = None
    return core
