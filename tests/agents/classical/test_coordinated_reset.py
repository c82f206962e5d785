"""Coordinated reset: whose turn it is when, held against a published pattern."""

from pathlib import Path

import numpy as np
import pytest

from rldbs.core.errors import SettingError
from tests.agents.classical.listening import controller, environment, kicks_of_contacts, sine, times

LINE = environment("model=kuramoto_line", "model.period=400", "recording.length=40", "recording.stride=10")
SILENCE = np.zeros((2, LINE.recording.memory + 799 * 5))
"""As long as 800 decisions of 5 steps: ten cycles of 400."""
PATTERN = Path(__file__).parents[2] / "data" / "kuramoto_coordinated_reset.npz"
PLAIN = {"size": 10.0, "period": 0.025, "duty": 0.5, "cycle": 1.0, "turn": None, "on_cycles": 3, "off_cycles": 2}


def given(x=SILENCE, loop=LINE, seed=0, **changes):
    """Kicks, (decisions, environments, contacts)."""
    return kicks_of_contacts("coordinated_reset", x, loop, seed, **{**PLAIN, **changes})


def turns(kicks):
    """Whose turn it is in each part of every cycle of 80 decisions, (cycles, 4)."""
    parts = (kicks != 0).reshape(-1, 20, 4)
    assert (parts.any(axis=1).sum(axis=1) == 1).all(), "each part is one contact's"
    return parts.any(axis=1).argmax(axis=1).reshape(-1, 4)


def test_the_pattern_is_that_of_the_published_model():
    """Lysyansky, Popovych, Tass (2011): 200 oscillators on a line, four contacts, three cycles on and two off."""
    held = np.load(PATTERN)
    np.testing.assert_array_equal(np.repeat(given()[:, 1], 5, axis=0), held["stimulation"])


def test_turns_are_in_their_order_or_shuffled_anew_for_every_cycle():
    assert (turns(given(off_cycles=0)[:, 0]) == [0, 1, 2, 3]).all()
    shuffled = turns(given(off_cycles=0, shuffled=True)[:, 0])
    assert (np.sort(shuffled, axis=1) == [0, 1, 2, 3]).all(), "each contact has its turn in every cycle"
    assert len(np.unique(shuffled, axis=0)) > 4


def test_the_orders_follow_the_seed_whatever_the_batch_and_cycles_that_are_off():
    first, second = (given(seed=seed, off_cycles=0, shuffled=True) for seed in (5, 6))
    np.testing.assert_array_equal(first[:, 1], second[:, 0])
    assert (first[:, 0] != first[:, 1]).any()
    with_breaks = given(seed=5, shuffled=True)
    np.testing.assert_array_equal(with_breaks[:240], first[:240])
    np.testing.assert_array_equal(with_breaks[400:640], first[400:640])
    assert not with_breaks[240:400].any()


def test_longer_turns_overlap_and_end_with_the_cycle():
    kicks = given(turn=0.5, duty=1.0, off_cycles=0)[:160, 0]
    on = kicks != 0
    assert on[:80].sum(axis=0).tolist() == [40, 40, 40, 20]
    np.testing.assert_array_equal(on[:80], on[80:])


def test_on_demand_each_contact_may_listen_for_itself():
    loop = environment(
        "model=kuramoto_line",
        "electrode.sites=[[-3.75,0,0],[-1.25,0,0],[1.25,0,0],[3.75,0,0]]",
        "recording.variable=[x1,x2,x3,x4]",
    )
    quiet, loud = sine(3000, 0.1), sine(3000, 0.9)
    x = np.stack([loud, quiet, loud, quiet])[:, None]
    late = times(3000, loop) > 1500
    kicks = given(x, loop, channel="each", demand=0.5, off_cycles=0)[late, 0]
    assert kicks.any(axis=0).tolist() == [True, False, True, False]
    always = given(x, loop, off_cycles=0)[late, 0]
    np.testing.assert_array_equal(kicks[:, [0, 2]], always[:, [0, 2]])
    assert not given(x, loop, channel=1, demand=0.5)[late].any()


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["model=kuramoto"], r"contacts take turns, but there is one; use electrode=four"),
        (["model=kuramoto_line", "stimulus.together=true"], r"stimulus\.together=true; set it to false"),
    ],
)
def test_contacts_that_cannot_take_turns_are_refused(overrides, message):
    with pytest.raises(SettingError, match=rf"agent=coordinated_reset: .*{message}"):
        controller("coordinated_reset", environment(*overrides))
