"""The three faces of the closed loop, and the ids under which Gymnasium knows them."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

IDS = {"rldbs/BvdP-v0": "bvdp", "rldbs/BvdPChaotic-v0": "bvdp_chaotic", "rldbs/HindmarshRose-v0": "hr"}
"""Gymnasium id → neuron model."""


def register() -> None:
    """Tell Gymnasium the ids of :data:`IDS`, now if it is loaded, else as soon as it is.

    Gymnasium has no entry points for packages like this one, and loading it here would double the time in which the
    command line answers.
    """
    if "gymnasium" in sys.modules:
        _register()
    else:
        sys.meta_path.insert(0, _AfterGymnasium())


def _register() -> None:
    import gymnasium

    for env_id, model in IDS.items():
        gymnasium.register(
            env_id,
            entry_point="rldbs.envs.single:PopulationEnv",
            vector_entry_point="rldbs.envs.vector:PopulationVectorEnv",
            kwargs={"model": model},
        )


class _AfterGymnasium(MetaPathFinder):
    """Waits for the first import of Gymnasium, and registers when it is done."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "gymnasium":
            return None
        sys.meta_path.remove(self)
        spec = find_spec(fullname)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_register(module: ModuleType) -> None:
                execute(module)
                _register()

            spec.loader.exec_module = execute_and_register  # type: ignore[method-assign]
        return spec
