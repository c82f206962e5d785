"""A batch of populations as a Gymnasium vector environment."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from rldbs.control.episode import MOST_STEPS
from rldbs.control.loop import ClosedLoop
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.arguments import new_seeds, seeds, whole
from rldbs.core.errors import SettingError
from rldbs.core.native import MOST_NEURONS
from rldbs.core.saved_arrays import Arrays, put
from rldbs.envs.rendering import METADATA
from rldbs.envs.restorable import Copied
from rldbs.envs.running_signal import Signal
from rldbs.envs.spaces import action_space, box_actions, observation_space

Observations = NDArray[np.float32]
Flags = NDArray[np.bool_]


class _Named(type):
    """Names the face that Stable-Baselines3 takes wherever a class is shown, as it is where that library refuses it."""

    def __repr__(cls) -> str:
        return f"{super().__repr__()} (Stable-Baselines3 takes what rldbs.make_sb3 makes)"


class PopulationVectorEnv(
    Copied, gymnasium.vector.VectorEnv[Observations, NDArray[np.float32], NDArray[Any]], metaclass=_Named
):
    """Populations under control that step together, in one call of the C core.

    Environment i of a batch seeded s is bit for bit the single environment seeded s + i.
    ``info`` holds the physics of the step: ``mean_field`` float64 (num_envs, interval, variables) and ``kicks``
    float64 (num_envs, interval), or (num_envs, interval, contacts) where there are several, with Gymnasium's masks
    ``_mean_field`` and ``_kicks`` of the environments that they are about: not those that were reset in this step.
    ``diverged`` holds a line about each population that has gone out of bounds: its episode is terminated, with
    −``episode.penalty`` as its reward; the others go on.

    Args:
        settings: those of the closed loop; ``rldbs.make_vec`` takes them by name.
        num_envs: environments in the batch.
        seed: an integer, or one for each environment; seeds the first episodes, unless :meth:`reset` is given one.
        autoreset_mode: when an ended episode is followed by the next one: ``NEXT_STEP`` (Gymnasium's default),
            ``SAME_STEP`` (the last observation is in ``info["final_obs"]``) or ``DISABLED`` (reset with
            ``options={"reset_mask": …}``).
        render_mode: ``rgb_array`` for pictures of the running signals.
        threads: threads for the populations; no result depends on it.
        max_episode_steps: truncates episodes after so many steps where ``episode.steps`` does not before, as
            Gymnasium's ``TimeLimit`` does; None or −1 for no such limit.

    Raises:
        SettingError: an argument is not allowed.
    """

    def __init__(
        self,
        settings: LoopSettings,
        num_envs: int = 1,
        seed: int | Sequence[int] | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None,
        threads: int = 1,
        max_episode_steps: int | None = None,
    ) -> None:
        num_envs = whole("num_envs", num_envs, 1, MOST_NEURONS)
        if render_mode not in (None, "rgb_array"):
            raise SettingError(f"render_mode: must be rgb_array or None, is {render_mode!r}")
        try:
            self.autoreset_mode = AutoresetMode(autoreset_mode)
        except ValueError:
            modes = ", ".join(mode.value for mode in AutoresetMode)
            raise SettingError(f"autoreset_mode: must be one of {modes}, is {autoreset_mode!r}") from None
        self.num_envs = num_envs
        self._seed = None if seed is None else seeds(seed, num_envs)
        self._most = None
        if max_episode_steps not in (None, -1):
            self._most = whole("max_episode_steps", max_episode_steps, 1, MOST_STEPS)
        self.loop = ClosedLoop(settings, num_envs, [0] * num_envs, threads)
        self.single_observation_space = observation_space(self.loop)
        self.single_action_space = action_space(self.loop)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.render_mode = render_mode
        self.metadata = METADATA | {"autoreset_mode": self.autoreset_mode}
        self._ended = np.zeros(num_envs, np.bool_)
        self._fresh = True
        self._signal = Signal(self.loop) if render_mode else None

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observations, dict[str, Any]]:
        """Start new episodes, in all environments or in those of ``options["reset_mask"]``, bool (num_envs,)."""
        mask = self._reset_mask((options or {}).get("reset_mask"))
        new = new_seeds(seed, self.num_envs)
        if self._fresh:
            first = seeds(secrets.randbits(62), self.num_envs) if self._seed is None else self._seed
            self._reseed(first, np.ones(self.num_envs, np.bool_))
            self._fresh = False
        self._reseed(new, mask)
        self.loop.reset(mask)
        self._ended[mask] = False
        if self._signal:
            self._signal.restart(mask)
        return self.loop.observe(), {}

    def step(
        self, actions: NDArray[np.float32]
    ) -> tuple[Observations, NDArray[np.float64], Flags, Flags, dict[str, Any]]:
        """One step of every environment; see the class for ``info`` and the autoreset modes.

        Args:
            actions: (num_envs, action_size); (num_envs,) will do where an action is one number.

        Raises:
            SettingError: they have another shape or are not finite, or an environment waits to be reset.
        """
        waiting = self._ended
        if self.autoreset_mode is AutoresetMode.DISABLED and waiting.any():
            raise SettingError(
                f"environments {np.flatnonzero(waiting).tolist()} have ended; reset them with "
                "options={'reset_mask': mask} before the next step"
            )
        idle = waiting if waiting.any() else None
        rewards, terminated, truncated = self.loop.episode_step(box_actions(self.loop, actions), idle)
        if self._most is not None:
            truncated = truncated | (self.loop.clock.now >= self._most)
        mean_field, kicks, about = self.loop.mean_field, self.loop.kicks, self.loop.diverged
        acted = np.ones(self.num_envs, np.bool_)
        if self._signal:
            self._signal.record()
        if idle is not None:  # NEXT_STEP: these begin anew and their action is ignored
            acted = ~waiting
            self._begin(waiting)
            rewards = np.where(waiting, 0.0, rewards)
            terminated, truncated = terminated & acted, truncated & acted
        observations = self.loop.observe()
        ended = terminated | truncated
        physics: dict[str, Any] = {"mean_field": mean_field, "kicks": kicks}
        info = _masked(terminated, diverged=_objects(about, terminated)) if terminated.any() else {}
        self._ended = ended.copy()
        if self.autoreset_mode is AutoresetMode.SAME_STEP and ended.any():
            acted = ~ended
            final = _masked(ended, **physics) | info
            info = _masked(ended, final_obs=_objects(observations, ended)) | _masked(ended, final_info=final)
            self._begin(ended)
            observations = observations.copy()  # final_obs holds rows of it
            observations[ended] = self.loop.observe(np.flatnonzero(ended))
            self._ended = np.zeros(self.num_envs, np.bool_)
        if acted.any():
            info |= _masked(acted, **physics)
        return observations, rewards, terminated, truncated, info

    def render(self) -> tuple[NDArray[np.uint8], ...] | None:
        """A picture of each environment's running signal."""
        return tuple(self._signal.frame(i) for i in range(self.num_envs)) if self._signal else None

    def _begin(self, mask: Flags) -> None:
        self.loop.reset(mask)
        if self._signal:
            self._signal.restart(mask)

    def saved(self) -> Arrays:
        return {**super().saved(), "ended": self._ended.copy()}

    def restore(self, arrays: Arrays) -> None:
        put(self._ended, arrays, "ended")
        super().restore(arrays)
        self._fresh = False
        if self._signal:
            self._signal.restart()

    def _reseed(self, new: Sequence[int | None], mask: Flags) -> None:
        for i in np.flatnonzero(mask).tolist():
            if new[i] is not None:
                self.loop.seed(i, np.random.default_rng(new[i]))

    def _reset_mask(self, mask: object) -> Flags:
        if mask is None:
            return np.ones(self.num_envs, np.bool_)
        if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_ or mask.shape != (self.num_envs,):
            raise SettingError(f"reset_mask: must be a bool array of shape ({self.num_envs},)")
        if not mask.any():
            raise SettingError("reset_mask: must hold at least one True")
        return mask


def _masked(mask: Flags, **values: Any) -> dict[str, Any]:
    """Entries of an info dict, each with Gymnasium's mask of the environments that it is about."""
    return values | {f"_{key}": mask.copy() for key in values}


def _objects(items: Observations | Mapping[int, str], mask: Flags) -> NDArray[Any]:
    """The items of ``mask`` as objects, None elsewhere: the form of Gymnasium's ``final_obs``."""
    objects = np.full(len(mask), None, object)
    for i in np.flatnonzero(mask).tolist():
        objects[i] = items[i]
    return objects
