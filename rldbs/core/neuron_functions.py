"""The functions with which neurons of a model are advanced: the core's own, or compiled from a user's equations."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from rldbs.core.c_core import ffi, lib
from rldbs.core.compiler import ALIKE, IN_TISSUE
from rldbs.core.equations import Equations
from rldbs.core.errors import SettingError, shown
from rldbs.core.own_library import own_neurons

KERNELS: tuple[str, ...] = tuple(ffi.string(lib.rldbs_model_name(i)).decode() for i in range(lib.rldbs_model_count()))
"""Names of the compiled neuron models."""
KernelName = str | Equations
"""What holds the equations of a model in C: a header of the core's, or what a user has written."""


class Sizes(NamedTuple):
    """What a model's neurons take."""

    variables: int
    constants: int


class NeuronFunctions(NamedTuple):
    """The functions of ``rldbs.h`` with which neurons of one model are advanced, all alike or in tissue."""

    model: int
    """Its number, for the functions."""
    own: Any
    """The library in which they are; NULL for the core's own."""
    scratch_size: Callable[..., int]
    advance: Callable[..., None]
    mixing: Callable[..., None] | None
    """Of neurons in tissue."""


def sizes(kernel: KernelName) -> Sizes:
    """What the neurons of a model take.

    Raises:
        SettingError: the core was built without it.
    """
    if isinstance(kernel, Equations):
        return Sizes(len(kernel.variables), len(kernel.constants))
    model = _number(kernel)
    return Sizes(lib.rldbs_model_variables(model), lib.rldbs_model_parameters(model))


def neuron_functions(kernel: KernelName, instruction_set: str) -> NeuronFunctions:
    """Those for neurons that are all alike; equations are compiled for one instruction set.

    Raises:
        SettingError: the core was built without the model.
        CompilerError: equations cannot be compiled.
    """
    if isinstance(kernel, Equations):
        own = own_neurons(kernel, ALIKE, instruction_set)
        return NeuronFunctions(0, own, own.scratch_size, partial(lib.rldbs_own_advance, own), None)
    model = _number(kernel)
    return NeuronFunctions(model, ffi.NULL, lib.rldbs_scratch_size, partial(lib.rldbs_advance, model), None)


def tissue_functions(kernel: KernelName, instruction_set: str) -> NeuronFunctions:
    """Those for neurons in tissue, likewise.

    Raises:
        SettingError, CompilerError: as for :func:`neuron_functions`.
    """
    if isinstance(kernel, Equations):
        own = own_neurons(kernel, IN_TISSUE, instruction_set)
        advance = partial(lib.rldbs_own_spatial_advance, own)
        return NeuronFunctions(0, own, own.spatial_scratch_size, advance, own.spatial_mixing)
    functions = lib.rldbs_spatial_scratch_size, lib.rldbs_spatial_advance, lib.rldbs_spatial_mixing
    return NeuronFunctions(_number(kernel), ffi.NULL, *functions)


def _number(kernel: object) -> int:
    if type(kernel) is not str or kernel not in KERNELS:
        raise SettingError(
            f"kernel {shown(kernel)}: must be one of {', '.join(KERNELS)}, with which the core was built\n"
            "With a new file in native/models/, build it anew: pip install --editable ."
        )
    return KERNELS.index(kernel)
