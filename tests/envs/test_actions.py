"""Actions are taken in the shape of the action space, and in no other that has as many numbers."""

import numpy as np
import pytest

import rldbs
from rldbs.core.errors import SettingError

FEW = {"neurons": 30, "transient": 50, "populations": 1, "snapshots": 1}


def three(face, envs: int = 4):
    """Environments whose actions are three numbers: one for each contact."""
    env = face("kuramoto_populations", num_envs=envs, seed=0, **FEW)
    env.reset()
    return env


def single(model: str = "kuramoto_populations", **overrides: object):
    env = rldbs.make(model, seed=0, **FEW, **overrides)
    env.reset()
    return env


@pytest.mark.parametrize("wrong", [(3, 4), (12,), (4, 1), (4,), (3, 3), (1, 4, 3)])
@pytest.mark.parametrize("face", [rldbs.make_vec, rldbs.make_sb3])
def test_a_batch_refuses_what_is_not_one_row_for_each_environment(face, wrong):
    with pytest.raises(SettingError, match=r"^actions: must be \(4, 3\), are \(" + str(wrong)[1:-1]):
        three(face).step(np.zeros(wrong))


def test_rows_are_those_of_their_environments():
    actions = np.zeros((4, 3))
    actions[:, 0] = 1.0
    kicks = three(rldbs.make_vec).step(actions)[4]["kicks"]
    assert (kicks[:, :, 0].max(axis=1) > 0.0).all()
    assert not kicks[:, :, 1:].any()


@pytest.mark.parametrize("wrong", [[0.1], np.zeros(2), 0.1, np.zeros((1, 3)), np.zeros((3, 1))])
def test_a_single_environment_refuses_too_few_numbers_and_rows(wrong):
    with pytest.raises(SettingError, match=r"^actions: must be \(3,\), are \("):
        single().step(wrong)


@pytest.mark.parametrize("wrong", [None, "up", [[1.0], [1.0, 2.0], [0.0]], np.zeros(3, complex)])
def test_what_are_no_numbers_is_refused_with_the_shape(wrong):
    with pytest.raises(SettingError, match=r"^actions: must be \(3,\)"):
        single().step(wrong)


@pytest.mark.parametrize("action", [0.5, [0.5], np.float32(0.5), np.full(1, 0.5)])
def test_one_number_needs_no_axis(action):
    kicks = [single("bvdp").step(each)[4]["kicks"] for each in (action, np.full(1, 0.5, np.float32))]
    np.testing.assert_array_equal(*kicks)


@pytest.mark.parametrize("face", [rldbs.make_vec, rldbs.make_sb3])
def test_one_number_an_environment_needs_no_axis_but_one_for_each(face):
    one, other = (face("bvdp", num_envs=3, seed=0, **FEW) for _ in "12")
    one.reset()
    other.reset()
    np.testing.assert_array_equal(one.step(np.full(3, 0.5))[0], other.step(np.full((3, 1), 0.5, np.float32))[0])
    for wrong in (np.zeros((1, 3)), np.zeros(2), 0.5):
        with pytest.raises(SettingError, match=r"^actions: must be \(3, 1\), are \("):
            one.step(wrong)


def test_levels_are_one_number_for_each():
    batch, alone = rldbs.make_vec("bvdp", num_envs=3, seed=0, levels=5, **FEW), single("bvdp", levels=5)
    batch.reset()
    batch.step(np.array([0, 4, 2]))
    alone.step(np.int64(3))
    for wrong in (np.zeros((1, 3), int), np.zeros(4, int), 2):
        with pytest.raises(SettingError, match=r"^actions: must be \(3, 1\), are \("):
            batch.step(wrong)
    for wrong in ([5, 0, 0], [0.5, 0.0, 0.0]):
        with pytest.raises(SettingError, match="whole numbers from 0 to 4"):
            batch.step(np.array(wrong))
    with pytest.raises(SettingError, match=r"^actions: must be \(1,\), are \(2,\)"):
        alone.step(np.array([1, 2]))
