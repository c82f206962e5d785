"""The settings of networks of cells, as closed loops take them."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Len

from rldbs.core.arguments import number
from rldbs.core.cell_settings import CONDITIONS, STEPS, step_of
from rldbs.core.errors import SettingError, shown
from rldbs.core.model_settings import ModelSettings
from rldbs.core.so2012 import NETWORKS

MOST_SUBSTEPS = 10_000
MOST_PATIENTS = 100.0
ROUNDING = 1e-9


@dataclass(frozen=True)
class CellSettings(ModelSettings):
    """The settings of a network of cells. Time is in ms, and a step is that from one sample of it to the next."""

    state: Literal["healthy", "pd"] | Annotated[float, Ge(0), Le(1)]
    """A number is how severe the disease is, from 0 in health to 1."""
    patients: Annotated[float, Ge(0), Le(100)]
    """Standard deviation, over populations, of a constant current into all cells of a nucleus, in µA/cm²."""
    integrator: Literal["euler", "rk4"]
    substeps: Annotated[int, Ge(1), Le(10_000)] | None
    """Integration steps in each step; as many as the integrator needs where it is None."""
    band: Annotated[list[Annotated[float, Gt(0), Le(1000)]], Len(2, 2)]
    """Lowest and highest frequency of the rhythm that is told, in Hz."""
    neurons: int = field(default=0, init=False, metadata={"elsewhere": True})
    coupling: float = field(default=0.0, init=False, metadata={"elsewhere": True})
    """How severe the disease is: what may differ between episodes, and change within one."""

    def __post_init__(self) -> None:
        if type(self.name) is str and self.name in NETWORKS:
            object.__setattr__(self, "neurons", NETWORKS[self.name].cells)
        given: object = self.state
        object.__setattr__(self, "coupling", CONDITIONS.get(given, 0.0) if isinstance(given, str) else given)

    __hash__ = ModelSettings.__hash__

    @property
    def difference(self) -> tuple[str, float]:
        return "patients", self.patients

    @property
    def rhythm(self) -> tuple[float, float]:
        """The band."""
        return self.band[0], self.band[1]

    @cached_property
    def kicks_per_step(self) -> int:
        if self.substeps is not None:
            return self.substeps
        return max(1, round(self.dt / STEPS[self.integrator][0]))

    @property
    def substep(self) -> float:
        """The integration step, in ms."""
        return self.dt / self.kicks_per_step

    @cached_property
    def state_shape(self) -> tuple[int, int]:
        return 1, sum(len(group.cell.variables) * group.cells for group in NETWORKS[self.name].groups)

    @property
    def uncoupled(self) -> None:
        return None

    def label(self, coupling: str) -> str:
        steady = isinstance(self.state, str) and coupling == f"{self.coupling:g}"
        told = self.state if steady else f"severity {coupling}"
        return f"{self.neurons} cells, {told}, {self.integrator} in steps of {1000.0 * self.substep:g} µs"


def checked_cells(settings: CellSettings) -> CellSettings:
    """The same settings as plain numbers, if all that makes networks of them is in range.

    Raises:
        SettingError: it is not.
    """
    if type(settings.integrator) is not str or settings.integrator not in STEPS:
        raise SettingError(f"integrator {shown(settings.integrator)}: must be one of {', '.join(STEPS)}")
    state: object = settings.state
    if isinstance(state, str) and state not in CONDITIONS:
        raise SettingError(f"state: must be {', '.join(CONDITIONS)}, or a number from 0 to 1, is {shown(state)}")
    if not isinstance(state, str) and not 0.0 <= number("state", state, least=0.0) <= 1.0:
        raise SettingError(f"state: must be from 0 to 1, is {shown(state)}")
    if number("patients", settings.patients, least=0.0) > MOST_PATIENTS:
        raise SettingError(f"patients: must be at most {MOST_PATIENTS:g} µA/cm², is {shown(settings.patients)}")
    dt = number("dt", settings.dt, above=0.0)
    usual, longest = STEPS[settings.integrator]
    if settings.substeps is None and abs(settings.kicks_per_step * usual / dt - 1.0) > ROUNDING:
        raise SettingError(
            f"model.dt={dt:g}: must be a multiple of {usual:g} ms, or model.substeps must say how many integration "
            "steps it has"
        )
    if not 1 <= settings.kicks_per_step <= MOST_SUBSTEPS:
        raise SettingError(f"model.substeps: must be from 1 to {MOST_SUBSTEPS}, is {settings.kicks_per_step}")
    if settings.substep > longest * (1.0 + ROUNDING):
        least = -(-dt // longest)
        raise SettingError(
            f"model.substeps={settings.kicks_per_step}: must be {least:g} or more with model.dt={dt:g} and "
            f"model.integrator={settings.integrator}: beyond {longest:g} ms rates are wrong"
        )
    step_of(settings.integrator, min(settings.substep, longest))
    return replace(settings, dt=dt, patients=float(settings.patients))
