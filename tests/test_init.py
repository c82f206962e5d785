"""The package itself."""

import subprocess
import sys


def test_importing_the_package_loads_nothing_slow():
    code = "import sys, rldbs; print([m for m in ('torch', 'hydra', 'matplotlib', 'scipy') if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
