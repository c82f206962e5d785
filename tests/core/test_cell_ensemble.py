"""Networks of cells as closed loops take them: the same physics as the network's, in samples of several steps."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

import rldbs
from rldbs.analysis.error_index import error_index
from rldbs.core.bank import prepare_bank
from rldbs.core.cell_ensemble import CellEnsemble
from rldbs.core.cell_network import Onsets, Spikes
from rldbs.core.cell_populations import CellSettings
from rldbs.core.cell_step import CellStep
from rldbs.core.ensemble_kinds import ensemble_of
from rldbs.core.errors import DivergedError, RunError, SettingError
from rldbs.core.pulse_trains import pulse_train
from rldbs.core.so2012 import SO2012


def settings(**changes: object) -> CellSettings:
    values = {
        "name": "so2012",
        "dt": 0.1,
        "transient": 0,
        "period": 714,
        "set_point": 0.32,
        "state": "pd",
        "patients": 0.0,
        "integrator": "euler",
        "substeps": None,
        "band": [13.0, 30.0],
    }
    return CellSettings(**values | changes)  # type: ignore[arg-type]


def train(populations: int, steps: int) -> np.ndarray:
    given = pulse_train(10 * steps, 0.01, 130.0, 850.0, 60.0, balanced=True)
    return np.repeat(given[None], populations, axis=0)


def test_an_ensemble_is_a_network_that_is_heard_every_tenth_of_a_millisecond():
    network = rldbs.CellNetwork(2, 5, severity="pd", channels=list(SO2012.recorded.values()))
    ensemble, given = CellEnsemble(settings(), 2, 5), train(2, 300)
    seen, field = network.advance(given[:, :, None]), ensemble.advance(given)
    assert field.shape == (2, 300, 11)
    np.testing.assert_array_equal(field[:, :, :7], seen.channels[:, 9::10])
    for name, heard in {"spikes": seen.spikes, "pulses": seen.pulses}.items():
        for one, other in zip(getattr(ensemble, name), heard, strict=True):
            np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(ensemble.x.mean(axis=1), field[:, -1, 0], rtol=1e-12)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"clocks": np.full(2, -1)}, "saved state clocks: must be from 0"),
        ({"clocks": np.full(2, 2**60)}, "saved state clocks: must be from 0"),
        ({"heard": np.full((2, 10), -1)}, "saved state heard: must be from 0"),
        ({"pulses.next": np.full(2, 3)}, "saved state last, next"),
        ({"pulses.generators": np.zeros((2, 6), np.uint64)}, "saved state generators: is not the state"),
        ({"coupling": np.full(2, np.nan)}, "saved state coupling: not finite"),
        ({"more": np.zeros(1)}, "saved state more: such an ensemble has none"),
    ],
)
def test_a_state_that_cannot_be_is_refused_whole(change, words):
    ensemble = CellEnsemble(settings(), 2, 3)
    ensemble.advance(ensemble.quiet(10))
    before = ensemble.get_state()
    with pytest.raises(RunError, match=words):
        ensemble.set_state(before | change)
    for name, array in ensemble.get_state().items():
        np.testing.assert_array_equal(array, before[name])


def test_errors_and_pulses_are_what_the_error_index_counts():
    """Split into calls, over two seconds; pulses before the end whose window has ended count."""
    ensemble, parts, spikes, pulses = CellEnsemble(settings(), 2, 3), [], [], []
    for begin in range(0, 20_000, 2_500):
        parts.append(ensemble.advance(ensemble.quiet(2_500)))
        spikes.append(ensemble.spikes._replace(sample=ensemble.spikes.sample + 10 * begin))
        pulses.append(ensemble.pulses._replace(sample=ensemble.pulses.sample + 10 * begin))
    errors, counted = np.concatenate(parts, axis=1)[:, :, [-1, -2]].sum(axis=1).T
    together = Spikes(*map(np.concatenate, zip(*spikes, strict=True)))
    order = np.lexsort((together.cell, together.sample, together.population))
    together = Spikes(*(each[order] for each in together))
    began = Onsets(*map(np.concatenate, zip(*pulses, strict=True)))
    began = Onsets(*(each[np.lexsort((began.sample, began.population))] for each in began))
    index = error_index(together, began, slice(0, 10), 2, 0.01, 2000.0, begin=0.0)
    np.testing.assert_allclose(errors / counted, index, rtol=1e-9)
    assert errors.min() > 0.0


def test_a_population_alone_in_a_batch_split_or_copied_gives_the_same_bits():
    given = train(3, 60)
    whole = CellEnsemble(settings(patients=0.5), 3, 7).advance(given, threads=2)
    alone = CellEnsemble(settings(patients=0.5), 1, 8)
    np.testing.assert_array_equal(alone.advance(given[1:2, :250])[0], whole[1, :25])
    saved, copy = alone.get_state(), pickle.loads(pickle.dumps(alone))
    np.testing.assert_array_equal(alone.advance(given[1:2, 250:])[0], whole[1, 25:])
    np.testing.assert_array_equal(copy.advance(given[1:2, 250:])[0], whole[1, 25:])
    alone.set_state(saved)
    np.testing.assert_array_equal(alone.advance(given[1:2, 250:])[0], whole[1, 25:])


def test_patients_differ_in_the_current_of_each_nucleus_but_the_thalamus_and_in_nothing_else():
    alike, patients = CellEnsemble(settings(), 40, 0), CellEnsemble(settings(patients=0.5), 40, 0)
    np.testing.assert_array_equal(alike.state, patients.state)
    shift = (patients.current - alike.current).reshape(40, 4, 10)
    np.testing.assert_allclose(shift, np.repeat(shift[:, :, :1], 10, axis=2), atol=1e-12)
    assert shift[:, 1:, 0].std() == pytest.approx(0.5, rel=0.15)
    np.testing.assert_array_equal(shift[:, 0], 0.0)


def test_pulses_begin_anew_with_the_generator_of_an_episode():
    def after(row_seed: int) -> np.ndarray:
        ensemble = CellEnsemble(settings(), 2, 0)
        ensemble.advance(ensemble.quiet(1000))
        ensemble.begin(np.array([1]), [np.random.default_rng(row_seed)])
        ensemble.advance(ensemble.quiet(1500))
        return [ensemble.pulses.sample[ensemble.pulses.population == k].tolist() for k in range(2)]

    assert after(3) == after(3)
    assert after(3)[0] == after(4)[0]
    assert after(3)[1] != after(4)[1]


def test_the_disease_may_come_while_it_runs():
    ensemble = CellEnsemble(settings(state="healthy"), 1, 0)
    assert ensemble.coupling.tolist() == [0.0]
    healthy = ensemble.advance(ensemble.quiet(3000))[0, 1000:, 2].mean()
    ensemble.coupling[:] = 1.0
    assert ensemble.advance(ensemble.quiet(3000))[0, 1000:, 2].mean() < 0.8 * healthy


def test_a_population_that_diverges_leaves_the_others_alone():
    ensemble, other = CellEnsemble(settings(), 2, 0), CellEnsemble(settings(), 2, 0)
    given = np.zeros((2, 100))
    given[1, 20:60] = 100_000.0
    field, diverged = ensemble.attempt(given, 1)
    assert diverged.tolist() == [False, True]
    assert np.isnan(field[1]).all()
    np.testing.assert_array_equal(field[0], other.advance(np.zeros((2, 100)))[0])


def test_a_call_in_which_a_population_diverges_leaves_all_where_they_were():
    ensemble, never = CellEnsemble(settings(), 2, 0), CellEnsemble(settings(), 2, 0)
    for each in (ensemble, never):
        each.advance(each.quiet(700))
    before, given = ensemble.get_state(), np.zeros((2, 15_000))
    given[1, 2000:2060] = 100_000.0
    with pytest.raises(DivergedError, match=r"population 1: the cell stn\[\d\] has left ±600 mV"):
        ensemble.advance(given)
    for name, array in ensemble.get_state().items():
        np.testing.assert_array_equal(array, before[name], err_msg=name)
    np.testing.assert_array_equal(ensemble.advance(ensemble.quiet(1000)), never.advance(never.quiet(1000)))
    for one, other in zip((*ensemble.spikes, *ensemble.pulses), (*never.spikes, *never.pulses), strict=True):
        np.testing.assert_array_equal(one, other)


def test_no_steps_are_rested_and_nothing_happens():
    ensemble = CellEnsemble(settings(), 1, 0)
    before, step = ensemble.get_state(), CellStep(ensemble, np.zeros((9, 1, 20)), 10)
    assert step.rest(0, 0, np.zeros((1, 100)), None, 1) == 0
    assert (len(ensemble.spikes.sample), len(ensemble.pulses.sample)) == (0, 0)
    for name, array in ensemble.get_state().items():
        np.testing.assert_array_equal(array, before[name])


def test_a_bank_of_networks_goes_on_from_its_past():
    made = settings(state="healthy")
    bank = prepare_bank(made, 2, 3, 0, 30, 1)
    assert (bank.state.shape, bank.current.shape, bank.past.shape) == ((6, 1, 240), (6, 40), (6, 30, 11))
    ensemble = ensemble_of(made, 6, transient=0)
    ensemble.state[:], ensemble.current[:], ensemble.coupling[:] = bank.state, bank.current, bank.coupling
    field = ensemble.advance(ensemble.quiet(50))  # no sensorimotor pulse yet: those of the bank are its own
    assert np.isfinite(field).all()
    np.testing.assert_allclose(bank.past[0, -1, 0], bank.state[0, 0, -20:-10].mean(), rtol=1e-12)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"state": "sick"}, "state: must be healthy, pd"),
        ({"state": 1.5}, "state: must be from 0 to 1"),
        ({"patients": -1.0}, "patients: must be"),
        ({"integrator": "heun"}, "integrator 'heun': must be one of euler, rk4"),
        ({"substeps": 3}, "model.substeps=3: must be 4 or more"),
        ({"dt": 0.105}, "model.dt=0.105: must be a multiple of 0.01 ms"),
        ({"dt": 0.1, "integrator": "rk4", "substeps": 1}, "model.substeps=1: must be 2 or more"),
    ],
)
def test_settings_out_of_range_are_refused(change, words):
    with pytest.raises(SettingError, match=words):
        prepare_bank(replace(settings(), **change), 1, 1, 0, 5, 1)


def test_the_field_potential_is_the_mean_synaptic_current_of_stn():
    """From the conductances of the published program: each cell of STN takes from two of GPe, 0.5 mS/cm² each."""
    names = [f"{name}[{k}]" for name in ("stn.v", "gpe.s") for k in range(10)]
    ensemble = CellEnsemble(settings(), 2, 1, also=names)
    field = ensemble.advance(ensemble.quiet(40))
    v, s = np.split(ensemble.others, 2, axis=2)
    wanted = (0.5 * (v + 85.0) * (s + np.roll(s, -1, axis=2))).mean(axis=2)
    lfp = field[:, :, ensemble.model.variable_names.index("lfp")]
    np.testing.assert_allclose(lfp, wanted, rtol=1e-12)
    assert lfp.min() > 0.0  # outward: GPe inhibits


def test_severity_is_told_as_it_is():
    ensemble = CellEnsemble(settings(), 2, 1)
    ensemble.coupling[:] = 0.25, 0.75
    field = ensemble.advance(ensemble.quiet(5))
    assert field[:, :, ensemble.model.variable_names.index("severity")].tolist() == [[0.25] * 5, [0.75] * 5]
