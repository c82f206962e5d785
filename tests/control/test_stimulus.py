import numpy as np

from rldbs.control.stimulus import Delta


def test_delta_kicks_once_at_the_first_step_of_the_interval():
    kicks = Delta(amplitude=0.5, interval=4).kicks(np.array([[1.0], [-0.2]]))
    np.testing.assert_array_equal(kicks, [[0.5, 0, 0, 0], [-0.1, 0, 0, 0]])
