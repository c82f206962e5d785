"""Contacts of each population's own: what reaches one is what its own G says, to the bit."""

import pickle

import numpy as np
import pytest

import rldbs
from rldbs.core import native
from rldbs.core.errors import RunError, SettingError
from rldbs.core.models import MODELS
from rldbs.core.phase_kernel import PhaseKernel
from rldbs.core.spatial_kernel import SpatialKernel
from rldbs.core.tissue import Response, Tissue, line, tissue

CONTACTS, NEURONS = 2, 37


def where(conductance: np.ndarray) -> Tissue:
    return tissue(line(NEURONS, 1.0), conductance=conductance)


def made(kind: str, place: Tissue, populations: int, own: bool) -> PhaseKernel | SpatialKernel:
    """Populations that do not depend on how many there are."""
    if kind == "phase":
        kernel: PhaseKernel | SpatialKernel = PhaseKernel(place, Response(), 0.05, populations, own_contacts=own)
    else:
        kernel = SpatialKernel(kind, list(MODELS[kind].parameters.values()), 0.1, populations, place, own)
    for k in range(populations):
        random = np.random.default_rng(k)
        kernel.state[k] = random.uniform(-1.0, 1.0, kernel.state[k].shape)
        kernel.current[k], kernel.coupling[k] = random.normal(1.0, 0.3, NEURONS), 0.4
    return kernel


def kicks(populations: int) -> np.ndarray:
    return np.stack([np.random.default_rng(9 + k).normal(0.0, 0.1, (30, CONTACTS)) for k in range(populations)])


RANDOM = np.random.default_rng(1).uniform(size=(3, CONTACTS, NEURONS))


@pytest.mark.parametrize("kind", ["phase", "bvdp", "hr"])
def test_it_goes_as_alone_with_that_g(kind):
    for name in native.SUPPORTED:
        with native.use_instruction_set(name):
            batch = made(kind, where(RANDOM[0]), 3, own=True)
            batch.conductance[:] = RANDOM
            again = pickle.loads(pickle.dumps(batch))
            seen = batch.advance(kicks(3), 2)
            np.testing.assert_array_equal(again.advance(kicks(3), 1), seen)
            for k in range(3):
                alone = made(kind, where(RANDOM[k]), 3, own=False)
                np.testing.assert_array_equal(alone.advance(kicks(3))[k], seen[k])
                np.testing.assert_array_equal(alone.state[k], batch.state[k])


@pytest.mark.parametrize("kind", ["phase", "bvdp"])
def test_at_first_all_are_alike(kind):
    shared, own = made(kind, where(RANDOM[0]), 2, own=False), made(kind, where(RANDOM[0]), 2, own=True)
    assert (shared.conductance.shape, own.conductance.shape) == ((CONTACTS, NEURONS), (2, CONTACTS, NEURONS))
    np.testing.assert_array_equal(shared.advance(kicks(2)), own.advance(kicks(2)))


def test_it_is_part_of_the_state_of_an_ensemble():
    first = rldbs.Ensemble("bvdp", 3, tissue=where(RANDOM[0]), transient=0, own_contacts=True)
    first.conductance[:] = RANDOM
    state = first.get_state()
    other = rldbs.Ensemble("bvdp", 3, 37, 5, tissue=where(RANDOM[1]), transient=0, own_contacts=True)
    other.set_state(state)
    np.testing.assert_array_equal(other.advance(kicks(3)), first.advance(kicks(3)))
    shared = rldbs.Ensemble("bvdp", 3, tissue=where(RANDOM[0]), transient=0)
    with pytest.raises(RunError, match=r"saved state conductance: must be float64 \(2, 37\), is float64 \(3, 2, 37\)"):
        shared.set_state(state)


@pytest.mark.parametrize("value", [True, 1, None])
def test_without_tissue_there_are_no_contacts(value):
    with pytest.raises(SettingError, match="own_contacts: must be false, or true in tissue, is"):
        rldbs.Ensemble("bvdp", own_contacts=value)
