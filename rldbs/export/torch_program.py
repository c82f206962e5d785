"""A network as a program of ``torch.export``: a .pt2 file that torch runs without this package.

TorchScript, which did this before, is deprecated by torch itself.
"""

import io
import json
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from rldbs.export.plain_network import PlainNetwork

ROWS = 2
"""Of the example by which a program is traced: any number is meant, and 1 would count as that one alone."""


class Program(nn.Module):
    """A policy that acts without chance: what it keeps between decisions goes in, and comes out."""

    def __init__(self, network: PlainNetwork) -> None:
        super().__init__()
        self._units = [unit for _, unit in network.layers]
        self._past, self._levels = network.past, network.levels
        self.kick = network.kick
        self.layers = nn.ModuleList(_linear(layer.weight, layer.bias) for layer, _ in network.layers)
        self.memory: nn.LSTMCell | None = None
        if network.memory is not None:
            before, again = network.memory
            self.memory = nn.LSTMCell(network.inputs, network.remembered)
            state = {
                "weight_ih": before.weight,
                "bias_ih": before.bias,
                "weight_hh": again.weight,
                "bias_hh": again.bias,
            }
            self.memory.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in state.items()})
        self.requires_grad_(False)

    def forward(self, observation: Tensor, *state: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Actions, float32 (rows, numbers), for observations (rows, size); then the next state, if there is one.

        Args:
            observation: what is seen now.
            *state: past kicks, where it is told of them, then memory and cell, where it has them: (rows, size) each.
        """
        kept = list(state)
        past = kept.pop(0) if self._past else None
        x = observation if past is None else torch.cat([observation, past], dim=1)
        after: list[Tensor] = []
        if self.memory is not None:
            x, cell = self.memory(x, (kept[0], kept[1]))
            after = [x, cell]
        for layer, unit in zip(self.layers, self._units, strict=True):
            x = layer(x)
            x = torch.tanh(x) if unit == "tanh" else torch.relu(x) if unit == "relu" else x
        if self._levels is None:
            action = x.clamp(-1.0, 1.0)
        else:
            action = -1.0 + 2.0 * x.argmax(dim=1, keepdim=True).to(torch.float32) / (self._levels - 1)
        if past is not None:
            after.insert(0, torch.cat([self.kick * action, past], dim=1)[:, : self._past])
        return (action, *after) if after else action


def torch_bytes(network: PlainNetwork, words: dict[str, Any]) -> bytes:
    """The file; ``layout.json`` in it has what other programs need to know.

    Args:
        network: the policy.
        words: the layout, for JSON.
    """
    program = Program(network).eval()
    sizes = [network.inputs - network.past, *state_sizes(network)]
    example = tuple(torch.zeros(ROWS, size) for size in sizes)
    rows = torch.export.Dim("rows")
    every = {0: rows}
    shapes: dict[str, Any] = {"observation": every}
    if len(sizes) > 1:
        shapes["state"] = tuple(every for _ in sizes[1:])
    exported = torch.export.export(program, example, dynamic_shapes=shapes)
    content = io.BytesIO()
    torch.export.save(exported, content, extra_files={"layout.json": json.dumps(words, indent=1)})
    return content.getvalue()


def state_sizes(network: PlainNetwork) -> list[int]:
    """Numbers of each part of what is kept between decisions, in their order; all are 0 at the beginning."""
    return [size for size in (network.past, network.remembered, network.remembered) if size]


def _linear(weight: NDArray[np.float32], bias: NDArray[np.float32]) -> nn.Linear:
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.load_state_dict({"weight": torch.from_numpy(weight.copy()), "bias": torch.from_numpy(bias.copy())})
    return layer
