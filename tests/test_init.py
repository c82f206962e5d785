"""The package itself."""

import inspect
import subprocess
import sys
from importlib.resources import files

import pytest

import rldbs
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


def test_what_is_public_is_there_told_and_listed():
    assert sorted(rldbs.__all__) == rldbs.__all__
    assert [name for name in dir(rldbs) if not name.startswith("__")] == rldbs.__all__
    assert set(rldbs.LATER) < set(rldbs.__all__)
    with pytest.raises(AttributeError, match="module 'rldbs' has no attribute 'tran'"):
        rldbs.tran  # noqa: B018


@pytest.mark.parametrize("name", rldbs.__all__)
def test_a_public_name_and_its_public_parts_say_what_they_are(name):
    thing = getattr(rldbs, name)
    assert inspect.getdoc(thing)
    if not inspect.isclass(thing):
        return
    own = [part for part in vars(thing) if not part.startswith("_")]
    assert [part for part in own if not inspect.getdoc(getattr(thing, part))] == []


def test_the_package_tells_type_checkers_that_it_has_types():
    assert (files("rldbs") / "py.typed").is_file()
