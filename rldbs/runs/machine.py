"""The machine of a result: its processor, the versions, what the numbers were computed with, and the commit."""

import os
import platform
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from numpy.lib.introspect import opt_func_info
from rich.console import Console
from threadpoolctl import threadpool_info

from rldbs.core import native
from rldbs.core.errors import visible

LIBRARIES = ("rldbs", "numpy", "torch", "stable-baselines3", "sb3-contrib", "gymnasium", "hydra-core")
VARIABLES = (
    "ATEN_CPU_CAPABILITY",
    "BLIS_ARCH_TYPE",
    "DNNL_DEFAULT_FPMATH_MODE",
    "DNNL_MAX_CPU_ISA",
    "GLIBC_TUNABLES",
    "MKL_CBWR",
    "MKL_DEBUG_CPU_TYPE",
    "MKL_ENABLE_INSTRUCTIONS",
    "NPY_DISABLE_CPU_FEATURES",
    "NPY_ENABLE_CPU_FEATURES",
    "ONEDNN_DEFAULT_FPMATH_MODE",
    "ONEDNN_MAX_CPU_ISA",
    "OPENBLAS_CORETYPE",
)
"""Variables of the environment with which a library computes other bits. The C core heeds none."""
REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE")
"""Variables with which git looks at another repository than that of the folder it is called for, as hooks have them."""


def machine() -> dict[str, object]:
    """The processor, the versions, and what a result was computed with."""
    return {
        "cpu": processor(),
        "cores": os.cpu_count(),
        "physics": native.PHYSICS,
        "instruction_set": native.instruction_set(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in LIBRARIES},
        "computing": _computing(),
        "variables": {name: os.environ[name] for name in VARIABLES if name in os.environ},
    }


def changes(meta: Mapping[str, Any]) -> str:
    """What of the machine has changed since a meta.json was written, as far as bits may depend on it."""
    before, here = _facts(meta), _facts(machine())
    changed = [name for name in here if before.get(name, here[name]) != here[name]]
    return ", ".join(f"{name} was {visible(str(before[name]))}, is {here[name]}" for name in changed)


def tell_changes(meta: Mapping[str, Any], console: Console) -> None:
    """Say, where a run goes on, what is not as it was when its meta.json was written."""
    changed = changes(meta)
    if changed:
        words = f"Not as when the run began: {changed}. Its numbers may differ in the last digits"
        console.print(words, style="yellow", markup=False, highlight=False)


def processor() -> str:
    """The name of this machine's."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def commit(package: Path = Path(__file__).parents[1]) -> str | None:
    """The git commit of this source tree, with ``+`` where it has been changed.

    None where the package does not run from its own checkout, even if it is installed inside another repository.
    """
    tree = package.resolve().parent
    if not (tree / ".git").exists() or not _is_own(tree / "pyproject.toml"):
        return None
    try:
        answer = subprocess.run(
            ["git", "-C", str(tree), "describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
            env={name: value for name, value in os.environ.items() if name not in REPOSITORY},
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()


def _is_own(pyproject: Path) -> bool:
    """Whether it is that of rldbs, and not of somebody who has a copy of the package."""
    try:
        project = tomllib.loads(pyproject.read_text(encoding="utf-8")).get("project")
    except (OSError, ValueError):
        return False
    return isinstance(project, dict) and project.get("name") == "rldbs"


def _computing() -> dict[str, str]:
    """Which of their variants the libraries have chosen. What needs no torch does not load it for this."""
    simd = opt_func_info(func_name="^(exp|tanh)$", signature="float64")
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    chosen: dict[str, str] = {
        **{f"numpy {name}": variant["current"] for name, variants in simd.items() for variant in variants.values()},
        "blas": ", ".join(sorted({f"{pool['prefix']} {pool.get('architecture')}" for pool in pools})),
    }
    torch = sys.modules.get("torch")
    if torch is not None:
        mkldnn = torch.backends.mkldnn
        libraries = {"mkl": torch.backends.mkl.is_available(), "mkldnn": mkldnn.is_available() and mkldnn.enabled}
        chosen |= {
            "torch cpu capability": torch.backends.cpu.get_cpu_capability(),
            "torch libraries": ", ".join(name for name, used in libraries.items() if used),
            "torch float32 matmul": torch.get_float32_matmul_precision(),
        }
    return chosen


def _facts(meta: Mapping[str, Any]) -> dict[str, object]:
    """All that is told of a change, by its name; of what an older meta.json does not hold, nothing is."""
    facts = {name: meta[name] for name in ("cpu", "python") if name in meta}
    facts |= {**meta.get("versions", {}), **meta.get("computing", {})}
    return facts | ({name: meta["variables"].get(name, "unset") for name in VARIABLES} if "variables" in meta else {})
