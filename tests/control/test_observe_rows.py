"""What some environments see is what they see among all."""

import numpy as np
import pytest

from rldbs.config.python_arguments import make_loop_settings
from rldbs.control.loop import ClosedLoop

SMALL = {"neurons": 50, "transient": 600, "populations": 2, "snapshots": 2}


@pytest.mark.parametrize("overrides", [{}, {"recording.variable": ["x", "y"]}, {"recording.noise": 0.1, "delay": 3}])
def test_some_rows_are_those_of_all(overrides):
    loop = ClosedLoop(make_loop_settings("bvdp", {**SMALL, **overrides}), 5, 0)
    loop.reset()
    for rows in ([0, 3], [4], []):
        loop.step(np.full((5, 1), 0.5))
        some = loop.observe(np.array(rows, np.intp))
        np.testing.assert_array_equal(some, loop.observe()[rows])
