"""The settings of a closed loop: one record for each of its parts, and what follows from them together."""

from dataclasses import dataclass, field, replace

from rldbs.control.coupling import Coupling
from rldbs.control.electrode_drift import StillElectrode
from rldbs.control.encapsulation import NoEncapsulation
from rldbs.control.episode import Episode
from rldbs.control.episode_start import Start
from rldbs.control.plasticity import SteadyNeurons
from rldbs.control.recording import Recording
from rldbs.control.reward import Reward
from rldbs.control.stimulus import Stimulus
from rldbs.core.model_settings import ModelSettings
from rldbs.core.native import Floats


@dataclass(frozen=True)
class LoopSettings:
    """All that decides an environment, except its seed."""

    model: ModelSettings
    stimulus: Stimulus
    recording: Recording
    reward: Reward
    coupling: Coupling
    start: Start
    episode: Episode
    electrode_drift: StillElectrode = field(default_factory=StillElectrode)
    encapsulation: NoEncapsulation = field(default_factory=NoEncapsulation)
    plasticity: SteadyNeurons = field(default_factory=SteadyNeurons)

    @property
    def memory(self) -> int:
        """Integration steps of the mean field's past that the loop keeps."""
        return max(self.recording.memory, self.reward.memory, self.stimulus.interval)

    @property
    def unchanging(self) -> "LoopSettings":
        """The same, with an electrode and neurons that stay what they are."""
        return replace(
            self, electrode_drift=StillElectrode(), encapsulation=NoEncapsulation(), plasticity=SteadyNeurons()
        )

    def check_changes(self) -> None:
        """Whether all that is to change is there.

        Raises:
            SettingError: it is not.
        """
        self.electrode_drift.bounds(self.model)
        self.encapsulation.check(self.model)
        self.plasticity.unit(self.model)

    @property
    def label(self) -> str:
        """The populations, and what changes in the tissue, in a few words for the heading of a picture."""
        changes = (self.electrode_drift.label(), self.encapsulation.label(), self.plasticity.label())
        return ", ".join([self.model.label(self.coupling.label(self.model.coupling)), *filter(None, changes)])

    def free_range(self, threads: int) -> tuple[float, float]:
        """Lowest and highest X of free populations, over the loop's memory."""
        x = self._free_x(threads)
        return float(x.min()), float(x.max())

    def free_std(self, threads: int) -> float:
        """Standard deviation of X in free populations, over the loop's memory."""
        return float(self._free_x(threads).std(axis=1).mean())

    def _free_x(self, threads: int) -> Floats:
        return self.start.free_bank(self.model, self.coupling, self.memory, threads).past[:, :, 0]
