"""A copy of an environment, a pickled one too, goes on to the bit in the middle of an episode, and on its own."""

import copy
import multiprocessing
import pickle

import gymnasium
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rldbs
from rldbs.core.errors import RunError, SettingError
from rldbs.environments import IDS
from tests.control.test_loop import COUPLINGS, RECORDINGS, SMALL, STIMULI

WAYS = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda env: pickle.loads(pickle.dumps(env)),
}
FACES = {
    "single": lambda **overrides: rldbs.make("bvdp", seed=4, **overrides),
    "vector": lambda **overrides: rldbs.make_vec("bvdp", 3, seed=4, **overrides),
    "same step": lambda **overrides: rldbs.make_vec("bvdp", 2, seed=4, autoreset_mode="SameStep", **overrides),
    "sb3": lambda **overrides: rldbs.make_sb3("bvdp", 3, seed=4, **overrides),
}


def moves(env, count: int, seed: int = 0) -> np.ndarray:
    """Actions of the environment's own space, for so many steps."""
    size, random = (count, getattr(env, "num_envs", 1), env.loop.action_size), np.random.default_rng(seed)
    levels = env.loop.settings.stimulus.levels
    return random.uniform(-1, 1, size).astype(np.float32) if levels is None else random.integers(0, levels, size[:2])


def go_on(env, actions: np.ndarray) -> list[bytes]:
    """All that comes out of an environment, to the bit; where episodes end, the next ones begin."""
    out = []
    for action in actions:
        step = env.step(action[0] if isinstance(env, gymnasium.Env) else action)
        out += [np.asarray(part).tobytes() for part in step[:-1]]
        out += [env.loop.kicks.tobytes(), env.loop.mean_field.tobytes(), env.loop.ensemble.coupling.tobytes()]
        if isinstance(env, gymnasium.Env) and (step[2] or step[3]):
            out.append(env.reset()[0].tobytes())
    return [*out, env.loop.ensemble.state.tobytes()]


@settings(max_examples=30, deadline=None)
@given(
    way=st.sampled_from(sorted(WAYS)),
    face=st.sampled_from(sorted(FACES)),
    steps=st.integers(0, 60),
    stimulus=st.sampled_from(STIMULI),
    recording=st.sampled_from(RECORDINGS),
    coupling=st.sampled_from(COUPLINGS),
    stagger=st.booleans(),
)
def test_a_copy_goes_on_as_its_original(way, face, steps, stimulus, recording, coupling, stagger):
    env = FACES[face](**SMALL | stimulus | recording | coupling | {"episode.stagger": stagger})
    env.reset()
    actions = moves(env, steps + 60)
    go_on(env, actions[:steps])
    state, again = env.get_state(), WAYS[way](env)
    go_on(WAYS[way](again), moves(env, 5, seed=1))  # what becomes of one copy is nothing to another
    expected = go_on(env, actions[steps:])
    assert go_on(again, actions[steps:]) == expected
    other = FACES[face](**SMALL | stimulus | recording | coupling | {"episode.stagger": stagger})
    other.set_state(state)
    assert go_on(other, actions[steps:]) == expected
    env.set_state(state)
    assert go_on(env, actions[steps:]) == expected


@pytest.mark.parametrize("face", FACES)
def test_the_next_thousand_steps_from_a_state_that_was_written_to_a_file(face, tmp_path):
    """With all that is drawn on the way: noise, gaps, a coupling that wanders, episodes of other lengths at first."""
    drawn = {"noise": 0.02, "dropout": 0.1, "coupling": "walk", "episode.stagger": True}
    env, other = FACES[face](**SMALL, **drawn), FACES[face](**SMALL, **drawn)
    env.reset()
    actions = moves(env, 1037)
    go_on(env, actions[:37])
    np.savez(tmp_path / "state.npz", **env.get_state())
    expected = go_on(env, actions[37:])
    with np.load(tmp_path / "state.npz") as state:
        other.set_state(state)
    assert go_on(other, actions[37:]) == expected


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("face", FACES)
def test_a_copy_before_the_first_episode_begins_as_its_original(face, way):
    env = FACES[face](**SMALL)
    again = WAYS[way](env)
    for one in (env, again):
        one.reset()
    actions = moves(env, 45)
    assert go_on(env, actions) == go_on(again, actions)


@pytest.mark.parametrize("model", ["bvdp", "hr"])
@pytest.mark.parametrize("way", WAYS)
def test_an_ensemble_is_copied_whole(way, model):
    ensemble = rldbs.Ensemble(model, populations=2, neurons=37, transient=50, parameters={}, threads=2)
    ensemble.coupling[1] = 0.4
    again, other, kicks = WAYS[way](ensemble), rldbs.Ensemble(model, 2, 37, transient=0), np.full((2, 50), 0.01)
    other.set_state(ensemble.get_state())
    means = {one.advance(kicks).tobytes() for one in (ensemble, again, other)}
    assert len(means) == len({one.state.tobytes() for one in (ensemble, again, other)}) == 1
    again.state[:] = 0.0
    assert ensemble.state.any()
    assert (again.model, again.threads) == (ensemble.model, 2)
    with pytest.raises(TypeError):
        again.model.parameters["rate"] = 1.0


def all_go_on(envs, actions, ensemble, kicks: np.ndarray) -> list[list[bytes]]:
    steps = [go_on(env, actions[face]) for face, env in envs.items()]
    return [*steps, [ensemble.advance(kicks).tobytes(), ensemble.state.tobytes()]]


def send_what_comes(pipe, *given) -> None:
    pipe.send(all_go_on(*given))


def test_a_spawned_process_goes_on_with_every_face_and_with_an_ensemble():
    envs = {face: make(**SMALL) for face, make in FACES.items()}
    actions = {}
    for face, env in envs.items():
        env.reset()
        actions[face] = moves(env, 60)
        go_on(env, actions[face][:7])
        actions[face] = actions[face][7:]
    ensemble, kicks = rldbs.Ensemble("hr", populations=2, neurons=31, transient=50, seed=3), np.full((2, 1000), 0.01)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=send_what_comes, args=(theirs, envs, actions, ensemble, kicks))
    process.start()
    assert ours.recv() == all_go_on(envs, actions, ensemble, kicks)
    process.join()


@pytest.mark.parametrize("env_id", IDS)
def test_what_gymnasium_has_made_is_copied_with_its_wrappers(env_id):
    env = gymnasium.make(env_id, max_episode_steps=9, render_mode="rgb_array", **SMALL)
    env.reset(seed=0)
    env.step(env.action_space.sample())
    action = np.array([0.5], np.float32)
    for again in (copy.deepcopy(env), pickle.loads(pickle.dumps(env))):
        assert [again.step(action)[3] for _ in range(8)] == [False] * 7 + [True]
        assert again.render().shape == env.render().shape


def test_there_is_no_state_before_the_first_episode():
    with pytest.raises(SettingError, match=r"call reset\(\) first"):
        FACES["vector"](**SMALL).get_state()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"clock": None}, "saved state clock: is missing"),
        ({"more": np.zeros(1)}, "saved state more: this environment has none"),
        ({"state": np.zeros((1, 2, 3))}, "saved state state: must be float64"),
        ({"generators": np.zeros((3, 6), np.uint64)}, "saved state generators: is not the state of a generator"),
    ],
)
def test_a_state_of_another_kind_is_refused_and_changes_nothing(change, words):
    env, same = FACES["vector"](**SMALL), FACES["vector"](**SMALL)
    for one in (env, same):
        one.reset()
    state = {name: array for name, array in {**env.get_state(), **change}.items() if array is not None}
    go_on(env, moves(env, 3))
    go_on(same, moves(env, 3))
    with pytest.raises(RunError, match=words):
        env.set_state(state)
    assert go_on(env, moves(env, 50)) == go_on(same, moves(env, 50))


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("wrong", [None, [1.0], "state"])
def test_what_are_no_arrays_with_names_is_refused(face, wrong):
    env = FACES[face](**SMALL)
    env.reset()
    with pytest.raises(RunError, match="saved state: must be arrays with names, is "):
        env.set_state(wrong)


def test_an_ensemble_takes_no_other_state():
    ensemble = rldbs.Ensemble("bvdp", neurons=5, transient=0)
    before = ensemble.state.copy()
    with pytest.raises(RunError, match="saved state more: an ensemble has none"):
        ensemble.set_state({**ensemble.get_state(), "more": np.zeros(1)})
    with pytest.raises(RunError, match="saved state coupling: must be float64"):
        ensemble.set_state({"state": before + 1, "current": ensemble.current, "coupling": np.zeros(2)})
    np.testing.assert_array_equal(ensemble.state, before)
