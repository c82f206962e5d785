"""What each neuron model is: its state variables, its constants with their defaults, and where they come from.

The equations themselves are in ``native/models/<kernel>.h``, those of phase oscillators in ``native/phase.c``, those of
cells in ``native/cells/``, those of rates in ``native/rates.c``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from rldbs.core.equations import Equations
from rldbs.core.errors import SettingError, shown
from rldbs.core.model_description import NeuronModel as NeuronModel
from rldbs.core.model_description import Variable as Variable


@dataclass(frozen=True, kw_only=True)
class CoupledNeurons(NeuronModel):
    """Neurons that are coupled through their mean field, with the published constants. They are dimensionless."""

    parameters: Mapping[str, float]
    """Constants of the equations, in the order in which the kernel takes them."""
    current_mean: float
    current_std: float
    """The constant currents of the neurons are normal with this mean and standard deviation."""
    equations: Equations | None = None
    """Those that a user has written; None: they are in the core."""

    @property
    def holds(self) -> str | Equations:
        """What holds the equations: a header of the core's by its name, or what a user has written."""
        return self.equations or self.kernel

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "parameters": dict(self.parameters)}  # a read-only view cannot be pickled

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, parameters=MappingProxyType(state["parameters"]))


_BVDP = CoupledNeurons(
    name="bvdp",
    title="Bonhoeffer–van der Pol, regular rhythm",
    kernel="bvdp",
    variables=(
        Variable("x", "membrane potential", -4.0, 4.0),
        Variable("y", "recovery", -4.0, 4.0),
    ),
    parameters=MappingProxyType({"rate": 0.1, "recovery": 0.8, "offset": 0.7}),
    dt=0.2,
    coupling=0.03,
    current_mean=0.6,
    current_std=0.1,
    transient=4000,
    period=162,
    threshold=0.0,
    rows=2,
)

_HINDMARSH_ROSE = CoupledNeurons(
    name="hr",
    title="Hindmarsh–Rose, bursting",
    kernel="hr",
    variables=(
        Variable("x", "membrane potential", -4.0, 4.0),
        Variable("y", "fast recovery", -25.0, 5.0),
        Variable("z", "slow adaptation", -5.0, 10.0),
    ),
    parameters=MappingProxyType({"slow_rate": 0.006, "slow_gain": 4.0, "x_rest": -1.56}),
    dt=0.1,
    coupling=0.2,
    current_mean=3.0,
    current_std=0.02,
    transient=12000,
    period=1400,
    threshold=0.0,
    rows=3,
)

MODELS: Mapping[str, CoupledNeurons] = MappingProxyType(
    {
        "bvdp": _BVDP,
        "bvdp_chaotic": replace(
            _BVDP,
            name="bvdp_chaotic",
            title="Bonhoeffer–van der Pol, weakly coupled, irregular rhythm",
            coupling=0.02,
            transient=14_000,
        ),
        "hr": _HINDMARSH_ROSE,
    }
)
"""Models of neurons that are coupled through their mean field."""

_KURAMOTO = NeuronModel(
    name="kuramoto",
    title="Kuramoto oscillators, β rhythm",
    kernel="phase",
    variables=(
        Variable("x", "cosine of the phase", -1.0, 1.0),
        Variable("y", "sine of the phase", -1.0, 1.0),
        Variable("rate", "how fast the phase advances", -200.0, 200.0, "Hz"),
    ),
    dt=0.5,
    coupling=16.0,
    transient=4000,
    period=111,
    threshold=0.0,
    rows=3,
    time_unit="ms",
    kick_unit="rad/s",
    paper="Kuramoto, Chemical Oscillations, Waves, and Turbulence (1984)",
)

OSCILLATORS: Mapping[str, NeuronModel] = MappingProxyType(
    {
        "kuramoto": _KURAMOTO,
        "kuramoto_populations": replace(
            _KURAMOTO,
            name="kuramoto_populations",
            title="Kuramoto oscillators in three populations, tremor rhythm",
            dt=2.5,
            coupling=55.0,
            period=102,
            paper="Weerasinghe, Duchet, Bick, Bogacz, PLOS Comput. Biol. 17(8), e1009281 (2021)",
        ),
        "kuramoto_dbsgym": replace(
            _KURAMOTO,
            name="kuramoto_dbsgym",
            title="Kuramoto oscillators below the transition, DBS-Gym",
            coupling=52.0,
            paper="Kuzmina, Kriukov, Lebedev, Dylov, DBS-Gym (2025), github.com/NevVerVer/DBS-Gym",
        ),
        "kuramoto_line": replace(
            _KURAMOTO,
            name="kuramoto_line",
            title="Kuramoto oscillators on a line, coordinated reset",
            dt=5.0,
            coupling=0.1,
            transient=40_000,
            period=400,
            paper="Lysyansky, Popovych, Tass, J. Neural Eng. 8, 036019 (2011)",
        ),
    }
)
"""Models of phase oscillators. Their time is in ms, their frequencies in Hz, all that drives them in rad/s."""


_SYNAPSES, _POTENTIAL = (0.0, 1.0), (-100.0, 100.0)

CELL_NETWORKS: Mapping[str, NeuronModel] = MappingProxyType(
    {
        "so2012": NeuronModel(
            name="so2012",
            title="Basal ganglia and thalamus, So, Kent, Grill 2012",
            kernel="network",
            variables=(
                Variable("x", "mean synaptic variable of GPi", *_SYNAPSES),
                Variable("s_stn", "mean synaptic variable of STN", *_SYNAPSES),
                Variable("s_gpe", "mean synaptic variable of GPe", *_SYNAPSES),
                Variable("v_th", "mean potential of the thalamic cells", *_POTENTIAL, "mV"),
                Variable("v_stn", "mean potential of STN", *_POTENTIAL, "mV"),
                Variable("v_gpe", "mean potential of GPe", *_POTENTIAL, "mV"),
                Variable("v_gpi", "mean potential of GPi", *_POTENTIAL, "mV"),
                Variable("lfp", "mean synaptic current of the cells of STN", 0.0, 50.0, "µA/cm²"),
                Variable("severity", "how severe the disease is, which no electrode sees", 0.0, 1.0),
                Variable("pulses", "sensorimotor pulses whose window of 25 ms has ended", 0.0, 1.0),
                Variable("errors", "errors of the thalamus, mean over its cells", 0.0, 2.0),
            ),
            dt=0.1,
            coupling=1.0,
            transient=5000,
            period=714,
            threshold=0.4,
            time_unit="ms",
            kick_unit="µA/cm²",
            rows=1,
            usual=(
                ("checkpoints.objective", "error_index"),
                ("tune.objective", "front"),
                ("checkpoints.stimulated", 15_000),
                ("tune.stimulated", 30_000),
                ("checkpoints.least_activity", 0.0),
                ("tune.least_activity", 0.0),
            ),
            paper="So, Kent, Grill, J. Comput. Neurosci. 32, 499 (2012)",
        ),
    }
)
"""Networks of cells. Their time is in ms, currents in µA/cm²; the coupling that may change is their severity."""

PLASTIC_NETWORKS: Mapping[str, NeuronModel] = MappingProxyType(
    {
        "ei_plastic": NeuronModel(
            name="ei_plastic",
            title="Excitatory and inhibitory neurons with plastic synapses, Schmalz, Kumar 2019",
            kernel="plastic",
            variables=(
                Variable("x", "mean potential of excitatory neurons", 0.0, 20.0, "mV"),
                Variable("v_i", "mean potential of inhibitory neurons", 0.0, 20.0, "mV"),
                Variable("rate_e", "spikes of an excitatory neuron in a second", 0.0, 500.0, "Hz"),
                Variable("rate_i", "spikes of an inhibitory neuron in a second", 0.0, 500.0, "Hz"),
                Variable("synchrony", "Golomb's χ of excitatory neurons over the last whole 20 ms", 0.0, 1.0),
                Variable("weight", "mean weight of excitatory synapses at their end; J·w is 260 mV times it", 0.0, 1.2),
            ),
            dt=1.0,
            coupling=260.0,
            transient=1000,
            period=26,
            threshold=20.0,
            time_unit="ms",
            kick_unit="mV",
            rows=1,
            usual=(
                ("checkpoints.objective", "lasting"),
                ("tune.objective", "lasting"),
                ("checkpoints.stimulated", 15_000),
                ("tune.stimulated", 15_000),
                ("checkpoints.relaxed", 4_000),
                ("tune.relaxed", 4_000),
                ("checkpoints.least_activity", 0.0),
                ("tune.least_activity", 0.0),
                ("protocol.free", 2_000),
                ("protocol.relaxed", 10_000),
            ),
            paper="Schmalz, Kumar, Front. Comput. Neurosci. 13, 61 (2019)",
        ),
    }
)
"""Networks whose synapses learn. Their time is in ms, currents in mV; the coupling is J·w at first."""

_RATES = (0.0, 600.0)

RATE_MODELS: Mapping[str, NeuronModel] = MappingProxyType(
    {
        "stn_gpe": NeuronModel(
            name="stn_gpe",
            title="STN and GPe as rates, β bursts",
            kernel="rates",
            variables=(
                Variable("x", "rate of STN", *_RATES, "spk/s"),
                Variable("gpe", "rate of GPe", *_RATES, "spk/s"),
            ),
            dt=1.0,
            coupling=1.0,
            transient=2000,
            period=50,
            threshold=30.0,
            time_unit="ms",
            kick_unit="spk/s",
            rows=1,
            usual=(
                ("checkpoints.objective", "bursts"),
                ("tune.objective", "bursts"),
                ("checkpoints.stimulated", 15_000),
                ("tune.free", 5_000),
                ("tune.stimulated", 15_000),
            ),
            paper="Nevado-Holgado, Terry, Bogacz, J. Neurosci. 30, 12340 (2010)",
        ),
    }
)
"""Rate models with delays. Time is in ms, rates and currents in spk/s; the coupling that may change is severity."""

EVERY_MODEL: Mapping[str, NeuronModel] = MappingProxyType(
    {**MODELS, **OSCILLATORS, **CELL_NETWORKS, **PLASTIC_NETWORKS, **RATE_MODELS}
)


def neuron_model(name: str) -> NeuronModel:
    """The description of the model called ``name``.

    Raises:
        SettingError: there is no such model.
    """
    if type(name) is not str or name not in EVERY_MODEL:
        raise SettingError(f"model {shown(name)}: must be one of {', '.join(EVERY_MODEL)}")
    return EVERY_MODEL[name]


def coupled_neurons(name: str | CoupledNeurons) -> CoupledNeurons:
    """The same of a model whose neurons are coupled through their mean field; a description stands for itself.

    Raises:
        SettingError: there is no such model.
    """
    if isinstance(name, CoupledNeurons):
        return name
    if type(name) is not str or name not in MODELS:
        raise SettingError(f"model {shown(name)}: must be one of {', '.join(MODELS)}")
    return MODELS[name]
