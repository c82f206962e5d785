"""Whether an option of one's own, or of a package, keeps what every option of rldbs promises."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rldbs.agents.settings import LEARNERS, LearnerSettings
from rldbs.config.composition import compose
from rldbs.config.groups import groups
from rldbs.config.schema import evaluate_settings
from rldbs.core.errors import SettingError, shown
from rldbs.environments import make, make_vec
from rldbs.envs.vector import PopulationVectorEnv
from rldbs.scripting.train_and_evaluate import command_words

SMALL = {"neurons": 40, "transient": 400, "start.populations": 3, "start.snapshots": 2}
"""What makes an environment small."""
ENVIRONMENTS = 3
STEPS = 40
SEED = 7


def check(group: str, name: str, model: str = "bvdp", **overrides: Any) -> None:
    """See whether an option is what a closed loop needs: its settings are typed, an environment of a batch is as it is
    alone, bit for bit, and all goes on as it would have after it was saved, or copied, in the middle of an episode.

    Args:
        group: ``reward``, ``stimulus``, ``recording``, ``coupling`` or ``agent``.
        name: of the option.
        model: in whose environment it is tried, made small.
        **overrides: further settings, as for :func:`rldbs.make`.

    Raises:
        SettingError: it is not; the message says in what. Nor is a learner, which only a short training can show.

    Example:
        >>> rldbs.check("reward", "deviation")
    """
    options = groups().get(group, [])
    if group not in ("reward", "stimulus", "recording", "coupling", "agent") or name not in options:
        raise SettingError(f"{group}={shown(name)}: there is no such option to check")
    if group == "agent":
        _check_controller(name, model, overrides)
    else:
        _check_piece(f"{group}={name}", model, {**SMALL, group: name, **overrides})


def _check_piece(given: str, model: str, settings: Mapping[str, Any]) -> None:
    batch = make_vec(model, num_envs=ENVIRONMENTS, seed=SEED, **settings)
    alone = [make(model, seed=SEED + k, **settings) for k in range(ENVIRONMENTS)]
    first, _ = batch.reset()
    for k, env in enumerate(alone):
        _alike(given, "first observations", first[k], env.reset()[0])
    batch.action_space.seed(SEED)
    actions = [batch.action_space.sample() for _ in range(STEPS)]
    for several in actions[: STEPS // 2]:
        seen, rewards, *_ = batch.step(several)
        for k, env in enumerate(alone):
            one, reward, *_ = env.step(several[k])
            _alike(given, "observations", seen[k], one)
            _alike(given, "rewards", rewards[k], reward)
    state, twin = batch.get_state(), copy.deepcopy(batch)
    went_on = _steps(batch, actions[STEPS // 2 :])
    batch.set_state(state)
    for other, what in ((batch, "saved"), (twin, "copied")):
        for (seen, rewards), (again, others) in zip(went_on, _steps(other, actions[STEPS // 2 :]), strict=True):
            if not (np.array_equal(seen, again) and np.array_equal(rewards, others)):
                raise SettingError(f"{given}: goes on in another way after it was {what}: it has a state of its own")


def _steps(batch: PopulationVectorEnv, actions: Sequence[Any]) -> list[tuple[Any, Any]]:
    return [(seen.copy(), rewards.copy()) for seen, rewards, *_ in map(batch.step, actions)]


def _check_controller(name: str, model: str, overrides: Mapping[str, Any]) -> None:
    given = f"agent={name}"
    words = command_words("evaluate", {"model": model, "agent": name, **SMALL, **overrides}, None)
    config = compose("evaluate", words)
    if config["agent"]["name"] in LEARNERS:
        raise SettingError(f"{given}: is a learner, which a short training shows: rldbs.train(agent={name!r}, steps=…)")
    settings = evaluate_settings(config)
    assert not isinstance(settings.agent, LearnerSettings)
    batch = PopulationVectorEnv(settings.loop, ENVIRONMENTS, SEED)
    together = settings.agent.make(settings.loop, SEED)
    alone = [settings.agent.make(settings.loop, SEED) for _ in range(ENVIRONMENTS)]
    size, seen = settings.loop.stimulus.action_size, batch.reset()[0]
    for step in range(STEPS):
        twin = copy.deepcopy(together) if step == STEPS // 2 else None
        actions = together.act(seen)
        if actions.shape != (ENVIRONMENTS, size) or actions.dtype != np.float32 or not (np.abs(actions) <= 1).all():
            raise SettingError(
                f"{given}: its actions must be float32 ({ENVIRONMENTS}, {size}) within [−1, 1], not "
                f"{actions.dtype} {actions.shape} from {actions.min():g} to {actions.max():g}"
            )
        for k, one in enumerate(alone):
            _alike(given, "actions", actions[k], one.act(seen[k : k + 1])[0])
        if twin is not None:
            _alike(given, "actions of a copy", actions, twin.act(seen))
        seen = batch.step(actions)[0]


def _alike(given: str, what: str, several: Any, one: Any) -> None:
    if not np.array_equal(several, one):
        raise SettingError(f"{given}: {what} in a batch are not those of a single environment")
