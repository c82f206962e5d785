"""What a run has learned, as a function of an observation, in NumPy alone."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rldbs.agents.inference import Weights
from rldbs.agents.learned_controller import LearnedController
from rldbs.agents.settings import LearnerSettings
from rldbs.agents.settings.lqg import LQGSettings
from rldbs.agents.settings.on_policy import RecurrentPPOSettings
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.errors import SettingError, shown


class PolicyState:
    """What a policy remembers of the observations so far. It is good for one more observation; a copy of it, as
    ``copy.deepcopy`` makes it, goes on by itself.

    Args:
        controller: the policy, with its memory.
        rows: environments that it remembers.
    """

    def __init__(self, controller: LearnedController, rows: int) -> None:
        self._controller: LearnedController | None = controller
        self._rows = rows

    def take(self, rows: int) -> LearnedController:
        """The controller, which nobody gets from here again.

        Raises:
            SettingError: somebody has got it, or it remembers another number of environments.
        """
        if self._controller is None:
            raise SettingError(
                "state: has been used; give the one that predict gave last, None where an episode begins, or a copy: "
                "copy.deepcopy(state)"
            )
        if rows != self._rows:
            raise SettingError(f"state: is of {self._rows} environments, the observations are of {rows}")
        controller, self._controller = self._controller, None
        return controller


class Policy:
    """A learned policy.

    The numbers are those of the evaluation, but for the last digits of products, which depend on how many observations
    are looked at together.

    Args:
        settings: of the learner.
        loop: the environment for which it was trained.
        weights: by the names that torch gives them.
        steps: environment steps after which they were saved.
        generator: draws the actions of a stochastic policy; None for the deterministic one.

    Attributes:
        steps: environment steps after which it was saved.
        stochastic: whether its actions are drawn.
        remembers: whether what it does depends on more than the last observation.
        observation_size: numbers of an observation.
        levels: among how many levels it chooses; None where it chooses any amplitude.

    Raises:
        RunError: the weights do not fit.
    """

    def __init__(
        self,
        settings: LearnerSettings,
        loop: LoopSettings,
        weights: Weights,
        steps: int,
        generator: np.random.Generator | None = None,
    ) -> None:
        self._settings, self._loop, self._weights, self._generator = settings, loop, weights, generator
        self.steps, self.stochastic = steps, generator is not None
        self.remembers = isinstance(settings, LQGSettings | RecurrentPPOSettings) or settings.remembered > 0
        self.observation_size, self.levels = loop.recording.size, loop.stimulus.levels
        self._controller = self._fresh()

    def predict(
        self, observation: ArrayLike, state: PolicyState | None = None
    ) -> tuple[NDArray[Any], PolicyState | None]:
        """The action for an observation, or those for the observations of several environments.

        Args:
            observation: (size,), or (environments, size), as the environment gives it.
            state: what the call before has returned; None where episodes begin. A policy that remembers nothing
                returns None.

        Returns:
            The action as the environment takes it, float32 (action_size,) or (environments, action_size) within
            [−1, 1]; or, where the stimulus has levels, whole numbers () or (environments,). And the state for the next
            call.

        Raises:
            SettingError: the observation has another shape or is not finite, or the state is not that of the call
                before.

        Example:
            >>> policy, state = rldbs.load("zoo:hr-ppo").policy, None
            >>> action, state = policy.predict(observation, state)
        """
        given, size = _numbers(observation), self.observation_size
        if given.ndim not in (1, 2) or given.shape[-1] != size or not len(given):
            raise SettingError(f"observation: must be ({size},) or (environments, {size}), is {given.shape}")
        if not np.isfinite(given).all():
            raise SettingError("observation: is not finite")
        rows = given.reshape(-1, size)
        controller = self._acting(state, len(rows))
        actions = self._as_taken(controller.act(rows))
        after = PolicyState(controller, len(rows)) if self.remembers else None
        return (actions[0] if given.ndim == 1 else actions), after

    def _acting(self, state: object, rows: int) -> LearnedController:
        if not self.remembers:
            if state is not None:
                raise SettingError(f"state={shown(state)}: this policy remembers nothing; it must be None")
            return self._controller
        if state is None:
            return self._fresh()
        if not isinstance(state, PolicyState):
            raise SettingError(f"state={shown(state)}: must be what predict has returned, or None")
        return state.take(rows)

    def _fresh(self) -> LearnedController:
        return LearnedController(self._settings, self._loop, self._weights, self._generator)

    def _as_taken(self, actions: NDArray[np.float32]) -> NDArray[Any]:
        """Actions in [−1, 1] as the environment takes them: the numbers of levels, where it has such."""
        if self.levels is None:
            return actions
        levels: NDArray[Any] = np.rint((actions[:, 0] + 1.0) / 2.0 * (self.levels - 1)).astype(np.int64)
        return levels

    def __repr__(self) -> str:
        kind = "stochastic" if self.stochastic else "deterministic"
        memory = ", with a memory" if self.remembers else ""
        return f"<Policy after {self.steps:,} steps, {kind}{memory}: {self.observation_size} numbers of an observation>"


def _numbers(observation: ArrayLike) -> NDArray[np.float32]:
    try:
        return np.asarray(observation, np.float32)
    except (TypeError, ValueError):
        raise SettingError(f"observation={shown(observation)}: must be numbers") from None
