"""The settings of rate models with delays, as closed loops take them."""

from dataclasses import dataclass, field, replace
from typing import Annotated

from annotated_types import Ge, Le

from rldbs.core.arguments import number, whole
from rldbs.core.disease_settings import DiseaseSettings
from rldbs.core.errors import SettingError, shown

DELAYS = ("delay_stn_gpe", "delay_gpe_stn", "delay_gpe_gpe")
LONGEST_STEP = 0.5
"""ms: beyond it Euler's method gives another rhythm."""
LONGEST_DELAY = 1000.0
"""ms."""
MOST_SUBSTEPS = 10_000
MOST_RATE = 1000.0
"""spk/s, of noise and of what patients differ in."""
ROUNDING = 1e-6
Delay = Annotated[float, Ge(0), Le(1000)]


@dataclass(frozen=True)
class RateSettings(DiseaseSettings):
    """The settings of a rate model."""

    noise: Annotated[float, Ge(0), Le(1000)]
    """In spk/s: the standard deviation that noise alone would give each rate."""
    patients: Annotated[float, Ge(0), Le(1000)]
    """Standard deviation, over populations, of a constant current into STN, in spk/s."""
    substeps: Annotated[int, Ge(1), Le(10_000)]
    """Integration steps in each step."""
    delay_stn_gpe: Delay
    """In ms; so are the next ones."""
    delay_gpe_stn: Delay
    delay_gpe_gpe: Delay
    neurons: int = field(default=1, init=False, metadata={"elsewhere": True})

    __hash__ = DiseaseSettings.__hash__

    @property
    def difference(self) -> tuple[str, float]:
        return "patients", self.patients

    @property
    def substep(self) -> float:
        """The integration step, in ms."""
        return self.dt / self.substeps

    @property
    def delays(self) -> tuple[int, ...]:
        """In integration steps: STN → GPe, GPe → STN, GPe → GPe."""
        return tuple(round(getattr(self, name) / self.substep) for name in DELAYS)

    @property
    def memory(self) -> int:
        """Integration steps of the past that a state holds."""
        return max(self.delays) + 1

    @property
    def state_shape(self) -> tuple[int, int]:
        return 1, 2 * self.memory

    def label(self, coupling: str) -> str:
        return f"{self.told(coupling)}, noise {self.noise:g} spk/s"


def checked_rates(settings: RateSettings) -> RateSettings:
    """The same settings as plain numbers, if all that makes rate models of them is in range.

    Raises:
        SettingError: it is not.
    """
    settings.check_state()
    for name in ("noise", "patients"):
        if number(name, getattr(settings, name), least=0.0) > MOST_RATE:
            raise SettingError(f"{name}: must be at most {MOST_RATE:g} spk/s, is {shown(getattr(settings, name))}")
    settings = replace(
        settings,
        dt=number("dt", settings.dt, above=0.0),
        substeps=whole("substeps", settings.substeps, 1, MOST_SUBSTEPS),
    )
    step = settings.substep
    if step > LONGEST_STEP * (1.0 + ROUNDING):
        raise SettingError(
            f"model.substeps={settings.substeps}: must be {-(-settings.dt // LONGEST_STEP):g} or more with "
            f"model.dt={settings.dt:g}: beyond {LONGEST_STEP:g} ms the rhythm is another one"
        )
    for name in DELAYS:
        delay = number(name, getattr(settings, name), least=0.0)
        if delay > LONGEST_DELAY:
            raise SettingError(f"model.{name}={delay:g}: must be at most {LONGEST_DELAY:g} ms")
        if abs(round(delay / step) - delay / step) > ROUNDING:
            raise SettingError(
                f"model.{name}={delay:g}: must be a whole number of integration steps, which take {step:g} ms"
            )
    return settings
