"""A replay buffer that keeps the recorded series once, instead of every window of it."""

from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3.common.buffers import NStepReplayBuffer

from rldbs.control.loop import ClosedLoop
from rldbs.control.sample_tape import Tape
from rldbs.core.errors import RunError
from rldbs.core.saved_arrays import Arrays, part, prefixed, put, put_within, take, whole


class SeriesReplayBuffer(NStepReplayBuffer):
    """Stable-Baselines3's replay buffer, to the bit, whose observations are cut from a tape when they are sampled.

    Each observation is a window of the recorded signals that differs from the one before it by a few samples. A million
    transitions with windows of 250 samples take 2 GB as windows and about 26 MB as a series.

    Args:
        buffer_size: transitions that are kept, those of all environments together.
        observation_space: of the environments.
        action_space: of the environments.
        loop: the environments.
        **more: as for NStepReplayBuffer.
    """

    def __init__(
        self,
        buffer_size: int,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        *,
        loop: ClosedLoop,
        **more: Any,
    ) -> None:
        without_room = spaces.Box(-1.0, 1.0, (0,))
        super().__init__(buffer_size, without_room, action_space, **more)
        self._tape = loop.record(self.buffer_size)
        self._ends = np.zeros((self.buffer_size, self.n_envs), np.int64)
        self._memory = loop.settings.recording.memory
        self._interval = loop.settings.stimulus.interval
        self.observations: Any = _Observations(loop, self._tape, self._ends, self._interval)
        self.next_observations: Any = _Observations(loop, self._tape, self._ends, 0)

    def add(
        self,
        obs: NDArray[Any],
        next_obs: NDArray[Any],
        action: NDArray[Any],
        reward: NDArray[Any],
        done: NDArray[np.bool_],
        infos: list[dict[str, Any]],
    ) -> None:
        self._ends[self.pos] = self._tape.now - self._memory * done  # the next episode's past is on the tape already
        super().add(obs, next_obs, action, reward, done, infos)

    def saved(self) -> Arrays:
        """All that the buffer holds: no more room than the transitions that are there."""
        filled = self.size()
        return {
            **prefixed("tape", self._tape.saved()),
            "ends": self._ends[:filled].copy(),
            "actions": self.actions[:filled].copy(),
            "rewards": self.rewards[:filled].copy(),
            "dones": self.dones[:filled] > 0,
            "timeouts": self.timeouts[:filled] > 0,
            "pos": np.array(self.pos),
            "filled": np.array(filled),
        }

    def restore(self, arrays: Arrays) -> None:
        """Go on where :meth:`saved` was called.

        Raises:
            RunError: the arrays are not those of such a buffer.
        """
        filled = whole(arrays, "filled", 0, self.buffer_size)
        self.full = filled == self.buffer_size
        self.pos = whole(arrays, "pos", 0, self.buffer_size - 1)
        if self.pos != filled % self.buffer_size and not self.full:
            raise RunError(f"saved state pos: must be {filled}, is {self.pos}")
        least, most = _range(self.action_space)
        put_within(self.actions[:filled], arrays, "actions", least, most)
        put(self.rewards[:filled], arrays, "rewards")
        put(self._ends[:filled], arrays, "ends")
        for name in ("dones", "timeouts"):
            getattr(self, name)[:filled] = take(arrays, name, (filled, self.n_envs), np.bool_)
        self._tape.restore(part("tape", arrays))
        if not self._tape.holds(self._ends[:filled], self._interval):
            raise RunError("saved state ends: not on the tape")


def _range(actions: spaces.Space[Any]) -> tuple[float, float]:
    """The lowest and the highest number in an action."""
    if isinstance(actions, spaces.Discrete):
        return 0, int(actions.n) - 1
    assert isinstance(actions, spaces.Box)
    return float(actions.low.min()), float(actions.high.max())


class _Observations:
    """In the place of the array of all observations: each is made when it is asked for.

    Args:
        loop: makes them of the signals.
        tape: the signals.
        ends: int64 (transitions, environments), where on the tape the observations after the steps end.
        back: samples by which those that are wanted end earlier.
    """

    def __init__(self, loop: ClosedLoop, tape: Tape, ends: NDArray[np.int64], back: int) -> None:
        self._loop, self._tape, self._ends, self._back = loop, tape, ends, back

    def __getitem__(self, index: tuple[Any, ...]) -> NDArray[np.float32]:
        transitions, environments = index[:2]
        ends = self._ends[transitions, environments] - self._back
        return self._loop.observation(self._tape.windows(environments, ends))

    def __setitem__(self, index: int, observations: NDArray[np.float32]) -> None:
        """They are on the tape already."""
