"""The same bits on every processor: python -m tests.core.same_bits

Ten thousand steps of every model, in the installed extension and in drivers that gcc and clang build for every x86-64
variant and for 64-bit Arm (run by qemu), must end in the same bytes of state and mean field, and so must the runs of
phase oscillators, of neurons in tissue, of networks of cells, of plastic synapses and of rates that the drivers bring
along. Every kernel must compute with vectors, and fuse multiplications with additions where the processor can. Exit 1
where one does not.
"""

# ruff: noqa: T201
import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

import rldbs
from rldbs.core import native
from rldbs.core.models import MODELS
from tests.core.building import build, missing, run

POPULATIONS, NEURONS, STEPS = 2, 1025, 10_000
# Static, so that qemu needs no libraries; without threads, because no static libgomp comes with every compiler.
ARM = (
    "-DCMAKE_SYSTEM_NAME=Linux",
    "-DCMAKE_SYSTEM_PROCESSOR=aarch64",
    "-DCMAKE_EXE_LINKER_FLAGS=-static",
    "-DCMAKE_DISABLE_FIND_PACKAGE_OpenMP=ON",
)
# The generic kernel with the vectors of x86-64-v4, which the compiler makes of two of x86-64-v3.
WIDE = ("-DCMAKE_SYSTEM_NAME=Linux", "-DCMAKE_SYSTEM_PROCESSOR=generic", "-DRLDBS_GENERIC_BYTES=64")
FUSED = re.compile(r"\b(vfn?m(add|sub)\w*|fml[as])\b")
WITHOUT = ("kernel_v1",)
"""Kernels for processors that cannot."""
OWN = ("phases", "spatial", "network", "plastic", "rates")
"""Runs that the drivers bring along."""
VECTOR = re.compile(r"\bv?mulpd\b|\bfmul\s+v\d+\.2d")


def installed(model: str, instruction_set: str) -> bytes:
    """State and mean field of the run in the installed extension."""
    ensemble = rldbs.Ensemble(model, POPULATIONS, NEURONS, seed=1, transient=0)
    with native.use_instruction_set(instruction_set):
        mean = ensemble.advance(kicks())
    return ensemble.state.tobytes() + mean.tobytes()


def kicks() -> native.Floats:
    return np.random.default_rng(2).normal(0.0, 0.05, (POPULATIONS, STEPS))


def written(model: str) -> bytes:
    """The same run as native/driver.c reads it."""
    ensemble, description = rldbs.Ensemble(model, POPULATIONS, NEURONS, seed=1, transient=0), MODELS[model]
    numbers = [np.array([description.dt, *description.parameters.values()]), ensemble.coupling, ensemble.current]
    sizes = np.array([POPULATIONS, NEURONS, STEPS], np.int64).tobytes()
    doubles = b"".join(array.tobytes() for array in [*numbers, ensemble.state, kicks()])
    return description.kernel.encode().ljust(16, b"\0") + sizes + doubles


class Comparison:
    """Digests of what each build made of the runs, beside those of the installed extension's first variant."""

    def __init__(self) -> None:
        self.runs = {model: written(model) for model in MODELS}
        self.expected = {model: installed(model, native.INSTRUCTION_SETS[0]) for model in MODELS}
        self.own: dict[str, bytes] = {}
        self.same: list[str] = []
        self.wrong: list[str] = []
        self.left_out: list[str] = []

    def tell(self, name: str, right: bool, words: str) -> None:
        (self.same if right else self.wrong).append(name)
        print(f"{name}: {words}", flush=True)

    def leave_out(self, name: str, why: str) -> None:
        self.left_out.append(name)
        print(f"{name}: not run, {why}", flush=True)

    def compare(self, name: str, found: dict[str, bytes]) -> None:
        other = [model for model in MODELS if found[model] != self.expected[model]]
        digest = hashlib.sha256(b"".join(found.values())).hexdigest()[:16]
        self.tell(name, not other, f"{digest} {'other bits: ' + ', '.join(other) if other else 'the same bits'}")

    def drive(self, name: str, driver: Path, *emulator: str) -> list[str]:
        """Every variant that the driver finds supported; their names."""
        variants = run(*emulator, driver, "variants").stdout.decode().split()
        for variant in variants:
            found = {}
            for model, text in self.runs.items():
                command = [*emulator, str(driver), "run", variant]
                found[model] = subprocess.run(command, input=text, capture_output=True, check=True).stdout
            self.compare(f"{name}, {variant}", found)
            for kind in OWN:
                bits = run(*emulator, driver, kind, variant).stdout
                digest, right = hashlib.sha256(bits).hexdigest()[:16], bits == self.own.setdefault(kind, bits)
                self.tell(f"{name}, {variant}, {kind}", right, f"{digest} {'the same' if right else 'other'} bits")
        return variants

    def inspect(self, name: str, driver: Path, objdump: str = "objdump") -> None:
        """Vectors and fused operations in each kernel of the build, whether this processor can run it or not."""
        if missing(objdump):
            self.leave_out(f"{name}, instructions", f"needs {objdump}")
            return
        for kernel in sorted(driver.parent.glob("CMakeFiles/kernel_*.dir/*.c.o")):
            code = run(objdump, "-d", kernel).stdout.decode()
            vectors, fused = len(VECTOR.findall(code)), len(FUSED.findall(code))
            words = f"{vectors} multiplications of vectors, {fused} fused"
            right = vectors > 0 and (fused == 0 if kernel.parent.stem in WITHOUT else fused > 0)
            self.tell(f"{name}, {kernel.parent.stem} {kernel.name} instructions", right, words)


def compare_x86(comparison: Comparison) -> None:
    ran = set()
    for compiler in ("gcc", "clang"):
        if missing(compiler):
            comparison.leave_out(compiler, f"needs {compiler}")
            continue
        driver = build(f"same-bits/{compiler}", compiler)
        ran.update(comparison.drive(compiler, driver))
        comparison.inspect(compiler, driver)
        if "x86-64-v3" in ran:
            wide = build(f"same-bits/{compiler}-wide", compiler, "-march=x86-64-v3 -Wno-psabi", WIDE)
            comparison.drive(f"{compiler}, vectors of 64 bytes", wide)
        if "x86-64-v4" not in ran and not missing("qemu-x86_64"):
            emulated = run("qemu-x86_64", "-cpu", "max", driver, "variants").stdout.decode().split()
            if "x86-64-v4" in emulated:
                ran.update(comparison.drive(f"{compiler}, qemu", driver, "qemu-x86_64", "-cpu", "max"))
    if "x86-64-v4" not in ran:
        why = "neither this processor nor qemu has AVX-512; its vectors of 64 bytes and its instructions are above"
        comparison.leave_out("x86-64-v4", why)


def compare_arm(comparison: Comparison) -> None:
    lacking = missing("aarch64-linux-gnu-gcc", "qemu-aarch64")
    if lacking:
        needs = f"needs {' and '.join(lacking)} (Debian: gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user)"
        comparison.leave_out("64-bit Arm", needs)
        return
    compilers = {"gcc": ("aarch64-linux-gnu-gcc", ""), "clang": ("clang", "--target=aarch64-linux-gnu")}
    for name, (compiler, flags) in compilers.items():
        if shutil.which(compiler):
            driver = build(f"same-bits/arm-{name}", compiler, flags, ARM)
            comparison.drive(f"64-bit Arm, {name}", driver, "qemu-aarch64")
            comparison.inspect(f"64-bit Arm, {name}", driver, "aarch64-linux-gnu-objdump")


def main() -> int:
    comparison = Comparison()
    for name in native.SUPPORTED:
        comparison.compare(f"installed, {name}", {model: installed(model, name) for model in MODELS})
    compare_x86(comparison)
    compare_arm(comparison)
    left_out = f", left out: {'; '.join(comparison.left_out)}" if comparison.left_out else ""
    print(
        f"{STEPS} steps of {', '.join(MODELS)}: {len(comparison.same)} right, {len(comparison.wrong)} wrong{left_out}"
    )
    return 1 if comparison.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
