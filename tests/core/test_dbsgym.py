"""The published environment's populations are what its own programs made, to rounding, in the units that are said."""

from pathlib import Path

import numpy as np
import pytest

from rldbs.config.python_arguments import make_loop_settings
from rldbs.core.coupling_modes import kernel_of
from rldbs.core.dbsgym import (
    COUPLING,
    DT,
    LAW_MEAN,
    LAW_STD,
    PER_HERTZ,
    _distribution,
    _frequencies,
    _reset,
    dbsgym_frequencies,
    dbsgym_population,
    dbsgym_tissue,
)
from rldbs.core.errors import SettingError
from rldbs.core.phase_ensemble import PhaseEnsemble, _in_locus
from rldbs.core.phase_network import PhaseNetwork
from rldbs.core.tissue import distances

DATA = Path(__file__).parents[1] / "data"
UNIT = 100.0 / (2.0 * np.pi)
"""Hz of a radian per unit of time."""


def reference(name: str) -> dict[str, np.ndarray]:
    with np.load(DATA / f"kuramoto_{name}.npz") as file:
        return dict(file)


@pytest.mark.parametrize("name", ["original_off", "original_hf"])
@pytest.mark.parametrize("episode", [0, 3, 1000])
def test_the_first_instance_has_the_frequencies_and_the_contact_that_it_had_there(name, episode):
    data = reference(name)
    np.testing.assert_allclose(dbsgym_population(0, 0, episode).frequency, UNIT * data["omega"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(dbsgym_tissue(0, 0).conductance[0], data["conductance"], rtol=0, atol=1e-15)


@pytest.mark.parametrize(("name", "seed"), [("env0_pulsed", 101), ("env1_constant", 102), ("prc_type1", 104)])
def test_draws_of_other_seeds_are_theirs(name, seed):
    """In the first two, frequencies of 0 have been replaced."""
    data = reference(name)
    random = np.random.RandomState(seed)
    frequency, phase = _reset(random, _frequencies(random, data["locus"]))
    np.testing.assert_allclose(frequency, data["omega"], rtol=0, atol=1e-11)
    np.testing.assert_allclose(phase, data["theta0"], rtol=0, atol=1e-13)


def test_phases_are_drawn_in_the_published_order():
    """What the last instance's seed draws first is drawn when it is made; each instance wastes one draw at its end."""
    random = np.random.RandomState(40)
    drawn = [random.normal(np.pi, 0.6, 512) for _ in range(31)][1:]
    for k in range(5):
        for episode in range(5):
            np.testing.assert_array_equal(dbsgym_population(0, k, episode).phase, drawn[6 * k + episode])
    np.testing.assert_array_equal(dbsgym_population(0, 2, 1, episodes=7).phase, drawn[17])


def test_episodes_that_were_not_there_are_new_and_always_the_same():
    later = [dbsgym_population(1, 2, k).phase for k in (4, 5, 6, 5 + 2**32, 2**63)]
    assert len({phase.tobytes() for phase in later}) == 5
    np.testing.assert_array_equal(dbsgym_population(1, 2, 5).phase, later[1])
    assert not np.array_equal(dbsgym_population(0, 2, 5).phase, later[1])
    assert np.mean(later[1:]) == pytest.approx(np.pi, abs=3 * 0.6 / np.sqrt(2048))
    assert np.std(later[1:]) == pytest.approx(0.6, rel=0.05)


def test_oscillators_stand_where_they_stood_and_so_do_contact_and_recorder():
    data = reference("env0_pulsed")
    population = dbsgym_population(0, 0, 0)
    np.testing.assert_allclose(population.positions, 0.1 * data["grid"], rtol=0, atol=1e-15)
    np.testing.assert_array_equal(population.positions[data["contact_index"][0]], population.contact)
    np.testing.assert_array_equal(population.positions[data["recorder_index"][0]], population.recorder)
    np.testing.assert_allclose(population.contact, [0.3, 0.4, 0.4])  # written there as 4, 3, 4
    np.testing.assert_array_equal(population.locus, data["locus"])
    tissue = dbsgym_tissue(0, 0)
    np.testing.assert_allclose(tissue.conductance, data["conductance"], rtol=0, atol=1e-15)
    np.testing.assert_allclose(tissue.recording[1:], data["recording_weight"] / 512, rtol=0, atol=1e-17)
    np.testing.assert_array_equal(tissue.recording[0], 1 / 512)
    np.testing.assert_allclose(dbsgym_population(1, 1, 0).contact, [0.3, 0.1, 0.4])  # written there as 4, 3, 1


@pytest.mark.parametrize("environment", [0, 1])
@pytest.mark.parametrize("instance", range(5))
def test_a_locus_of_27_has_frequencies_of_its_own(environment, instance):
    population = dbsgym_population(environment, instance, 0)
    assert population.locus.sum() == 27
    hertz = population.frequency * 2.0 * np.pi / 6.5
    assert hertz[population.locus].min() >= 16.0
    assert hertz[population.locus].max() <= 18.0
    assert 0.0 < hertz.min() < 0.1
    assert 29.5 < hertz.max() <= 30.0
    assert hertz.mean() == pytest.approx(14.8, abs=0.9)
    assert hertz.std() == pytest.approx(8.2, abs=0.2)


def test_the_contact_reaches_all_of_them():
    conductance = dbsgym_tissue(0, 0).conductance
    assert conductance.min() == pytest.approx(0.307, abs=5e-4)
    assert conductance.max() == 1.0
    assert conductance.mean() == pytest.approx(0.611, abs=5e-4)


def test_instances_of_environment_1_differ_in_places_but_hardly_in_frequencies():
    others = [dbsgym_population(1, k, 0) for k in range(1, 5)]
    for one in others[1:]:
        outside = ~(one.locus | others[0].locus)
        np.testing.assert_array_equal(one.frequency[outside], others[0].frequency[outside])
        assert not np.array_equal(one.contact, others[0].contact)
        assert not np.array_equal(one.recorder, others[0].recorder)
        assert not np.array_equal(one.locus, others[0].locus)
    assert not np.array_equal(dbsgym_population(1, 0, 0).frequency[outside], others[0].frequency[outside])
    drawn = [dbsgym_population(0, k, 0) for k in range(5)]
    assert len({one.frequency.tobytes() for one in drawn}) == 5
    assert len({one.contact.tobytes() for one in drawn}) == 1


def test_the_coupling_is_the_cosine_of_the_distance():
    tissue = dbsgym_tissue(0, 0)
    assert tissue.weights_out is not None
    assert tissue.modes < 60
    alpha = kernel_of("cosine", distances(tissue.positions, tissue.positions))
    assert np.abs(512 * tissue.weights_out.T @ tissue.weights_in - alpha).max() < 1e-10
    assert dbsgym_tissue(0, 0, 1e-4).modes < 20


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((2, 0, 0), "environment: must be a whole number from 0 to 1, is 2"),
        ((0, 5, 0), "instance: must be a whole number from 0 to 4, is 5"),
        ((0, 0, -1), "episode: must be a whole number from 0"),
        ((0, 0, 0, 0), "episodes: must be a whole number from 1"),
    ],
)
def test_what_was_not_published_is_refused(given, words):
    with pytest.raises(SettingError, match=words):
        dbsgym_population(*given)
    if len(given) == 3 and given[2] == 0:
        with pytest.raises(SettingError, match=words):
            dbsgym_tissue(*given[:2])


@pytest.fixture(scope="module")
def preset():
    """The model of the house that has its equations, geometry and law."""
    return make_loop_settings("kuramoto_dbsgym").model


def test_the_preset_has_its_tissue_contact_and_locus(preset):
    """Oscillators are numbered in another order, and counted from the middle."""
    ours, theirs = preset.tissue, dbsgym_tissue(0, 0)
    order = np.lexsort(ours.positions.T), np.lexsort(theirs.positions.T)
    np.testing.assert_allclose(ours.positions[order[0]] + 0.35, theirs.positions[order[1]], atol=1e-12)
    np.testing.assert_allclose(ours.conductance[:, order[0]], theirs.conductance[:, order[1]], atol=1e-12)
    heard = theirs.recording[1, order[1]]
    np.testing.assert_allclose(ours.recording[1, order[0]], heard / heard.sum(), atol=1e-12)
    inside = _in_locus(preset, np.random.default_rng(0), np.zeros(512)) > 0
    np.testing.assert_array_equal(inside[order[0]], dbsgym_population(0, 0, 0).locus[order[1]])


def test_the_preset_draws_from_the_same_law(preset):
    own = PhaseEnsemble(preset, 8, 0, transient=0).current / (2.0 * np.pi)
    published = np.stack([dbsgym_population(0, k, 0).frequency for k in range(5)])
    assert own.min() > 0
    for share in (5, 25, 50, 75, 95):
        assert np.percentile(own, share) == pytest.approx(np.percentile(published, share), abs=0.6)
    drawn = dbsgym_frequencies(np.random.default_rng(1), 100_000)
    assert (drawn.mean(), drawn.std()) == (pytest.approx(LAW_MEAN, abs=0.1), pytest.approx(LAW_STD, abs=0.1))


def test_the_law_has_the_mean_and_spread_that_are_said_of_it():
    """By its own integral, with those that would be 0 as they are, and moved to the mean and 0.05·|n| more."""
    at, below = _distribution()
    low, high, chance = at[:-1] * PER_HERTZ * UNIT, at[1:] * PER_HERTZ * UNIT, np.diff(below)
    mean, square = (chance * (low + high) / 2).sum(), (chance * (low**2 + low * high + high**2) / 3).sum()
    assert (mean, np.sqrt(square - mean**2)) == (pytest.approx(LAW_MEAN, abs=1e-4), pytest.approx(LAW_STD, abs=1e-3))
    assert 1 / below[0] == pytest.approx(883, abs=1)
    more = 0.05 * UNIT
    moved = mean + more * np.sqrt(2 / np.pi)
    drawn = mean + below[0] * moved
    spread = square + below[0] * (moved**2 + more**2 * (1 - 2 / np.pi)) - drawn**2
    assert (drawn, np.sqrt(spread)) == (pytest.approx(15.2055, abs=1e-4), pytest.approx(8.6309, abs=1e-4))


def test_the_preset_moves_as_the_published_environment_does(preset):
    """The same oscillators, one beside the other, under a pulse of its strength."""
    population, tissue = dbsgym_population(0, 0, 0), dbsgym_tissue(0, 0)
    theirs = PhaseNetwork(tissue, coupling=COUPLING, noise=0.0, response="flat", dt=DT, transient=0)
    ours = PhaseEnsemble(preset, 1, 0, transient=0)
    order = np.lexsort(preset.tissue.positions.T), np.lexsort(tissue.positions.T)
    theirs.frequency, theirs.phase[:] = population.frequency[None], population.phase
    ours.current[0, order[0]] = 2.0 * np.pi * population.frequency[order[1]]
    ours._phases.phase[0, order[0]] = population.phase[order[1]]
    pulses = np.where(np.arange(200) % 18 < 3, 500.0, 0.0)
    seen, expected = ours.advance(pulses[None]), theirs.advance(pulses[None, :, None])
    np.testing.assert_allclose(seen[:, :, 0], expected.x[:, :, 0], rtol=0, atol=1e-8)
    np.testing.assert_allclose(seen[:, :, 2], expected.rate, rtol=0, atol=1e-6)
