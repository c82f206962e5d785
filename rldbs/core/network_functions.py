"""The functions with which networks of cells are advanced: the core's own, or compiled for cells of a user's."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from rldbs.core import native
from rldbs.core.arguments import Floats
from rldbs.core.c_core import ffi, lib
from rldbs.core.cells import CELLS, Cell
from rldbs.core.own_library import own_cells

_DOUBLES = ffi.typeof("double[]")


class NetworkFunctions(NamedTuple):
    """The functions of ``rldbs.h`` with which networks of some cells are advanced."""

    cells: tuple[str, ...]
    """Names of the cells, in the order in which the functions number them."""
    size: Callable[..., int]
    scratch_size: Callable[..., int]
    advance: Callable[..., None]
    own: Any
    """The library in which they are; None for the core's own."""

    def at_rest(self, cell: Cell, constants: Sequence[float], v: Floats) -> Floats:
        """Where cells begin: float64 (variables, cells) from v (cells,) and the constants of their equations."""
        if cell.equations is None:
            return cell.at_rest(v)
        state, given = native.zeros(len(cell.variables), len(v)), native.zeros(len(constants))
        state[0], given[:] = v, constants
        self.own.start(
            self.cells.index(cell.name),
            len(v),
            ffi.from_buffer(_DOUBLES, given),
            ffi.from_buffer(_DOUBLES, state),
        )
        return state


def network_functions(cells: Sequence[Cell]) -> NetworkFunctions:
    """Those for the cells of a network's groups.

    Raises:
        CompilerError: equations cannot be compiled.
    """
    kinds = {cell.name: cell.holds for cell in cells}
    if all(isinstance(holds, str) for holds in kinds.values()):
        return NetworkFunctions(
            CELLS, lib.rldbs_network_size, lib.rldbs_network_scratch_size, lib.rldbs_network_advance, None
        )
    own = own_cells(tuple(kinds.values()), native.instruction_set())
    return NetworkFunctions(tuple(kinds), own.size, own.scratch_size, own.advance, own)
