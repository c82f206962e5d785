"""Random sequences of the core's public calls with hostile arguments.

    python -m tests.core.hostile SEQUENCES FIRST_SEED

plays them and prints how many calls were taken and refused. Whatever is not refused with one of our errors, changes the
state although it was refused, keeps the ensemble from going on, hangs or takes much memory ends it with a traceback.
"""

import faulthandler
import resource
import sys
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np

import rldbs
from rldbs.core import native
from rldbs.core.bank import Bank, prepare_bank
from rldbs.core.errors import RldbsError
from rldbs.core.model_settings import NeuronSettings, PhaseSettings
from rldbs.core.models import MODELS
from rldbs.core.tissue import Response, Tissue, line
from tests.core import evil

CALLS = 6
SECONDS = 20
MEBIBYTES = 300


class Sequence:
    """One ensemble, and what is done to it."""

    def __init__(self, seed: int, told: Counter[str]) -> None:
        self.random = Random(seed)
        self.told = told
        self.populations = self.random.choice([1, 1, 2, 3])
        model = self.random.choice(list(MODELS))
        neurons = self.random.choice([1, 7, 16, 17, 33])
        self.ensemble = rldbs.Ensemble(model, self.populations, neurons, seed, transient=0)
        self.variables = len(MODELS[model].variables)

    def play(self) -> None:
        calls = [self.construct, self.advance, self.advance, self.rest, self.write, self.set, self.resize]
        calls += [self.instruct, self.kernel, self.bank, self.prepare, self.network, self.tissue, self.cells]
        for _ in range(CALLS):
            self.random.choice(calls)()
            mean = self.ensemble.advance(np.zeros((self.populations, 2)), 1)
            assert mean.shape == (self.populations, 2, self.variables)

    def attempt(self, call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """The call's result, or None where it was refused as it should be: with our error, and nothing changed."""
        before = self.ensemble.state.tobytes()
        try:
            result = call(*arguments, **options)
        except RldbsError as error:
            refusal = str(error)
        else:
            self.told["taken"] += 1
            return result
        self.told["refused"] += 1
        assert refusal
        assert self.ensemble.state.tobytes() == before
        return None

    def mixed(self, right: dict[str, Any]) -> dict[str, Any]:
        """The right arguments with a hostile one in the place of some."""
        share = self.random.choice([0.0, 0.2, 0.5])
        return {name: evil.value(self.random) if self.random.random() < share else v for name, v in right.items()}

    def construct(self) -> None:
        right = {"model": "hr", "populations": 2, "neurons": 5, "seed": [3, 4], "coupling": None, "transient": 3}
        right |= {"current_mean": 1.0, "current_std": 0.1, "dt": 0.1, "threads": 1}
        right |= {"parameters": self.mixed({"slow_rate": 0.01})}
        ensemble = self.attempt(rldbs.Ensemble, **self.mixed(right))
        if ensemble is not None:
            ensemble.advance(np.zeros((ensemble.populations, 2)))

    def advance(self) -> None:
        kicks = evil.kicks(self.random, self.populations)
        threads = self.random.choice([None, 1, 2, 3, evil.value(self.random)])
        self.attempt(self.ensemble.advance, kicks, threads)
        if type(kicks) is np.ndarray and kicks.flags.owndata and kicks.flags.writeable:
            kicks.resize(0, refcheck=False)

    def rest(self) -> None:
        self.attempt(self.ensemble.rest, self.random.choice([0, 1, 5, evil.value(self.random)]))

    def write(self) -> None:
        array = getattr(self.ensemble, self.random.choice(["state", "current", "coupling"]))
        index = self.random.choice([..., 0, -1, slice(None), (0, 0), 99, [0], evil.value(self.random)])
        with_value = self.random.choice([np.nan, 1e308, 0.5, np.zeros((2, 3)), evil.value(self.random)])
        try:
            array[index] = with_value
            self.told["written"] += 1
        except Exception:  # NumPy's own affair, which has errors of every kind
            self.told["not written"] += 1

    def set(self) -> None:
        names = ["model", "populations", "neurons", "threads", "dt", "state", "current", "coupling", "other"]
        name = self.random.choice(names)
        before = self.ensemble.threads, self.ensemble.populations
        try:
            setattr(self.ensemble, name, evil.value(self.random))
        except AttributeError:
            assert name in ("state", "current", "coupling")
        self.attempt(self.ensemble.advance, np.zeros((self.populations, 2)))
        self.attempt(self.ensemble.rest, 2)
        self.ensemble.threads, self.ensemble.populations = before

    def resize(self) -> None:
        array: Any = getattr(self.ensemble, self.random.choice(["state", "current", "coupling"]))
        while isinstance(array, np.ndarray):
            try:
                array.resize(self.random.choice([0, 10**6]), refcheck=False)
                raise AssertionError("memory that C uses was resized")
            except ValueError:
                array = array.base

    def instruct(self) -> None:
        name = self.random.choice([*native.INSTRUCTION_SETS, evil.value(self.random)])

        def use() -> None:
            with native.use_instruction_set(name):
                self.ensemble.advance(np.zeros((self.populations, 1)))

        self.attempt(use)

    def kernel(self) -> None:
        right = {"name": "bvdp", "parameters": [0.1, 0.8, 0.7], "dt": 0.2, "populations": 2, "neurons": 5}
        kernel = self.attempt(native.Kernel, **self.mixed(right))
        if kernel is not None:
            threads = self.random.choice([1, 2, evil.value(self.random)])
            self.attempt(kernel.advance, evil.kicks(self.random, kernel.coupling.size), threads)

    def network(self) -> None:
        """Phase oscillators, made of hostile tissue or hostile settings, and stimulated by whatever there is."""
        ones = np.ones((1, 4))
        rows = {"weights_in": ones / 4, "weights_out": ones, "conductance": ones, "recording": ones / 4}
        made = self.attempt(Tissue, **self.mixed(rows | {"positions": line(4, 1.0)}))
        curve = self.attempt(Response, **self.mixed({"cosines": (1.0, 0.5), "sines": (0.0, 0.2), "gaussian": False}))
        tissue = self.random.choice([made, Tissue(**rows), evil.value(self.random)])
        response = self.random.choice([curve, "flat", evil.value(self.random)])
        right = {"populations": 2, "seed": [3, 4], "frequency_mean": 18.0, "frequency_std": 1.0, "coupling": 13.0}
        right |= {"noise": 1.0, "response": response, "dt": 0.5, "transient": 3, "threads": 1}
        network = self.attempt(rldbs.PhaseNetwork, tissue, **self.mixed(right))
        if network is None:
            return
        given = [np.zeros((network.populations, 3, network.tissue.contacts)), evil.value(self.random)]
        self.attempt(network.advance, self.random.choice([*given, evil.kicks(self.random, network.populations)]))
        self.attempt(setattr, network, "frequency", self.random.choice([np.ones((2, 4)), evil.value(self.random)]))
        self.attempt(network.rest, self.random.choice([0, 2, evil.value(self.random)]))

    def tissue(self) -> None:
        """Neurons in tissue, made of hostile settings, with drifting contacts, and kicked by whatever there is."""
        ones = np.ones((2, 4))
        where = Tissue(ones / 4, ones, ones, ones / 4)
        right = {"model": "bvdp", "populations": 2, "neurons": None, "seed": [3, 4], "coupling": 0.1, "transient": 3}
        right |= {"threads": 1, "tissue": self.random.choice([where, evil.value(self.random)])}
        population = self.attempt(rldbs.Ensemble, **self.mixed(right))
        if population is None or population.tissue is None:
            return
        array = self.random.choice([population.conductance, population.recording])
        array[:] = self.random.choice([0.0, -1e308, np.nan])
        for name in ("conductance", "recording"):
            try:
                setattr(population, name, evil.value(self.random))
            except AttributeError:
                self.told["not written"] += 1
        given = [np.zeros((population.populations, 3, 2)), evil.value(self.random)]
        self.attempt(population.advance, self.random.choice([*given, evil.kicks(self.random, population.populations)]))
        self.attempt(population.rest, self.random.choice([0, 2, evil.value(self.random)]))

    def cells(self) -> None:
        """Basal ganglia, made with hostile settings, written into, and stimulated by whatever there is."""
        right = {"populations": 2, "seed": [3, 4], "model": "so2012", "severity": [0.0, "pd"], "integrator": "rk4"}
        right |= {"dt": 0.01, "channels": ["gpi.s", "th.v[3]"], "every": 1, "reach": np.ones((1, 40)), "threads": 1}
        network = self.attempt(rldbs.CellNetwork, **self.mixed(right))
        if network is None:
            return
        value = self.random.choice([np.nan, 1e308, 0.5, evil.value(self.random)])
        array = self.random.choice([network.kernel.state, network.severity, network.deviation, network.reach])
        try:
            array[self.random.choice([..., 0, (0, 0)])] = value
        except Exception:  # NumPy's own affair, which has errors of every kind
            self.told["not written"] += 1
        self.attempt(setattr, network, "severity", self.random.choice(["pd", evil.value(self.random)]))
        given = [np.zeros((network.populations, 3, len(network.reach))), evil.value(self.random)]
        self.attempt(network.advance, self.random.choice([*given, evil.kicks(self.random, network.populations)]))
        self.attempt(network.set_state, network.get_state())
        self.attempt(network.cells, self.random.choice(["stn", evil.value(self.random)]))
        self.attempt(network.rest, self.random.choice([0, 2, evil.value(self.random)]))

    def bank(self) -> None:
        right = {"state": np.zeros((4, 2, 3)), "current": np.zeros((4, 3)), "past": np.zeros((4, 5, 2))}
        self.attempt(Bank, **self.mixed(right | {"coupling": np.zeros(4)}))

    def prepare(self) -> None:
        shared = {"neurons": 5, "coupling": 0.03, "dt": 0.2, "transient": 10, "period": 8, "set_point": 0.0}
        currents = {"name": "bvdp", "current_mean": 0.6, "current_std": 0.1, "parameters": self.mixed({"rate": 0.1})}
        phases = {"name": "kuramoto", "frequency_mean": 18.0, "frequency_std": 1.0, "noise": 0.0, "response": "type2"}
        neurons = NeuronSettings(**self.mixed(shared | currents))
        oscillators = PhaseSettings(**self.mixed(shared | phases))
        settings = self.random.choice([neurons, oscillators, evil.value(self.random)])
        right = {"populations": 2, "snapshots": 2, "seed": self.random.randrange(99), "memory": 3, "threads": 1}
        self.attempt(prepare_bank, settings, **self.mixed(right | {"coupling": (0.02, 0.03)}))


def play(sequences: int, first_seed: int) -> Counter[str]:
    """Plays them; what was taken and what was refused, by number of calls."""
    told: Counter[str] = Counter()
    for seed in range(first_seed, first_seed + sequences):
        faulthandler.dump_traceback_later(SECONDS, exit=True)
        try:
            Sequence(seed, told).play()
        except BaseException:
            sys.stderr.write(f"sequence {seed}\n")
            raise
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        if seed == first_seed:
            allowed = most + MEBIBYTES
        assert most < allowed, f"sequence {seed} took the process to {most:.0f} MiB"
    faulthandler.cancel_dump_traceback_later()
    return told


if __name__ == "__main__":
    sys.stdout.write(f"{dict(play(int(sys.argv[1]), int(sys.argv[2])))}\n")
