"""What the core is held against in Octave is the same network."""

from contextlib import closing

import pytest

from tests.speed import cell_race
from tests.speed.cell_race import OCTAVE, TOLERANCE, difference, octave, parkinsonian

STEPS = 1000
"""10 ms: the first pulses, and spikes of every nucleus."""


@pytest.mark.skipif(OCTAVE is None, reason="needs Octave")
def test_octave_has_our_synapses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell_race, "CHECKED", STEPS)
    with closing(octave(parkinsonian())) as peer:
        assert 0.0 < difference(parkinsonian(), peer) <= TOLERANCE


@pytest.mark.skipif(OCTAVE is None, reason="needs Octave")
def test_another_network_is_told_from_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell_race, "CHECKED", STEPS)
    other = parkinsonian()
    other.deviation[0, other.model.cells_of("gpi")] += 1.0
    with closing(octave(other)) as peer, pytest.raises(RuntimeError, match="differs from ours"):
        difference(parkinsonian(), peer)
