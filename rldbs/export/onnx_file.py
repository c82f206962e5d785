"""A network as ONNX, with the layout of its observations among its metadata."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rldbs.core.errors import SettingError
from rldbs.export.numpy_files import network_arrays
from rldbs.export.plain_network import PlainNetwork

OPSET = 24
"""Version of the operators. None of those used here has changed up to 28; an older number can be read by more."""
IR = 11
"""Version of the file format, for the same reason."""
MISSING = "format=onnx needs the package onnx: pip install 'onnx>=1.19' onnxruntime"


def onnx_package() -> Any:
    """The package that writes ONNX.

    Raises:
        SettingError: it is not installed.
    """
    try:
        import onnx
    except ImportError:
        raise SettingError(MISSING) from None
    return onnx


def state_names(network: PlainNetwork) -> dict[str, int]:
    """What a network keeps between two decisions, and how many numbers each has; all are 0 at the beginning."""
    names = {"past_kicks": network.past, "memory": network.remembered, "cell": network.remembered}
    return {name: size for name, size in names.items() if size}


class _Graph:
    """The operations of a graph, as they come."""

    def __init__(self, onnx: Any) -> None:
        self._onnx = onnx
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, values: NDArray[Any] | np.floating[Any]) -> str:
        self.constants.append(self._onnx.numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def add(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        self.nodes.append(self._onnx.helper.make_node(kind, list(inputs), [output], name=output, **attributes))
        return output

    def split(self, whole: str, names: Sequence[str]) -> None:
        """Equal parts of something, along its rows."""
        words = {"name": f"parts_of_{whole}", "axis": 1, "num_outputs": len(names)}
        self.nodes.append(self._onnx.helper.make_node("Split", [whole], list(names), **words))


def onnx_bytes(network: PlainNetwork, title: str, actions: int, words: dict[str, Any]) -> bytes:
    """The file.

    Its input is ``observation``, float32 (rows, size), its output ``action``, float32 (rows, numbers of an action).
    What is kept between two decisions goes in under its name, and comes out as ``next_`` and that.

    Args:
        network: the policy.
        title: what it is, in a line.
        actions: numbers of an action.
        words: the layout, which becomes metadata, a key for each word.

    Raises:
        SettingError: the package for it is not installed.
    """
    onnx = onnx_package()
    graph, number = _Graph(onnx), onnx.TensorProto.FLOAT
    state = state_names(network)
    for name, array in network_arrays(network).items():
        graph.constant(name, array)
    x = "observation"
    if network.past:
        x = graph.add("Concat", [x, "past_kicks"], "observation_and_past_kicks", axis=1)
    if network.memory is not None:
        x = _memory(graph, x)
    for k, (_, unit) in enumerate(network.layers):
        x = graph.add("Gemm", [x, f"weight_{k}", f"bias_{k}"], f"layer_{k}", transB=1)
        if unit is not None:
            x = graph.add({"tanh": "Tanh", "relu": "Relu"}[unit], [x], f"{unit}_{k}")
    if network.levels is not None:
        levels = np.linspace(-1.0, 1.0, network.levels, dtype=np.float32)
        best = graph.add("ArgMax", [x], "best", axis=1, keepdims=1)
        graph.add("Gather", [graph.constant("levels", levels), best], "action", axis=0)
    else:
        ends = [graph.constant("least", np.float32(-1.0)), graph.constant("most", np.float32(1.0))]
        graph.add("Clip", [x, *ends], "action")
    if network.past:
        kick = graph.add("Mul", ["action", graph.constant("kick_of_action", np.float32(network.kick))], "kick")
        both = graph.add("Concat", [kick, "past_kicks"], "kicks", axis=1)
        ends = [graph.constant(name, np.array([value])) for name, value in (("first", 0), ("end", network.past))]
        graph.add("Slice", [both, *ends, graph.constant("axis", np.array([1]))], "next_past_kicks")
    seen = network.inputs - network.past

    def values(name: str, size: int) -> Any:
        return onnx.helper.make_tensor_value_info(name, number, ["rows", size])

    inputs = [values("observation", seen), *(values(name, size) for name, size in state.items())]
    outputs = [values("action", actions), *(values(f"next_{name}", size) for name, size in state.items())]
    whole = onnx.helper.make_graph(graph.nodes, "policy", inputs, outputs, graph.constants, doc_string=title)
    opset = [onnx.helper.make_opsetid("", OPSET)]
    version = str(words["rldbs_version"])
    model = onnx.helper.make_model(
        whole, opset_imports=opset, ir_version=IR, producer_name="rldbs", producer_version=version
    )
    onnx.helper.set_model_props(model, {name: _text(value) for name, value in words.items()})
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString()
    return content


def _memory(graph: _Graph, x: str) -> str:
    """Long short-term memory in plain operations; the gates are input, forget, new and output."""
    seen = graph.add("Gemm", [x, "memory_inputs", "memory_bias"], "gates_of_inputs", transB=1)
    gates = graph.add("Gemm", ["memory", "memory_output", seen], "gates", transB=1)
    names = ["take", "keep", "new", "give"]
    graph.split(gates, names)
    take, keep, give = (graph.add("Sigmoid", [name], f"{name}_gate") for name in ("take", "keep", "give"))
    kept = graph.add("Mul", [keep, "cell"], "kept")
    taken = graph.add("Mul", [take, graph.add("Tanh", ["new"], "new_content")], "taken")
    cell = graph.add("Add", [kept, taken], "next_cell")
    return graph.add("Mul", [give, graph.add("Tanh", [cell], "tanh_of_cell")], "next_memory")


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
