"""The package itself."""

import subprocess
import sys

import pytest

from rldbs.environments import IDS


@pytest.mark.parametrize("order", ["rldbs, gymnasium", "gymnasium, rldbs"])
def test_gymnasium_knows_the_environments_whatever_is_imported_first(order):
    code = f"import {order}; print([i for i in gymnasium.registry if i.startswith('rldbs/')])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == str(list(IDS))


def test_importing_the_package_loads_nothing_slow():
    code = "import sys, rldbs; print([m for m in ('torch', 'hydra', 'gymnasium', 'numpy') if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
