"""An excitatory and an inhibitory group of neurons with plastic synapses between them: constants, and where from.

Schmalz and Kumar, Front. Comput. Neurosci. 13, 61 (2019). Potentials in mV, times in ms; currents count in mV, as they
are times the membrane's resistance. The equations themselves are in ``native/plastic.c``.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class FiringGroup:
    """Neurons of one kind."""

    name: str
    label: str
    """What the field writes."""
    strength: float
    """J of what it sends: mV of a synapse with a weight of 1, before it is shared among many."""
    drive: float
    """Constant, in mV."""
    noise: float
    """What noise of variance 1, drawn anew for every step, is multiplied by, in mV times the root of τ in ms. As
    published, it is not divided by the root of dt: a shorter step is a quieter network, and with the noise of the
    continuous equation the network is not synchronous at all. So the step is part of the model."""
    trace_time: float
    """In ms: within this the trace of a spike decays, by which weights change."""


@dataclass(frozen=True)
class PlasticModel:
    """What a network of plastic synapses is made of."""

    name: str
    title: str
    groups: tuple[FiringGroup, FiringGroup]
    """Excitatory, inhibitory."""
    neurons: tuple[int, int]
    probability: float
    """Of a synapse between a neuron and one of the other group; within a group there are none."""
    shared: float
    """The strength is shared among this part of all neurons."""
    dt: float
    tau: float
    """Of the membrane, in ms."""
    threshold: float
    reset: float
    floor: float
    """v never falls below this."""
    refractory: float
    """In ms."""
    delay: float
    """From a spike to its effect, in ms."""
    fixed: float
    """How long the weights stay what they are at first, in ms."""
    trace_step: float
    """By how much a trace rises at a spike."""
    rate: float
    """Of learning."""
    depression: float
    """Of a synapse when its neuron fires, beside that of potentiation, which is 1."""
    bounds: tuple[float, float]
    """Of J·w, in mV."""
    paper: str
    overwrites: bool = False
    """Whether one spike of a step overwrites what another one has done, as in the published program, for comparison."""

    @property
    def names(self) -> tuple[str, str]:
        return self.groups[0].name, self.groups[1].name

    def steps(self, duration: float) -> int:
        """A duration in ms as integration steps."""
        return round(duration / self.dt)


EI_PLASTIC = PlasticModel(
    name="ei_plastic",
    title="Excitatory and inhibitory neurons with plastic synapses",
    groups=(
        FiringGroup("e", "excitatory", strength=260.0, drive=20.8, noise=1.0, trace_time=20.0),
        FiringGroup("i", "inhibitory", strength=100.0, drive=18.0, noise=3.0, trace_time=22.0),
    ),
    neurons=(1600, 400),
    probability=0.1,
    shared=0.3,
    dt=0.1,
    tau=10.0,
    threshold=20.0,
    reset=14.0,
    floor=0.0,
    refractory=2.0,
    delay=5.0,
    fixed=80.0,
    trace_step=0.005,
    rate=0.25,
    depression=-1.1,
    bounds=(10.0, 290.0),
    paper="Schmalz, Kumar, Front. Comput. Neurosci. 13, 61 (2019)",
)
PLASTIC = {EI_PLASTIC.name: EI_PLASTIC}
"""Models of networks with plastic synapses."""
