"""What the settings of all models of a disease have: how severe it is, and the rhythm that is told of it."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Len

from rldbs.core.arguments import number
from rldbs.core.cell_settings import CONDITIONS
from rldbs.core.errors import SettingError, shown
from rldbs.core.model_settings import ModelSettings


@dataclass(frozen=True)
class DiseaseSettings(ModelSettings):
    """The settings of a model whose coupling is the severity of a disease. Time is in ms, and a step is that from one
    sample to the next. Populations are patients, who differ in ``patients``, a field of each model."""

    state: Literal["healthy", "pd"] | Annotated[float, Ge(0), Le(1)]
    """A number is how severe the disease is, from 0 in health to 1."""
    band: Annotated[list[Annotated[float, Gt(0), Le(1000)]], Len(2, 2)]
    """Lowest and highest frequency of the rhythm that is told, in Hz."""
    coupling: float = field(default=0.0, init=False, metadata={"elsewhere": True})
    """How severe the disease is: what may differ between episodes, and change within one."""

    def __post_init__(self) -> None:
        given: object = self.state
        object.__setattr__(self, "coupling", CONDITIONS.get(given, 0.0) if isinstance(given, str) else given)

    __hash__ = ModelSettings.__hash__

    @property
    def rhythm(self) -> tuple[float, float]:
        """The band."""
        return self.band[0], self.band[1]

    @property
    def uncoupled(self) -> None:
        return None

    def told(self, coupling: str) -> str:
        """The disease in a word, as far as it is one and stays so, from words about how severe it is."""
        steady = isinstance(self.state, str) and coupling == f"{self.coupling:g}"
        return str(self.state) if steady else f"severity {coupling}"

    def check_state(self) -> None:
        """Whether the disease is one that there is.

        Raises:
            SettingError: it is not.
        """
        state: object = self.state
        if isinstance(state, str) and state not in CONDITIONS:
            raise SettingError(f"state: must be {', '.join(CONDITIONS)}, or a number from 0 to 1, is {shown(state)}")
        if not isinstance(state, str) and not 0.0 <= number("state", state, least=0.0) <= 1.0:
            raise SettingError(f"state: must be from 0 to 1, is {shown(state)}")
