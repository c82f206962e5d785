"""Identification as a learner: it excites populations, fits a model, makes a regulator, and goes on under that."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.policies import BasePolicy
from stable_baselines3.common.vec_env import VecEnv

from rldbs.agents.regulator.design import designed
from rldbs.agents.regulator.identification import Model
from rldbs.agents.regulator.identified_regulator import Regulator
from rldbs.agents.regulator.recorded_data import RecordedData, Stretch
from rldbs.agents.regulator.regulator_sizes import Sizes
from rldbs.agents.settings.lqg import LQGSettings
from rldbs.control.loop import ClosedLoop
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.in_threads import in_threads
from rldbs.core.native import Floats
from rldbs.core.saved_arrays import Arrays, part, prefixed

JUDGED = 4
"""Stretches on which a model is judged."""


class RegulatorWeights(torch.nn.Module):
    """The weights of a regulator where Stable-Baselines3 keeps those of networks. It does not act itself.

    Args:
        sizes: of the weights.
    """

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        for name, array in sizes.empty().items():
            self.register_buffer(name, torch.from_numpy(np.array(array)))

    @property
    def arrays(self) -> dict[str, Floats]:
        """Copies of all weights, by name."""
        return {name: tensor.numpy().copy() for name, tensor in self.state_dict().items()}

    def take(self, arrays: dict[str, Floats]) -> None:
        """Have other weights."""
        self.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in arrays.items()})


class Identification(BaseAlgorithm):
    """Identifies, rollout by rollout: each begins with fresh populations under the regulator of the one before.

    Args:
        env: the environments.
        settings: of the learner.
        loop: the environments themselves.
        **arguments: as for BaseAlgorithm.
    """

    policy: Any
    """:class:`RegulatorWeights`."""

    def __init__(self, env: VecEnv, settings: LQGSettings, loop: ClosedLoop, **arguments: Any) -> None:
        super().__init__(
            BasePolicy,
            env,
            supported_action_spaces=(spaces.Box, spaces.Discrete),
            support_multi_env=True,
            **arguments,
        )
        self.settings, self.loop = settings, loop
        self.data = RecordedData(settings, loop.settings)
        self._n_updates = 0
        self._setup_model()

    def _setup_model(self) -> None:
        self._setup_lr_schedule()
        self.set_random_seed(self.seed)
        sizes = Sizes.of(self.settings, self.loop.settings)
        self.policy = RegulatorWeights(sizes)

    def learn(
        self,
        total_timesteps: int,
        callback: Any = None,
        log_interval: int | None = None,
        tb_log_name: str = "regulator",
        reset_num_timesteps: bool = True,
        progress_bar: bool = False,
    ) -> "Identification":
        total, following = self._setup_learn(total_timesteps, callback, reset_num_timesteps, tb_log_name, progress_bar)
        following.on_training_start(locals(), globals())
        while self.num_timesteps < total:
            self._update_current_progress_remaining(self.num_timesteps, total)
            following.on_rollout_start()
            self.improve(following)
            following.on_rollout_end()
            self._n_updates += 1
        following.on_training_end()
        return self

    def improve(self, callback: BaseCallback) -> None:
        """One rollout, and what is learned from it."""
        self.identify(callback)

    def identify(self, callback: BaseCallback) -> None:
        """Excite the environments for a rollout, and have the regulator of the model that explains it."""
        settings, loop = self.settings, self.loop
        amplitude, count = loop.settings.stimulus.amplitude, loop.environments
        weights = self.policy.arrays
        regulator = Regulator(settings, loop.settings, weights)
        prices = np.arange(count) % len(settings.prices)
        regulator.choose(prices)
        excitation = settings.excitation / amplitude
        signals, contacts = len(settings.signals(loop.settings)), settings.contacts(loop.settings)
        y, u = (np.empty((count, settings.recorded, numbers)) for numbers in (signals, contacts))
        between = settings.between(loop.settings)
        x = np.empty((count, settings.recorded, between)) if between else None
        begins = np.zeros((count, settings.recorded), np.bool_)
        begins[:, 0] = True
        self._last_obs = self._fresh()
        for step in range(settings.recorded):
            normal = np.random.standard_normal((count, contacts))  # noqa: NPY002
            actions = regulator(np.asarray(self._last_obs, np.float32), excitation * normal)
            y[:, step], u[:, step] = regulator.signal, regulator.given
            ended = self.take_step(actions, callback)
            if x is not None:
                x[:, step] = loop.mean_field[:, :, 0]
            if ended.any():
                regulator.restart(np.flatnonzero(ended))
                begins[ended, min(step + 1, settings.recorded - 1)] = True
        self._learn_from([*self._stretches(y, u, x, begins)], prices)

    def _learn_from(self, stretches: list[Stretch], prices: NDArray[np.intp]) -> None:
        """Take in what was recorded under the regulators of ``prices``, (stretches,), and design them anew."""
        settings, loop, weights = self.settings, self.loop.settings, self.policy.arrays
        threads = self.loop.ensemble.threads
        recorded = {
            k: [s for s, price in zip(stretches, prices, strict=True) if price == k] for k in set(prices.tolist())
        }
        usable = in_threads(self.data.take_in, sorted(recorded.items()), threads)
        usable += [usable[-1]] * (len(settings.prices) - len(usable))
        models = in_threads(self.data.model, ((k,) for k in range(len(settings.prices))), threads)
        every = [stretch for some in usable for stretch in some]
        loudness = float(weights["loudness"]) or float(np.median([stretch.loudness for stretch in every]))
        made = designed(settings, loop, models, weights, threads)
        if not loop.recording.centered:
            rest = np.mean([stretch.y.mean(axis=0) for stretch in every], axis=0)
            made["rest"] = rest.reshape(made["rest"].shape)
        made["loudness"] = np.array(loudness)
        judged = in_threads(partial(errors, loop), zip(models, usable, strict=True), threads)
        for k, found in enumerate(judged):
            for name, value in found.items():
                made[name][k] = value
        self.policy.take(made)
        self.logger.record("train/order", max(model.order for model in models))
        self.logger.record("train/condition", max(model.condition for model in models))
        self.logger.record("train/error", float(made["error"].min()))

    def own_state(self) -> Arrays:
        """What it goes on with, beside the weights."""
        return prefixed("data", self.data.arrays())

    def restore_own(self, arrays: Arrays) -> None:
        """Go on where :meth:`own_state` was called.

        Raises:
            RunError: the arrays are not those of such a learner.
        """
        self.data.restore(part("data", arrays))

    def take_step(self, actions: NDArray[Any], callback: BaseCallback) -> NDArray[np.bool_]:
        """A step of all environments: which episodes have ended."""
        assert self.env is not None
        observations, _, ended, infos = self.env.step(actions)
        self._last_obs, self._last_episode_starts = observations, ended  # type: ignore[assignment]
        self.num_timesteps += self.env.num_envs
        callback.update_locals({"infos": infos, "dones": ended})
        callback.on_step()
        self._update_info_buffer([infos[i] for i in np.flatnonzero(ended)])
        return ended

    def dump_logs(self) -> None:
        self.logger.dump(step=self.num_timesteps)

    def _fresh(self) -> Any:
        """Observations of new episodes in all environments."""
        assert self.env is not None
        self._last_episode_starts = np.ones(self.env.num_envs, np.bool_)
        return self.env.reset()

    def _stretches(self, y: Floats, u: Floats, x: Floats | None, begins: NDArray[np.bool_]) -> Iterator[Stretch]:
        """What there is to identify from, environment by environment: without the beginning of every episode."""
        skipped = int(self.settings.settling * self.settings.recorded)
        for row in range(len(y)):
            edges = [*np.flatnonzero(begins[row]).tolist(), y.shape[1]]
            begin, end = max(pairwise(edges), key=lambda edge: edge[1] - edge[0])
            used = slice(begin + skipped, end)
            yield Stretch(y[row, used], u[row, used], None if x is None else x[row, used])


def errors(loop: LoopSettings, model: Model, stretches: Sequence[Stretch]) -> dict[str, float]:
    """How far a model errs on the second halves of stretches, one step and one period ahead; and their deviation.

    A period is cut short where the stretches are.
    """
    found: dict[str, list[float]] = {"error": [], "period_error": [], "deviation": []}
    for stretch in stretches[:JUDGED]:
        half = len(stretch.y) // 2
        y, u = (stretch.y - stretch.y.mean(axis=0))[half:], stretch.u[half:]
        room = len(y) - max(model.order, len(model.inputs))
        period = min(max(1, loop.model.period // loop.stimulus.interval), room // 2)
        if period < 1:
            continue
        found["error"].append(float(np.square(model.errors_ahead(y, u, 1)).mean()))
        found["period_error"].append(float(np.square(model.errors_ahead(y, u, period)).mean()))
        found["deviation"].append(float(np.square(y).mean()))
    return {name: float(np.sqrt(np.mean(squares))) if squares else 0.0 for name, squares in found.items()}
