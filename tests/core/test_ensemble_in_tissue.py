"""Populations in tissue are populations like others, and space is where it should be."""

import copy
import pickle

import numpy as np
import pytest

import rldbs
from rldbs.core.coupling_modes import blocks, kernel_of, modes_of
from rldbs.core.errors import RunError, SettingError
from rldbs.core.tissue import Tissue, cube, distances, line, profile, tissue


def apart(neurons: int = 40) -> Tissue:
    """Two halves that are coupled within only, a contact at each, and a site at each."""
    within = blocks([neurons // 2] * 2, 2.0 * np.eye(2))
    half = (np.arange(neurons) // (neurons // 2) == np.arange(2)[:, None]) * 1.0
    return tissue(line(neurons, 1.0), within, half, half / (neurons // 2))


def kicks(populations: int, steps: int = 30) -> np.ndarray:
    return np.random.default_rng(1).normal(0.0, 0.1, (populations, steps, 2))


def test_neurons_and_columns_are_those_of_the_tissue():
    population = rldbs.Ensemble("hr", 3, tissue=apart(), transient=0)
    assert population.neurons == 40
    assert population.state.shape == (3, 3, 40)
    assert population.conductance.shape == (2, 40)
    assert population.recording.shape == (3, 40)
    seen = population.advance(kicks(3))
    assert seen.shape == (3, 30, 3 + 2)
    np.testing.assert_allclose(seen[:, -1, :3], population.state.mean(axis=2), rtol=1e-13)
    np.testing.assert_allclose(seen[:, -1, 3], population.state[:, 0, :20].mean(axis=1), rtol=1e-13)


@pytest.mark.parametrize("model", ["bvdp", "bvdp_chaotic"])
def test_where_all_are_coupled_alike_they_are_drawn_and_go_as_without_tissue(model):
    plain = rldbs.Ensemble(model, 2, 100, seed=4, transient=500)
    spatial = rldbs.Ensemble(model, 2, seed=4, transient=500, tissue=tissue(line(100, 1.0)))
    np.testing.assert_array_equal(spatial.current, plain.current)
    np.testing.assert_allclose(spatial.state, plain.state, rtol=1e-11, atol=1e-11)
    given = kicks(2)[:, :, :1]
    np.testing.assert_allclose(spatial.advance(given), plain.advance(given[:, :, 0]), rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("model", ["bvdp", "hr"])
def test_a_population_is_the_same_alone_and_in_a_batch(model):
    batch = rldbs.Ensemble(model, 3, seed=5, tissue=apart(), transient=100)
    alone = rldbs.Ensemble(model, 1, seed=7, tissue=apart(), transient=100)
    np.testing.assert_array_equal(batch.state[2], alone.state[0])
    given = kicks(3)
    np.testing.assert_array_equal(batch.advance(given, threads=2)[2], alone.advance(given[2:])[0])


def test_a_kick_reaches_those_near_its_contact_and_is_seen_there():
    where = cube(4, 0.5)
    corner, centre = profile(where, [where[0], where.mean(axis=0)], "gaussian", 0.2)
    brain = tissue(where, conductance=corner[None], recording=np.stack([corner / corner.sum(), centre / centre.sum()]))
    kicked = rldbs.Ensemble("bvdp", tissue=brain, coupling=0.0, transient=0)
    free = copy.copy(kicked)
    difference = kicked.advance(np.full((1, 1, 1), 0.5)) - free.advance(np.zeros((1, 1, 1)))
    assert difference[0, 0, 2] > 0.3
    assert 0.0 < difference[0, 0, 0] < 0.05
    assert abs(difference[0, 0, 3]) < 1e-3


def test_what_is_not_coupled_hears_nothing_of_a_kick():
    kicked = rldbs.Ensemble("hr", tissue=apart(), transient=0)
    free = copy.copy(kicked)
    given = kicks(1)
    given[:, :, 1] = 0.0
    kicked.advance(given)
    free.advance(np.zeros_like(given))
    np.testing.assert_array_equal(kicked.state[0, :, 20:], free.state[0, :, 20:])
    assert not np.array_equal(kicked.state[0, :, :20], free.state[0, :, :20])


def test_coupling_that_reaches_far_enough_gives_the_collective_rhythm():
    where = cube(6, 0.1)
    near = modes_of(kernel_of("gaussian", distances(where, where), 0.5), len(where), 1e-6, normalised=True)
    population = rldbs.Ensemble("bvdp", 4, seed=1, tissue=tissue(where, near))
    x = population.advance(np.zeros((4, 2000, 1)))[:, :, 0]
    assert 1.0 < x.std(axis=1).mean() < 1.2


def test_a_copy_goes_on_to_the_bit_and_by_itself():
    population = rldbs.Ensemble("bvdp", 2, tissue=apart(), transient=50)
    population.conductance[0] *= 0.5
    population.recording[1] *= 2.0
    copies = [copy.copy(population), copy.deepcopy(population), pickle.loads(pickle.dumps(population))]
    expected = population.advance(kicks(2))
    population.conductance[:] = 0.0
    for one in copies:
        np.testing.assert_array_equal(one.advance(kicks(2)), expected)
        assert one.tissue is not None
        assert one.conductance.any()


def test_a_saved_state_holds_where_contacts_and_sites_are():
    population = rldbs.Ensemble("bvdp", 2, tissue=apart(), transient=0)
    saved = population.get_state()
    expected = population.advance(kicks(2))
    population.conductance[:], population.recording[:] = 0.0, 1.0
    population.set_state(saved)
    np.testing.assert_array_equal(population.advance(kicks(2)), expected)
    assert rldbs.Ensemble("bvdp", 2, 40, transient=0).get_state().keys() == {"state", "current", "coupling"}
    before = population.state.copy()
    del saved["conductance"]
    with pytest.raises(RunError, match="saved state conductance: must be float64 "):
        population.set_state(saved)
    np.testing.assert_array_equal(population.state, before)


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"tissue": np.ones((1, 3))}, "tissue: must be a Tissue, is array"),
        ({"neurons": 41}, "neurons: the tissue has 40, is 41; leave it out"),
        ({"neurons": 0}, "neurons: must be a whole number from 1"),
        ({"transient": -1}, "transient: must be a whole number from 0"),
    ],
)
def test_wrong_arguments_are_refused(named, words):
    rldbs.Ensemble("bvdp", tissue=apart(), neurons=40, transient=0)
    with pytest.raises(SettingError, match=words):
        rldbs.Ensemble("bvdp", **{"tissue": apart(), "transient": 0} | named)


def test_what_there_is_only_with_or_without_tissue_is_refused():
    spatial, plain = rldbs.Ensemble(tissue=apart(), transient=0), rldbs.Ensemble(neurons=4, transient=0)
    for name in ("conductance", "recording"):
        with pytest.raises(SettingError, match=f"{name}: these populations are not in tissue"):
            getattr(plain, name)
    with pytest.raises(SettingError, match="kicks: must be real numbers with 3 axes"):
        spatial.advance(np.zeros((1, 4)))
    with pytest.raises(SettingError, match="threads: must be a whole number"):
        spatial.advance(kicks(1), threads=0)
