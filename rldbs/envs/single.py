"""One population as a Gymnasium environment: a batch of one."""

from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from rldbs.control.loop import ClosedLoop
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.arguments import first_seed
from rldbs.core.errors import SettingError
from rldbs.core.saved_arrays import Arrays
from rldbs.envs.rendering import METADATA
from rldbs.envs.restorable import Copied
from rldbs.envs.running_signal import Signal
from rldbs.envs.spaces import action_space, box_actions, observation_space

Observation = NDArray[np.float32]


class PopulationEnv(Copied, gymnasium.Env[Observation, NDArray[np.float32]]):
    """A neuronal population under control.

    Observation: float32 (size,), as the recording says, within its bounds. Action: float32 (action_size,) in
    [−1, 1], scaled by the stimulus's amplitude. Episodes end by truncation after ``episode.steps`` steps; that of a
    population that goes out of bounds is terminated, with −``episode.penalty`` as its reward.
    ``info`` holds the physics of the step: ``mean_field`` float64 (interval, variables) and ``kicks`` float64
    (interval,), or (interval, contacts) where there are several; and ``diverged``, a line about it, where the episode
    was terminated.

    Args:
        settings: those of the closed loop; ``rldbs.make`` takes them by name.
        seed: seeds the first episode, unless :meth:`reset` is given one.
        render_mode: ``rgb_array`` for pictures of the running signal.
        threads: threads for the population; worth it from 10 000 neurons on.

    Raises:
        SettingError: an argument is not allowed.
    """

    metadata = METADATA

    def __init__(
        self,
        settings: LoopSettings,
        seed: int | None = None,
        render_mode: str | None = None,
        threads: int = 1,
    ) -> None:
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise SettingError(f"render_mode: must be rgb_array or None, is {render_mode!r}")
        self._seed = first_seed(seed)
        self.loop = ClosedLoop(settings, 1, self._seed or 0, threads)
        self.observation_space = observation_space(self.loop)
        self.action_space = action_space(self.loop)
        self.render_mode = render_mode
        self._signal = Signal(self.loop) if render_mode else None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        seed = first_seed(seed)
        first, self._seed = self._seed, None
        super().reset(seed=first if seed is None else seed)
        if self.loop.generators[0] is not self.np_random:
            self.loop.seed(0, self.np_random)
        self.loop.reset()
        if self._signal:
            self._signal.restart()
        return self.loop.observe()[0], {}

    def step(self, action: NDArray[np.float32]) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        rewards, diverged, truncated = self.loop.episode_step(box_actions(self.loop, action, single=True))
        if self._signal:
            self._signal.record()
        info: dict[str, Any] = {"mean_field": self.loop.mean_field[0], "kicks": self.loop.kicks[0]}
        if diverged[0]:
            info["diverged"] = self.loop.diverged[0]
        return self.loop.observe()[0], float(rewards[0]), bool(diverged[0]), bool(truncated[0]), info

    def restore(self, arrays: Arrays) -> None:
        super().restore(arrays)
        self.np_random, self._seed = self.loop.generators[0], None
        if self._signal:
            self._signal.restart()

    def render(self) -> NDArray[np.uint8] | None:
        return self._signal.frame(0) if self._signal else None
