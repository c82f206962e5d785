"""What is written in each format, and whether it acts as the controller does."""

import io
import runpy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from rldbs.agents.inference import Floats
from rldbs.agents.settings import ClassicalSettings, NetworkSettings
from rldbs.agents.settings.lqg import LQGSettings
from rldbs.core.errors import RldbsError, SettingError
from rldbs.export.c_files import TOLERANCE, CController
from rldbs.export.c_laws import law_parts
from rldbs.export.c_network import network_part
from rldbs.export.c_regulator import largest_gain, regulator_parts
from rldbs.export.numpy_files import numpy_files
from rldbs.export.onnx_file import onnx_bytes, onnx_package, state_names
from rldbs.export.plain_network import PlainNetwork
from rldbs.export.subject import Subject

DIFFERENCE = "largest difference in a closed loop"
ROUNDING = 1e-3
"""Of an action: a copy that differs by more is none."""
ROUNDED = 1e-6
"""By how much a sample may be rounded, on the way through everything."""
Step = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""One decision of a copy: an action for an observation."""


@dataclass(frozen=True)
class Copy:
    """A controller in another form."""

    files: Mapping[str, bytes]
    """Their content, by their names."""
    rows: Sequence[tuple[str, str]] = ()
    """What is worth to be known of it."""
    after: Sequence[str] = field(default=())
    """Lines about what can be done next."""


def c_copy(subject: Subject) -> Copy:
    """One header and one source of C99, and a program that checks them.

    Raises:
        SettingError: the controller has no form in C.
    """
    controller, name = c_controller(subject), subject.name
    files = {
        f"{name}.h": controller.header(),
        f"{name}.c": controller.source(),
        f"{name}_check.c": controller.check(subject.recorded),
    }
    rows = [
        ("flash: constants", f"{controller.flash:,} bytes"),
        ("RAM: the state", f"{controller.memory:,} bytes"),
        ("multiplications per decision, each with an addition", f"{controller.effort.products:,}"),
        ("calls of tanhf and the like per decision", f"{controller.effort.functions:,}"),
    ]
    check = f"cc -std=c99 -O2 {name}.c {name}_check.c -lm -o {name}_check && ./{name}_check"
    return Copy({file: text.encode() for file, text in files.items()}, rows, [f"check    {check}"])


def c_controller(subject: Subject) -> CController:
    """The controller in C.

    Raises:
        SettingError: it has none.
    """
    agent, layout, network = subject.settings.agent, subject.layout, subject.network
    if network is not None:
        return CController(subject.name, subject.title, layout, [network_part(network)], network.past)
    if isinstance(agent, LQGSettings) and subject.weights is not None:
        parts = regulator_parts(agent, layout, subject.weights)
        tolerance = max(TOLERANCE, ROUNDED * largest_gain(agent, layout, subject.weights))
        inputs = agent.contacts(layout.loop)
        return CController(subject.name, subject.title, layout, parts, 0, True, inputs, tolerance)
    parts = law_parts(agent, layout, subject.settings.agent_name)
    return CController(subject.name, subject.title, layout, parts)


def onnx_copy(subject: Subject) -> Copy:
    """One file of ONNX, run by onnxruntime where that is installed.

    Raises:
        SettingError: the controller is no network, or a package is missing.
    """
    onnx_package()
    network = _network(subject, "onnx")
    content = onnx_bytes(network, subject.title, subject.layout.loop.stimulus.action_size, subject.words())
    try:
        import onnxruntime
    except ImportError:
        checked = "not run: pip install onnxruntime"
    else:
        checked = _agreement(subject, _onnx_step(onnxruntime, content, network))
    rows = [("onnx", f"{len(content):,} bytes"), (DIFFERENCE, checked)]
    return Copy({f"{subject.name}.onnx": content}, rows)


def torch_copy(subject: Subject) -> Copy:
    """One file of ``torch.export``.

    Raises:
        SettingError: the controller is no network.
    """
    import torch

    from rldbs.export.torch_program import state_sizes, torch_bytes

    network = _network(subject, "torch")
    content = torch_bytes(network, subject.words())
    program = torch.export.load(io.BytesIO(content)).module()
    state = [torch.zeros(1, size) for size in state_sizes(network)]

    def step(observation: Floats) -> NDArray[np.float32]:
        out = program(torch.from_numpy(observation[None]), *state)
        action, *state[:] = out if state else (out,)
        return np.asarray(action[0].numpy(), np.float32)

    rows = [("pt2", f"{len(content):,} bytes"), (DIFFERENCE, _agreement(subject, step))]
    return Copy({f"{subject.name}.pt2": content}, rows)


def numpy_copy(subject: Subject) -> Copy:
    """Named arrays, and a program of some lines.

    Raises:
        SettingError: the controller is no network.
    """
    network = _network(subject, "numpy")
    files = numpy_files(network, subject.name, subject.title, subject.words())
    with TemporaryDirectory(prefix="rldbs-") as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        policy = runpy.run_path(str(Path(folder, f"{subject.name}.py")))["Policy"]()
        checked = _agreement(subject, policy)
    sizes = ", ".join(f"{len(content):,} bytes" for content in files.values())
    return Copy(files, [("npz, py", sizes), (DIFFERENCE, checked)])


FORMATS: Mapping[str, tuple[Callable[[Subject], Copy], str]] = {
    "c": (c_copy, "C99"),
    "onnx": (onnx_copy, "ONNX"),
    "torch": (torch_copy, "a program of torch.export"),
    "numpy": (numpy_copy, "NumPy"),
}
"""What makes each, and what it is called."""


def copied(subject: Subject, name: str) -> Copy:
    """The controller in a format.

    Raises:
        SettingError: it has no such form, or a package is missing.
        DivergedError: the population on which it is tried went out of bounds.
    """
    return FORMATS[name][0](subject)


def _network(subject: Subject, name: str) -> PlainNetwork:
    if subject.network is not None:
        return subject.network
    agent = subject.settings.agent
    what = "needs no training" if isinstance(agent, ClassicalSettings) else "is a regulator with a ladder of prices"
    assert not isinstance(agent, NetworkSettings)
    raise SettingError(f"format={name}: holds networks, but agent={subject.settings.agent_name} {what}\nUse format=c")


def _onnx_step(onnxruntime: ModuleType, content: bytes, network: PlainNetwork) -> Step:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    state = {name: np.zeros((1, size), np.float32) for name, size in state_names(network).items()}

    def step(observation: Floats) -> NDArray[np.float32]:
        action, *after = session.run(None, {"observation": observation[None], **state})
        state.update(zip(state, after, strict=True))
        return np.asarray(action[0], np.float32)

    return step


def _agreement(subject: Subject, step: Step) -> str:
    """By how much a copy differs from the controller, in words.

    Raises:
        RldbsError: by more than rounding makes.
    """
    recorded = subject.recorded
    actions = np.stack([step(observation) for observation in recorded.observations])
    largest = float(np.abs(actions - recorded.actions).max())
    if not largest <= ROUNDING:
        raise RldbsError(f"the copy differs by {largest:.2g} of the amplitude from the controller; nothing is written")
    return f"{largest:.1g} of the amplitude"
