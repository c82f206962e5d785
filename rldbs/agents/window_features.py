"""The input of a network: the samples of a window, their differences, and past kicks."""

import torch
from gymnasium.spaces import Box
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor


class LevelsAndDifferences(BaseFeaturesExtractor):
    """The samples of an observation, then the differences of neighbouring samples of each channel times ``gain``, then
    past kicks, which are such differences, times it, too.

    The best linear laws feed back mainly the slope of the mean field. Between two samples it is small beside the
    level, so a network that sees levels alone learns it late. Nothing is lost or added: the map is linear.

    Args:
        space: observations, float32 (channels · length + kicks,), channel after channel.
        gain: about the level's size over the difference's.
        channels: signals in an observation.
        kicks: numbers about past kicks after them.
    """

    def __init__(self, space: Box, gain: float, channels: int = 1, kicks: int = 0) -> None:
        size = int(space.shape[0]) - kicks
        super().__init__(space, 2 * size - channels + kicks)
        self._gain, self._channels, self._size = gain, channels, size

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        samples, kicks = observations[:, : self._size], observations[:, self._size :]
        differences = samples.reshape(len(samples), self._channels, -1).diff(dim=2).flatten(1)
        return torch.cat([samples, self._gain * differences, self._gain * kicks], dim=1)
