import numpy as np
import torch
from gymnasium.spaces import Box

from rldbs.agents.inference import levels_and_differences
from rldbs.agents.window_features import LevelsAndDifferences


def test_levels_come_first_and_then_the_scaled_differences():
    features = LevelsAndDifferences(Box(-4, 4, (3,), dtype=np.float32), gain=10.0)
    out = features(torch.tensor([[1.0, 1.5, 1.0]]))
    torch.testing.assert_close(out, torch.tensor([[1.0, 1.5, 1.0, 5.0, -5.0]]))
    assert features.features_dim == 5


def test_no_difference_is_taken_between_channels():
    features = LevelsAndDifferences(Box(-4, 4, (6,), dtype=np.float32), gain=10.0, channels=2)
    out = features(torch.tensor([[1.0, 1.5, 1.0, 3.0, 3.0, 2.0]]))
    torch.testing.assert_close(out[:, 6:], torch.tensor([[5.0, -5.0, 0.0, -10.0]]))
    assert features.features_dim == 10


def test_past_kicks_come_last_scaled_as_differences_are():
    features = LevelsAndDifferences(Box(-4, 4, (5,), dtype=np.float32), gain=10.0, kicks=2)
    out = features(torch.tensor([[1.0, 1.5, 1.0, 0.1, -0.2]]))
    torch.testing.assert_close(out, torch.tensor([[1.0, 1.5, 1.0, 5.0, -5.0, 1.0, -2.0]]))
    assert features.features_dim == 7
    np.testing.assert_array_equal(levels_and_differences(3, 10.0, 1, 2), features(torch.eye(5)).T.numpy())
