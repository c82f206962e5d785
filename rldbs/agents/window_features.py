"""The input of a network: the samples of a window, and their differences."""

import torch
from gymnasium.spaces import Box
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor


class LevelsAndDifferences(BaseFeaturesExtractor):
    """The samples of an observation, then the differences of neighbouring samples of each channel times ``gain``.

    The best linear laws feed back mainly the slope of the mean field. Between two samples it is small beside the
    level, so a network that sees levels alone learns it late. Nothing is lost or added: the map is linear.

    Args:
        space: observations, float32 (channels · length,), channel after channel.
        gain: about the level's size over the difference's.
        channels: signals in an observation.
    """

    def __init__(self, space: Box, gain: float, channels: int = 1) -> None:
        size = int(space.shape[0])
        super().__init__(space, 2 * size - channels)
        self._gain, self._channels = gain, channels

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        samples = observations.reshape(len(observations), self._channels, -1)
        differences = samples.diff(dim=2).flatten(1)
        return torch.cat([observations, self._gain * differences], dim=1)
