"""What a network makes of a window before it learns from it."""

import torch
from gymnasium.spaces import Box
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor


class LevelsAndDifferences(BaseFeaturesExtractor):
    """The samples of a window, then the differences of neighbouring samples times ``gain``.

    The best linear laws feed back mainly the slope of the mean field. Between two samples it is small beside the
    level, so a network that sees levels alone learns it late. Nothing is lost or added: the map is linear.

    Args:
        space: observations, float32 (length,).
        gain: about the level's size over the difference's.
    """

    def __init__(self, space: Box, gain: float) -> None:
        length = int(space.shape[0])
        super().__init__(space, 2 * length - 1)
        self._gain = gain

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        return torch.cat([observations, self._gain * observations.diff(dim=1)], dim=1)
