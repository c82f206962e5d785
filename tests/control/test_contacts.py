"""Several contacts: what each gives, what they may give together, and that one of them is what there was before."""

from dataclasses import replace

import numpy as np
import pytest

import rldbs
from rldbs.config.python_arguments import make_loop_settings
from rldbs.control.contacts import SeveralContacts, at_contacts
from rldbs.control.loop import ClosedLoop
from rldbs.control.stimulus import ChargeBalanced, Delta, Pulse
from rldbs.control.timed_stimuli import Train
from rldbs.core.errors import SettingError

THREE = {"neurons": 30, "transient": 50, "episode.steps": 50, "populations": 2}


def loop(environments: int = 2, **changes: object) -> ClosedLoop:
    return ClosedLoop(make_loop_settings("kuramoto_populations", {**THREE, **changes}), environments, 3)


def test_each_contact_gives_its_own_kick():
    stimulus = SeveralContacts(ChargeBalanced(amplitude=2.0, interval=3, recovery=2), 2)
    kicks = stimulus.kicks(np.array([[1.0, -0.5], [0.0, 0.25]]))
    assert stimulus.action_size == 2
    np.testing.assert_array_equal(kicks[0], [[2.0, -1.0], [-1.0, 0.5], [-1.0, 0.5]])
    np.testing.assert_array_equal(kicks[1], [[0.0, 0.5], [0.0, -0.25], [0.0, -0.25]])


def test_a_pulse_takes_three_numbers_for_each_contact():
    stimulus, one = SeveralContacts(Pulse(), 2), Pulse()
    actions = np.random.default_rng(0).uniform(-1, 1, (4, 6))
    kicks = stimulus.kicks(actions)
    for contact in range(2):
        np.testing.assert_array_equal(kicks[:, :, contact], one.kicks(actions[:, 3 * contact : 3 * contact + 3]))


def test_together_all_contacts_do_the_same():
    stimulus = SeveralContacts(Delta(together=True, levels=3), 3)
    assert stimulus.action_size == 1
    np.testing.assert_array_equal(stimulus.kicks(np.array([[0.9]])), [[[1.0, 1.0, 1.0]]])


def test_a_limit_holds_for_all_contacts_together_and_leaves_their_ratio():
    kicks = SeveralContacts(Delta(amplitude=2.0, limit=3.0), 2).kicks(np.array([[1.0, -1.0], [1.0, 0.5], [0.5, 0.5]]))
    np.testing.assert_allclose(kicks[:, 0], [[1.5, -1.5], [2.0, 1.0], [1.0, 1.0]], rtol=1e-15)


@pytest.mark.parametrize(
    "stimulus",
    [
        ChargeBalanced(amplitude=2.0, interval=6, width=2, gap=1, recovery=3, limit=1.5),
        Pulse(amplitude=2.0, limit=1.5),
        Train(interval=40, width=100.0, recovery=300.0, amplitude=2.0, limit=1.5, hold=0.1),
    ],
    ids=lambda stimulus: type(stimulus).__name__,
)
def test_pulses_stay_balanced_under_a_limit(stimulus):
    """Both phases are scaled alike, though only the first one would be above the limit."""
    actions = np.random.default_rng(0).uniform(-1, 1, (20, 3 * stimulus.action_size))
    kicks = SeveralContacts(stimulus, 3).kicks(actions)
    free = SeveralContacts(replace(stimulus, limit=None), 3).kicks(actions)
    at_once = np.abs(kicks).sum(axis=2).max(axis=1)
    within = np.abs(free).sum(axis=2).max(axis=1) <= 1.5
    assert (at_once <= 1.5 + 1e-12).all()
    assert 0 < within.sum() < len(within)
    np.testing.assert_array_equal(kicks[within], free[within])
    np.testing.assert_allclose(at_once[~within], 1.5, rtol=1e-12)
    assert np.abs(kicks).sum(axis=1).max() > 1.0
    np.testing.assert_allclose(kicks.sum(axis=1), 0.0, atol=1e-12)


@pytest.mark.parametrize(
    ("stimulus", "contacts", "words"),
    [
        (Delta(levels=5), 2, "Set stimulus.together=true"),
        (Delta(limit=1.0), 1, "stimulus.limit=1: is for several contacts"),
    ],
)
def test_what_does_not_fit_so_many_contacts_is_refused(stimulus, contacts, words):
    with pytest.raises(SettingError, match=words):
        at_contacts(stimulus, contacts)


def test_a_stimulus_with_kicks_of_its_own_is_asked_for_them_at_each_contact():
    class Doubled(Delta):
        def kicks(self, actions):
            return 2.0 * super().kicks(actions)

    assert SeveralContacts(Delta(), 2).proportional is not None
    assert SeveralContacts(Doubled(), 2).proportional is None


def test_steps_in_c_are_those_of_their_pieces():
    """A limit that is never reached leaves the kicks to Python, and changes nothing."""
    random = np.random.default_rng(0)
    native, pieces = loop(), loop(limit=1e3)
    native.reset(), pieces.reset()
    assert native._step.shapes
    assert not pieces._step.shapes
    for _ in range(5):
        actions = random.uniform(-1.2, 1.2, (2, 3))
        np.testing.assert_array_equal(native.step(actions)[0], pieces.step(actions)[0])
        np.testing.assert_array_equal(native.kicks, pieces.kicks)
        np.testing.assert_array_equal(native.mean_field, pieces.mean_field)
        np.testing.assert_array_equal(native.observe(), pieces.observe())


def test_rewards_charge_for_what_all_contacts_give():
    made = loop(reward="setpoint", **{"reward.beta": 2.0, "reward.weight": 0.0})
    made.reset()
    rewards, _ = made.step(np.array([[1.0, -0.5, 0.25], [0.0, 0.0, 0.0]]))
    given = 0.5 * (1.0 + 0.5 + 0.25) / made.settings.stimulus.interval
    np.testing.assert_allclose(rewards, [-2.0 * given, 0.0], rtol=1e-12)


def test_an_environment_alone_is_the_same_as_in_a_batch_and_goes_on_where_it_was_saved():
    together, alone = loop(3), ClosedLoop(make_loop_settings("kuramoto_populations", THREE), 1, 4)
    random = np.random.default_rng(1)
    together.reset(), alone.reset()
    for k in range(8):
        actions = random.uniform(-1, 1, (3, 3))
        together.step(actions), alone.step(actions[1:2])
        np.testing.assert_array_equal(together.mean_field[1], alone.mean_field[0])
        if k == 3:
            saved = alone.saved()
    went = alone.mean_field
    random = np.random.default_rng(1)
    drawn = [random.uniform(-1, 1, (3, 3)) for _ in range(8)]
    alone.restore(saved)
    for actions in drawn[4:]:
        alone.step(actions[1:2])
    np.testing.assert_array_equal(alone.mean_field, went)


def test_an_action_that_is_not_finite_is_told_by_its_environment():
    made = loop()
    made.reset()
    with pytest.raises(SettingError, match=r"environment 1 got \[ 0\. nan"):
        made.step(np.array([[0.0, 0.0, 0.0], [0.0, np.nan, 0.0]]))


def test_faces_have_an_action_for_each_contact_and_tell_what_each_gave():
    env = rldbs.make("kuramoto_populations", seed=0, **THREE)
    env.reset()
    _, _, _, _, info = env.step(np.array([1.0, 0.0, -1.0], np.float32))
    assert env.action_space.shape == (3,)
    np.testing.assert_array_equal(info["kicks"][0], [0.5, 0.0, -0.5])
    batch = rldbs.make_vec("kuramoto_populations", 2, seed=0, **THREE, render_mode="rgb_array")
    batch.reset()
    assert batch.step(np.ones((2, 3), np.float32))[4]["kicks"].shape == (2, 3, 3)
    assert batch.render()[0].ndim == 3


def test_environments_in_tissue_branch_as_others_do():
    made = ClosedLoop(
        make_loop_settings("bvdp", {"neurons": 27, "transient": 50, "tissue": "cube", "electrode": "four"}), 3
    )
    made.reset()
    made.step(np.full((3, 4), 0.1))
    made.branch(np.array([1, 1, 0]))
    made.step(np.full((3, 4), 0.1))
    np.testing.assert_array_equal(made.mean_field[0], made.mean_field[1])
