"""The settings of networks of cells, as closed loops take them."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Annotated, Literal

from annotated_types import Ge, Le

from rldbs.core.arguments import number
from rldbs.core.cell_settings import STEPS, step_of
from rldbs.core.disease_settings import DiseaseSettings
from rldbs.core.errors import SettingError, shown
from rldbs.core.network_model import NetworkModel
from rldbs.core.so2012 import NETWORKS

MOST_SUBSTEPS = 10_000
MOST_PATIENTS = 100.0
ROUNDING = 1e-9


@dataclass(frozen=True)
class CellSettings(DiseaseSettings):
    """The settings of a network of cells."""

    patients: Annotated[float, Ge(0), Le(100)]
    """Standard deviation, over populations, of a constant current into all cells of a nucleus, in µA/cm²; none into the
    thalamus."""
    integrator: Literal["euler", "rk4"]
    substeps: Annotated[int, Ge(1), Le(10_000)] | None
    """Integration steps in each step; as many as the integrator needs where it is None."""
    neurons: int = field(default=0, init=False, metadata={"elsewhere": True})

    def __post_init__(self) -> None:
        super().__post_init__()
        if type(self.name) is str and self.name in NETWORKS:
            object.__setattr__(self, "neurons", self.network.cells)

    __hash__ = DiseaseSettings.__hash__

    @property
    def network(self) -> NetworkModel:
        """What a population is made of."""
        return NETWORKS[self.name]

    @property
    def difference(self) -> tuple[str, float]:
        return "patients", self.patients

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
        return 1, sum(len(group.cell.variables) * group.cells for group in self.network.groups)

    def label(self, coupling: str) -> str:
        return (
            f"{self.neurons} cells, {self.told(coupling)}, {self.integrator} in steps of {1000.0 * self.substep:g} µs"
        )


def checked_cells(settings: CellSettings) -> CellSettings:
    """The same settings as plain numbers, if all that makes networks of them is in range.

    Raises:
        SettingError: it is not.
    """
    if type(settings.integrator) is not str or settings.integrator not in STEPS:
        raise SettingError(f"integrator {shown(settings.integrator)}: must be one of {', '.join(STEPS)}")
    settings.check_state()
    if number("patients", settings.patients, least=0.0) > MOST_PATIENTS:
        raise SettingError(f"patients: must be at most {MOST_PATIENTS:g} µA/cm², is {shown(settings.patients)}")
    dt = number("dt", settings.dt, above=0.0)
    usual, needed = STEPS[settings.integrator]
    longest = needed if settings.network.longest is None else settings.network.longest
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
    step_of(settings.integrator, min(settings.substep, longest), longest)
    return replace(settings, dt=dt, patients=float(settings.patients))
