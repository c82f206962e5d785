"""A network as named arrays, and a program of some lines that needs NumPy alone to act by them."""

import io
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rldbs.export.plain_network import PlainNetwork

PROGRAM = '''"""@TITLE@: the policy, with NumPy alone. The arrays are in @NAME@.npz beside this file.

    policy = Policy()
    action = policy(observation(samples))
"""

import json
from pathlib import Path

import numpy as np

ARRAYS = dict(np.load(Path(__file__).with_suffix(".npz")))
LAYOUT = json.loads(str(ARRAYS.pop("layout")))
UNITS = {"tanh": np.tanh, "relu": lambda x: np.maximum(x, np.float32(0)), "none": lambda x: x}


def observation(samples):
    """What the policy sees of samples (variables, LAYOUT["length"]), oldest first."""
    window = np.asarray(samples, np.float64).reshape(len(LAYOUT["variables"]), LAYOUT["length"])
    if LAYOUT["sigmoid"] is not None:
        window = 0.5 + 0.5 * np.tanh(0.5 * window / LAYOUT["sigmoid"])
    if LAYOUT["centered"]:
        window = window - window.mean(axis=1, keepdims=True)
    return np.clip(window.T, LAYOUT["low"], LAYOUT["high"]).T.astype(np.float32).ravel()


class Policy:
    """Chooses actions; it remembers from one call to the next where it has a memory or is told its past kicks."""

    def __init__(self):
        self.past = np.zeros(LAYOUT["past_kicks"], np.float32)
        self.output = self.cell = np.zeros(LAYOUT["memory"], np.float32)

    def __call__(self, observation):
        """The action, float32 (LAYOUT["actions"],), from -1 to 1, a part of LAYOUT["amplitude"]."""
        x = np.concatenate([np.asarray(observation, np.float32), self.past])
        if len(self.output):
            gates = ARRAYS["memory_inputs"] @ x + ARRAYS["memory_bias"] + ARRAYS["memory_output"] @ self.output
            taken, kept, new, given = gates.reshape(4, -1)
            taken, kept, given = (0.5 + 0.5 * np.tanh(0.5 * gate) for gate in (taken, kept, given))
            self.cell = kept * self.cell + taken * np.tanh(new)
            x = self.output = given * np.tanh(self.cell)
        for k, unit in enumerate(LAYOUT["units_of_layers"]):
            x = UNITS[unit](ARRAYS[f"weight_{k}"] @ x + ARRAYS[f"bias_{k}"])
        if LAYOUT["levels"] is not None:
            x = np.array([-1 + 2 * x.argmax() / (LAYOUT["levels"] - 1)], np.float32)
        action = np.clip(x, np.float32(-1), np.float32(1))
        self.past = np.concatenate([np.float32(LAYOUT["kick_of_action"]) * action, self.past])[: len(self.past)]
        return action
'''


def network_arrays(network: PlainNetwork) -> dict[str, NDArray[Any]]:
    """The weights of a network, by name: of each, a row for every output."""
    arrays: dict[str, NDArray[Any]] = {}
    if network.memory is not None:
        before, again = network.memory
        arrays |= {"memory_inputs": before.weight, "memory_bias": before.bias, "memory_output": again.weight}
    for k, (layer, _) in enumerate(network.layers):
        arrays |= {f"weight_{k}": layer.weight, f"bias_{k}": layer.bias}
    return arrays


def numpy_files(network: PlainNetwork, name: str, title: str, words: dict[str, Any]) -> dict[str, bytes]:
    """The files by their names: arrays with the layout among them, and the program.

    Args:
        network: the policy.
        name: what the files are called.
        title: what it is, in a line.
        words: the layout, for JSON.
    """
    layout = {**words, "units_of_layers": [unit or "none" for _, unit in network.layers]}
    packed = io.BytesIO()
    arrays = {"layout": np.array(json.dumps(layout)), **network_arrays(network)}
    np.savez(packed, **arrays)  # type: ignore[arg-type]
    program = PROGRAM.replace("@TITLE@", title).replace("@NAME@", name)
    return {f"{name}.npz": packed.getvalue(), f"{name}.py": program.encode()}
