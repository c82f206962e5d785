"""What a checkpoint may hold of a learner: all of its state, and nothing else."""

import random
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from rldbs.agents.learner import build_learner
from rldbs.agents.learner_state import learner_state, restore_learner
from rldbs.agents.settings import LEARNERS
from rldbs.core.errors import RunError
from tests.agents.conftest import Learned, learned

Groups = dict[str, dict[str, np.ndarray]]

AGENTS = ("ppo", "sac", "lqg_search")
FEW = 60
ANY = ("limit", "numpy_at", "own", "generators", "torch", "numpy", "start")
"""Whole numbers that are more than counts; what they must be is asked for below."""
OPTIONAL = ("_last_original_obs",)


def fresh(run: Learned) -> object:
    loop = type(run.loop)(run.settings.loop, run.settings.envs, 0)
    return build_learner(run.settings.agent, loop, seed=1)


def with_array(groups: Groups, group: str, name: str, array: np.ndarray) -> Groups:
    return {**groups, group: {**groups[group], name: array}}


def without(groups: Groups, group: str, name: str) -> Groups:
    return {**groups, group: {key: array for key, array in groups[group].items() if key != name}}


def forged(groups: Groups) -> Iterator[tuple[str, Groups]]:
    """What a stranger can put in the place of each array."""
    for group, arrays in groups.items():
        yield f"no {group}", {key: value for key, value in groups.items() if key != group}
        for more in ("extra", "policy.0.extra", "environments.extra", "policy.99.step"):
            yield f"{group} {more}", with_array(groups, group, more, np.zeros(1, np.float32))
        for name, array in arrays.items():
            last = name.rpartition(".")[2]
            if name not in OPTIONAL:
                yield f"{group} no {name}", without(groups, group, name)
            others: list[np.ndarray] = [array[None], np.zeros((*array.shape, 2), array.dtype)]
            if array.size:
                others.append(array.reshape(-1)[:-1])
            kind = array.dtype.kind
            with np.errstate(all="ignore"):
                others += [array.astype(dtype) for dtype in ("f8", "f4", "i8") if array.dtype != dtype]
            if array.size and kind == "f":
                others += [
                    np.where(np.arange(array.size).reshape(array.shape) == 0, bad, array).astype(array.dtype)
                    for bad in (np.nan, np.inf, -np.inf)
                ]
            if array.size and kind == "i" and last not in ANY:
                others += [np.full_like(array, bad) for bad in (-1, 2**62, -(2**63))]
            if array.size and kind == "b":
                others.append(np.full(array.shape, 7, np.uint8).view(np.bool_))
            for k, other in enumerate(others):
                if not (name == "episodes" and k == 2):
                    yield f"{group} {name} {k}: {other.dtype} {other.shape}", with_array(groups, group, name, other)


@pytest.mark.parametrize(
    ("agent", "most"), [(a, FEW) for a in AGENTS] + [pytest.param(a, None, marks=pytest.mark.slow) for a in LEARNERS]
)
def test_state_that_is_not_whole_or_not_of_its_kind_is_refused(agent, most):
    tissue = ("tissue=line", "electrode=single", "electrode_drift=walk", "encapsulation=growth", "plasticity=walk")
    recording = ("recording.noise=0.1", "recording.dropout=0.1", "recording.dropout_length=2")
    run = learned(agent, *recording, *tissue, "coupling=walk", steps=512)
    groups = learner_state(run.learner)
    learner = fresh(run)
    restore_learner(learner, groups)
    wrong, cases = [], list(forged(groups))
    assert len(cases) > 200
    for what, other in cases if most is None else random.Random(0).sample(cases, most):
        try:
            restore_learner(learner, other)
        except RunError as error:
            if not str(error).isprintable() or len(str(error)) > 300:
                wrong.append(f"{what}: {error}")
        except Exception as error:
            wrong.append(f"{what}: {error!r}")
        else:
            wrong.append(f"{what}: was taken")
    assert wrong == []


def word(groups: Groups, name: str, index: object, value: int) -> Groups:
    array = groups["course"][name].copy()
    array[index] = value
    return with_array(groups, "course", name, array)


def test_words_that_are_no_state_of_a_generator_are_refused():
    run = learned("sac", "recording.noise=0.1", steps=512)
    groups, learner = learner_state(run.learner), fresh(run)
    torch_words = groups["course"]["random.torch"]
    left = int(torch_words[8:12].view(np.int32)[0])

    def torch_at(left: int, following: int) -> Groups:
        words = torch_words.copy()
        words[8:12].view(np.int32)[0], words[16:24].view(np.uint64)[0] = left, following
        return with_array(groups, "course", "random.torch", words)

    for other in (
        word(groups, "environments.generators", (0, 3), 2),  # an even increment
        word(groups, "environments.generators", (1, 4), 2),
        word(groups, "environments.sensor.noise.generators", (0, 5), 2**32),
        word(groups, "random.own", (0, 4), 2**63),
        torch_at(624, 620),  # torch would read beyond its words
        torch_at(0, 0),
        torch_at(left, 625),
        torch_at(-5, 630),
        with_array(groups, "course", "random.torch", np.zeros_like(torch_words)),
        with_array(groups, "course", "random.torch", np.full_like(torch_words, 255)),
        with_array(groups, "course", "random.numpy_at", np.array(625)),
        with_array(groups, "course", "random.numpy_normal", np.array([0.5, 0.0])),
    ):
        with pytest.raises(RunError, match="saved state"):
            restore_learner(learner, other)
    restore_learner(learner, torch_at(1, 0))
    restore_learner(learner, groups)
    assert torch.equal(torch.get_rng_state(), torch.from_numpy(torch_words))


def test_actions_and_places_that_no_transition_has_are_refused():
    run = learned("dqn", steps=512)
    groups, learner = learner_state(run.learner), fresh(run)
    course = groups["course"]
    now = int(course["replay.tape.now"][0])
    for name, index, value in (
        ("replay.actions", 0, 5),
        ("replay.ends", (0, 0), 0),
        ("replay.ends", (0, 0), now + 1),
        ("replay.ends", (0, 0), -(2**62)),
        ("replay.tape.now", 0, -1),
        ("replay.tape.now", 0, 2**62),
        ("replay.pos", (), 1),
        ("replay.filled", (), 3),
        ("environments.limit", 0, 0),
        ("environments.limit", 0, 201),
        ("environments.clock", 0, 2**62),
        ("environments.field.now", (), 2**62),
        ("environments.start", 0, int(course["environments.start"][0]) ^ 1),
    ):
        with pytest.raises(RunError):
            restore_learner(learner, word(groups, name, index, value))
    restore_learner(learner, groups)


@pytest.mark.parametrize("agent", ["ppo", "sac"])
def test_what_an_optimizer_cannot_have_is_refused(agent):
    run = learned(agent, steps=512)
    groups, learner = learner_state(run.learner), fresh(run)
    name = next(name for name in groups["optimizer"] if name.endswith(".step"))
    for other, value in ((name, -1), (name, 0), (name, 1e30), (name.replace("step", "exp_avg_sq"), -1.0)):
        array = np.full_like(groups["optimizer"][other], value)
        with pytest.raises(RunError, match=f"saved state {other}: must be from"):
            restore_learner(learner, with_array(groups, "optimizer", other, array))
