"""The C core under the sanitizers of gcc and clang: python -m tests.core.sanitize

Each build runs the driver, which has every model, size, variant and number of threads; the extension with
AddressSanitizer and UndefinedBehaviorSanitizer also runs the core's tests and many sequences of hostile calls. Every
build is made with warnings as errors. Exit 1 where anything was found.
"""

# ruff: noqa: T201
import os
import sys
import time
from pathlib import Path

from tests.core.building import build, missing, run

SEQUENCES, PART = 100_000, 10_000
MEMORY = "-fsanitize=address,undefined -fno-sanitize-recover=all -g"
# Python keeps memory until it ends, and so does libomp: leaks are looked for where neither is. What is freed is kept
# back only so far that the hostile calls can still see that they take little memory.
NO_LEAKS = {
    "ASAN_OPTIONS": "detect_leaks=0:max_allocation_size_mb=1024:allocator_may_return_null=1:quarantine_size_mb=64"
}
ARCHER = "libarcher.so"


class Findings:
    """What ran, and how often something was found."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.left_out: list[str] = []
        self.count = 0

    def step(self, name: str, *command: object, **environment: str) -> None:
        begin = time.monotonic()
        # Threads sleep while they wait: there may be more of them than processors.
        done = run(*command, env=os.environ | {"OMP_WAIT_POLICY": "passive"} | environment)
        text = done.stdout.decode(errors="replace")
        found = done.returncode != 0 or "runtime error:" in text or "WARNING: ThreadSanitizer" in text
        self.ran.append(name)
        self.count += found
        last = text.strip().splitlines()[-1:] or ["nothing printed"]
        print(f"{name}: {text if found else last[0]} ({time.monotonic() - begin:.0f} s)", flush=True)

    def leave_out(self, name: str, needs: str) -> None:
        self.left_out.append(name)
        print(f"{name}: not run, needs {needs}", flush=True)


def said(*command: str) -> Path:
    """The path that a compiler prints."""
    return Path(run(*command).stdout.decode().strip())


def sanitize_memory(findings: Findings) -> None:
    if missing("gcc"):
        findings.leave_out("AddressSanitizer and UndefinedBehaviorSanitizer under Python", "gcc with libasan")
        return
    findings.step("gcc, address and undefined, driver", build("sanitize/memory-gcc", "gcc", MEMORY), "check")
    environment = NO_LEAKS | {
        "LD_PRELOAD": str(said("gcc", "-print-file-name=libasan.so")),
        "PYTHONMALLOC": "malloc",
        "RLDBS_EXTENSION": str(build("sanitize/extension", "gcc", MEMORY, driver=False)),
    }
    # The hostile calls follow by themselves, and the test of resident memory would measure the sanitizer's.
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "tests.core.sanitized", "-p", "no:cacheprovider", "tests/core"]
    tests += ["tests/control/test_native_parts.py", "tests/control/test_divergence.py"]
    tests += ["--ignore=tests/core/test_hostile.py", "--ignore=tests/core/test_memory.py"]
    findings.step("gcc, address and undefined, tests/core and what calls the core in one step", *tests, **environment)
    play = "import runpy, tests.core.sanitized; runpy.run_module('tests.core.hostile', run_name='__main__')"
    for first in range(0, SEQUENCES, PART):
        name = f"gcc, address and undefined, hostile sequences {first} to {first + PART - 1}"
        findings.step(name, sys.executable, "-W", "error", "-c", play, PART, first, **environment)


def sanitize_threads(findings: Findings) -> None:
    """clang and libomp, because ThreadSanitizer cannot see how gcc's libgomp keeps threads apart: it is built without
    it and waits in the kernel. libomp's archer tells ThreadSanitizer."""
    archer = None if missing("clang") else said("clang", "-print-resource-dir").parents[1] / ARCHER
    if archer is None or not archer.exists():
        findings.leave_out("ThreadSanitizer", "clang, libomp and its libarcher.so (Debian: clang libomp-dev)")
        return
    findings.step(
        "clang, address and undefined, driver", build("sanitize/memory-clang", "clang", MEMORY), "check", **NO_LEAKS
    )
    options = {"OMP_TOOL_LIBRARIES": str(archer), "TSAN_OPTIONS": "ignore_noninstrumented_modules=1"}
    findings.step(
        "clang, thread, driver", build("sanitize/thread", "clang", "-fsanitize=thread -g"), "check", **options
    )


def main() -> int:
    findings = Findings()
    for compiler in ("gcc", "clang"):
        if missing(compiler):
            findings.leave_out(f"{compiler} without a warning", compiler)
        else:
            findings.step(f"{compiler} without a warning", build(f"sanitize/{compiler}", compiler), "check")
    sanitize_threads(findings)
    sanitize_memory(findings)
    left_out = f", left out: {'; '.join(findings.left_out)}" if findings.left_out else ""
    print(f"{len(findings.ran)} runs, {findings.count} with findings{left_out}")
    return 1 if findings.count else 0


if __name__ == "__main__":
    sys.exit(main())
