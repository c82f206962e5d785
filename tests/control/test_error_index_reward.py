"""The reward of the thalamus's faithfulness: errors for each pulse, and the price of current."""

import numpy as np
import pytest

import rldbs
from rldbs.control.error_index_reward import ErrorIndex
from rldbs.core.errors import SettingError


def test_errors_count_for_each_pulse_of_the_window():
    errors, pulses = np.zeros((2, 3, 2000))
    errors[0, [10, 1500, 1600]] = 5.0, 0.5, 0.25  # the first one is long past
    pulses[0, [1500, 1900]] = 1.0
    errors[1, 1500] = 0.3  # no pulse: as for one
    given = np.zeros((3, 1000, 1))
    given[2, :250] = 20.0
    found = ErrorIndex(dt=0.1, window=100.0, price=0.01).reward(np.stack([errors, pulses]), given, np.zeros((3, 10)))
    np.testing.assert_allclose(found, [-0.375, -0.3, -0.1])


def test_a_loop_pays_for_what_its_own_field_tells():
    env = rldbs.make("so2012", seed=0, **{"start.populations": 1, "start.snapshots": 1, "reward.price": 0.0})
    env.reset(seed=1)
    paid = []
    for _ in range(4):
        _, reward, _, _, told = env.step(np.zeros(2, np.float32))
        errors, pulses = told["mean_field"][:, -1].sum(), told["mean_field"][:, -2].sum()
        paid.append((reward, -errors / max(1.0, pulses)))
    np.testing.assert_allclose(*zip(*paid, strict=True), atol=1e-12)


def test_it_is_for_networks_of_cells():
    with pytest.raises(SettingError, match="reward=error_index: needs errors, but bvdp has x, y"):
        rldbs.make("bvdp", reward="error_index")
