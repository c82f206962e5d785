"""Networks of cells against the same equations in the language of the published program, GNU Octave, in turns."""

import shutil
from contextlib import closing

import numpy as np

from rldbs.bench.figures import Figures
from rldbs.bench.timed_turns import Timer, in_turns, timer
from rldbs.core.cell_network import CellNetwork
from rldbs.core.so2012 import CELLS_EACH, SO2012
from tests.speed import ROOT
from tests.speed.peers.population import Floats, Problem
from tests.speed.race import STEPS, Peer

OCTAVE = shutil.which("octave-cli") or shutil.which("octave")
"""None where there is none."""
PROGRAM = ROOT / "tests" / "speed" / "peers" / "so2012.m"
SEVERAL = 8
ROUNDS = 15
CHECKED = 3000
"""Integration steps over which Octave's mean of s of GPi is compared with ours, under pulses into STN and TH: before
the first sensorimotor pulse of our own."""
TOLERANCE = 1e-9
"""Of the largest difference in it."""
CONTACTS = ("stn", "th")


def cell_race() -> Figures:
    """µs for one step of Euler's method of one network, and how many times as long as ours Octave takes.

    Raises:
        RuntimeError: there is no Octave, it does not start, or its synapses are not ours.
    """
    with closing(octave(parkinsonian())) as peer:
        difference(parkinsonian(), peer)
        alone, several = "rldbs", f"rldbs, of {SEVERAL}"
        turns = in_turns({alone: _ours(1), several: _ours(SEVERAL), "Octave": peer.seconds}, ROUNDS)
    numbers = {
        name: {"microseconds_per_step": 1e6 * turns.median(name), "ratio": turns.ratio(name, alone)}
        for name in (alone, several, "Octave")
    }
    rows = [[name, f"{of['microseconds_per_step']:.2f}", f"{of['ratio']:.2f}"] for name, of in numbers.items()]
    title = "So, Kent and Grill: µs per Euler step of one network of 40 cells"
    return Figures("cell_peers", title, ["one core", "time", "× ours"], rows, {**numbers, **peer.versions})


def octave(network: CellNetwork) -> Peer:
    """A network in Octave, at the state of population 0 of ours.

    Raises:
        RuntimeError: there is no Octave, or it does not start.
    """
    if OCTAVE is None:
        raise RuntimeError("there is no Octave on this machine")
    states = [row.tolist() for group in SO2012.groups for row in network.cells(group.name)[0]]
    currents = np.repeat([group.parkinsonian for group in SO2012.groups], CELLS_EACH) + network.deviation[0]
    problem = Problem(SO2012.name, network.dt, 1.0, {}, currents.tolist(), states)
    return Peer([OCTAVE, "--quiet", "--norc", PROGRAM], "Octave", problem)


def difference(network: CellNetwork, peer: Peer) -> float:
    """The largest between a peer's mean of s of GPi and ours, under the same pulses.

    Raises:
        RuntimeError: it is not the same network.
    """
    currents = _pulses(CHECKED)
    ours = network.advance(currents[None]).channels[0, :, 0]
    found = float(np.abs(peer.advance(currents) - ours).max())
    if not found <= TOLERANCE:
        raise RuntimeError(f"{peer.name}: its mean s of GPi differs from ours by {found:.3g}")
    return found


def _pulses(steps: int) -> Floats:
    """Biphasic ones of 850 µA/cm² into STN at 130 Hz, and one of 3.5 into TH, for each integration step of 10 µs."""
    k = np.arange(steps)
    into_stn = 850.0 * ((k % 769 < 6) * 1.0 - (k % 769 >= 6) * (k % 769 < 12))
    return np.stack([into_stn, 3.5 * ((k >= 500) & (k < 1000))], axis=1)


def parkinsonian(populations: int = 1) -> CellNetwork:
    """Parkinsonian ones, whose contacts reach STN and TH."""
    reach = np.zeros((len(CONTACTS), SO2012.cells))
    for contact, name in zip(reach, CONTACTS, strict=True):
        contact[SO2012.cells_of(name)] = 1.0
    return CellNetwork(populations, severity="pd", channels=["gpi.s"], reach=reach)


def _ours(populations: int) -> Timer:
    network, currents = parkinsonian(populations), np.zeros((populations, STEPS, len(CONTACTS)))
    return timer(lambda: network.advance(currents), STEPS * populations)
