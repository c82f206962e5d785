"""Environments of every kind of model go on to the bit from a state, a copy, a pickle, and in a spawned process."""

import copy
import multiprocessing
import pickle
import shutil

import pytest

import rldbs
from tests.config.test_own_model import MORRIS_LECAR, directory
from tests.envs.test_restorable import go_on, moves

SMALL = {"populations": 2, "snapshots": 2, "transient": 200, "episode.steps": 300, "episode.stagger": True}
KINDS = {
    "kuramoto": {"neurons": 27},
    "kuramoto_populations": {"neurons": 30},
    "so2012": {"stimulus.interval": 20, "populations": 1, "snapshots": 1},
    "bvdp": {"neurons": 27, "tissue": "cube", "electrode": "four", "plasticity": "walk", "noise": 0.01},
    "ml": {"neurons": 20, "coupling": "walk"},
}
FACES = {
    "single": rldbs.make,
    "vector": lambda model, **settings: rldbs.make_vec(model, 2, **settings),
    "sb3": lambda model, **settings: rldbs.make_sb3(model, 2, **settings),
}


def made(model, face, tmp_path):
    """Two environments that are alike, of which the first one is in the middle of an episode."""
    own = {}
    if model == "ml":
        if shutil.which("cc") is None:
            pytest.skip("needs a C compiler")
        own = {"config_dir": directory(tmp_path, ml=MORRIS_LECAR)}
    env, other = (FACES[face](model, seed=4, **SMALL | KINDS[model], **own) for _ in range(2))
    env.reset()
    go_on(env, moves(env, 37))
    return env, other


FEW, MANY = (("vector", 40),), tuple((face, 1000) for face in FACES)


@pytest.mark.parametrize(("face", "steps"), [*FEW, *(pytest.param(*case, marks=pytest.mark.slow) for case in MANY)])
@pytest.mark.parametrize("model", KINDS)
def test_the_next_steps_from_a_state_a_copy_and_a_pickle(model, face, steps, tmp_path):
    env, other = made(model, face, tmp_path)
    actions, state = moves(env, steps, seed=1), env.get_state()
    copied, pickled = copy.deepcopy(env), pickle.loads(pickle.dumps(env))
    expected = go_on(env, actions)
    other.set_state(state)
    for again in (other, copied, pickled):
        assert go_on(again, actions) == expected


def send_what_comes(pipe, envs, steps: int) -> None:
    pipe.send([go_on(env, moves(env, steps, seed=1)) for env in envs])


@pytest.mark.parametrize("steps", [40, pytest.param(1000, marks=pytest.mark.slow)])
def test_a_spawned_process_goes_on_with_all_of_them(steps, tmp_path):
    envs = [made(model, "single", tmp_path / model)[0] for model in KINDS]
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=send_what_comes, args=(theirs, envs, steps))
    process.start()
    assert ours.recv() == [go_on(env, moves(env, steps, seed=1)) for env in envs]
    process.join()
