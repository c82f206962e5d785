"""The basal ganglia as a user has them: seeds, conditions, contacts, channels, states."""

import copy
import pickle
from itertools import pairwise

import numpy as np
import pytest

import rldbs
from rldbs.core.cell_network import CellNetwork, CellRecord
from rldbs.core.errors import DivergedError, RunError, SettingError


def free(network: CellNetwork, steps: int) -> CellRecord:
    return network.advance(np.zeros((network.populations, steps, len(network.reach))))


def pulses(populations: int, steps: int = 3000) -> np.ndarray:
    """300 µA/cm² for 0.3 ms in every 5 ms."""
    return np.broadcast_to(300.0 * (np.arange(steps) % 500 < 30)[None, :, None], (populations, steps, 1))


def assert_same(found: CellRecord, expected: CellRecord, populations: slice = slice(None)) -> None:
    np.testing.assert_array_equal(found.channels, expected.channels[populations])
    first = populations.start or 0
    for ours, theirs in ((found.spikes, expected.spikes), (found.pulses, expected.pulses)):
        those = theirs.population >= first
        np.testing.assert_array_equal(ours.population, theirs.population[those] - first)
        for mine, other in zip(ours[1:], theirs[1:], strict=True):
            np.testing.assert_array_equal(mine, other[those])


def test_it_starts_as_published():
    network = CellNetwork(200, severity="pd")
    v = np.concatenate([network.cells(group)[:, 0] for group in ("th", "stn", "gpe", "gpi")], axis=1)
    assert v.mean() == pytest.approx(-62.0, abs=0.2)
    assert v.std() == pytest.approx(5.0, rel=0.03)
    deviation = network.deviation[:, network.model.cells_of("gpe")]
    assert deviation.std() == pytest.approx(2.0, rel=0.05)
    assert np.count_nonzero(network.deviation) == deviation.size
    stn = network.cells("stn")[0]
    np.testing.assert_allclose(stn[2], 1.0 / (1.0 + np.exp((stn[0] + 39.0) / 3.1)), rtol=1e-13)
    np.testing.assert_array_equal(stn[5], 0.1)
    np.testing.assert_array_equal(stn[6:], 0.0)


def test_a_population_is_the_same_alone_and_in_a_batch():
    batch, alone = CellNetwork(3, seed=5, severity="pd"), CellNetwork(1, seed=7, severity="pd")
    for _ in range(2):
        assert_same(alone.advance(pulses(1)), batch.advance(pulses(3)), slice(2, 3))
    np.testing.assert_array_equal(batch.clocks, 6000)


def test_a_call_is_as_good_as_several():
    whole, parts = (CellNetwork(2, seed=1, severity=0.5, every=5, threads=threads) for threads in (1, 2))
    expected = whole.advance(pulses(2, 12_000))
    assert len(expected.pulses.sample) > 0
    seen = [parts.advance(pulses(2, 12_000)[:, begin:end]) for begin, end in pairwise((0, 5, 5, 1000, 7505, 12_000))]
    np.testing.assert_array_equal(np.concatenate([part.channels for part in seen], axis=1), expected.channels)
    for field in ("spikes", "pulses"):
        rows = np.concatenate([np.stack(getattr(part, field), axis=-1) for part in seen])
        rows = rows[np.lexsort(rows.T[::-1])]
        np.testing.assert_array_equal(rows, np.stack(getattr(expected, field), axis=-1))


def test_severity_is_the_current_of_three_nuclei_and_may_change():
    network = CellNetwork(3, severity=[0.0, 0.5, 1.0])
    network.deviation[:] = 0.0
    free(network, 1)
    expected = {"th": (0, 0, 0), "stn": (33, 28, 23), "gpe": (21, 14.5, 8), "gpi": (22, 19, 16)}
    for group, currents in expected.items():
        np.testing.assert_array_equal(network.kernel.applied[:, network.model.cells_of(group)].T, [currents] * 10)
    network.severity = "pd"
    network.deviation[0, 0] = 0.25
    free(network, 1)
    np.testing.assert_array_equal(network.kernel.applied[0, [0, 10]], [0.25, 23.0])


def test_severity_is_given_in_words_or_numbers():
    for given in (["pd", 0.25], (1, 0.25), np.array([1.0, 0.25]), np.array([1.0, 0.25], np.float32)):
        np.testing.assert_array_equal(CellNetwork(2, severity=given).severity, [1.0, 0.25])
    network = CellNetwork(2)
    for given in ("snc", [0.0, 2.0], np.zeros(3), None, [0.0, [1.0]]):
        with pytest.raises(SettingError, match="severity: must be"):
            network.severity = given
        np.testing.assert_array_equal(network.severity, 0.0)


def test_the_contact_reaches_the_subthalamic_nucleus_or_whom_one_says():
    still, hit = CellNetwork(), CellNetwork()
    free(still, 1)
    hit.advance(np.full((1, 1, 1), 100.0))
    for group in ("th", "stn", "gpe", "gpi"):
        change = hit.cells(group)[0, 0] - still.cells(group)[0, 0]
        np.testing.assert_allclose(
            change, 1.0 if group == "stn" else 0.0, atol=1e-12
        )  # 100 µA/cm² · 0.01 ms / 1 µF/cm²
    reach = np.zeros((2, 40))
    reach[1, 37] = 0.5
    other = CellNetwork(reach=reach)
    other.advance(np.full((1, 1, 2), 100.0))
    change = other.cells("gpi")[0, 0] - still.cells("gpi")[0, 0]
    np.testing.assert_allclose(change, np.where(np.arange(10) == 7, 0.5, 0.0), atol=1e-12)
    other.reach[:] = 0.0
    np.testing.assert_array_equal(copy.copy(other).reach, 0.0)


def test_channels_are_means_of_a_nucleus_or_one_cell():
    network = CellNetwork(2, channels=("gpi.s", "stn.v[3]", "th.v", "gpe.ca[0]"))
    seen = free(network, 500).channels[:, -1]
    np.testing.assert_allclose(seen[:, 0], network.cells("gpi")[:, 5].mean(axis=1), rtol=1e-14)
    np.testing.assert_array_equal(seen[:, 1], network.cells("stn")[:, 0, 3])
    np.testing.assert_allclose(seen[:, 2], network.cells("th")[:, 0].mean(axis=1), rtol=1e-14)
    np.testing.assert_array_equal(seen[:, 3], network.cells("gpe")[:, 4, 0])


def test_spikes_are_where_potentials_rise_through_the_threshold():
    network = CellNetwork(2, seed=3, channels=("gpi.v[4]",))
    seen = free(network, 20_000)
    for k in range(2):
        v = seen.channels[k, :, 0]
        rises = np.flatnonzero((v[:-1] < -10.0) & (v[1:] > -10.0)) + 2
        mine = (seen.spikes.population == k) & (seen.spikes.cell == 34)
        np.testing.assert_array_equal(seen.spikes.sample[mine], rises)
        assert len(rises) > 5


def test_runge_and_kutta_find_the_rates_of_the_published_method():
    """Not the same spikes: phases drift."""
    euler, rk4 = (CellNetwork(8, severity="pd", integrator=name) for name in ("euler", "rk4"))
    assert (euler.dt, rk4.dt) == (0.01, 0.025)
    found, expected = (np.bincount(seen.spikes.cell // 10) for seen in (free(rk4, 20_000), free(euler, 50_000)))
    np.testing.assert_allclose(found[1:], expected[1:], rtol=0.05)


def test_a_copy_and_a_state_go_on_to_the_bit_and_by_themselves():
    network = CellNetwork(2, seed=3, severity="pd")
    network.advance(pulses(2))
    other = CellNetwork(2, seed=8)
    other.set_state(network.get_state())
    copies = [copy.copy(network), copy.deepcopy(network), pickle.loads(pickle.dumps(network)), other]
    expected = network.advance(pulses(2, 9000))
    for each in copies:
        assert_same(each.advance(pulses(2, 9000)), expected)


def test_a_network_that_diverges_is_where_it_was():
    network, same = CellNetwork(seed=4), CellNetwork(seed=4)
    with pytest.raises(DivergedError, match=r"the cell stn\[\d\] has left ±600 mV"):
        network.advance(np.full((1, 20_000, 1), 1e5))
    np.testing.assert_array_equal(network.clocks, 0)
    assert_same(free(network, 20_000), free(same, 20_000))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"clocks": np.full(1, -1)}, "saved state clocks"),
        ({"clocks": np.full(1, 2**60)}, "saved state clocks"),
        ({"severity": np.full(1, np.nan)}, "saved state severity: not finite"),
        ({"state": np.zeros((1, 239))}, r"saved state state: must be float64 \(1, 240\), is float64 \(1, 239\)"),
        ({"background.next": np.full(1, 3)}, "saved state last, next"),
        ({"more": np.zeros(1)}, "saved state more: such a network has none"),
    ],
)
def test_a_state_that_cannot_be_is_refused_whole(change, words):
    network = CellNetwork()
    free(network, 100)
    before = network.get_state()
    with pytest.raises(RunError, match=words):
        network.set_state(before | change)
    for name, array in network.get_state().items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"model": "so2021"}, "model 'so2021': must be one of so2012"),
        ({"integrator": "Euler"}, "integrator 'Euler': must be one of euler, rk4"),
        ({"dt": 0.05}, "dt: must be from 0.0001 to 0.025 ms with euler, beyond which rates are wrong: 0.05"),
        ({"dt": 0.1, "integrator": "rk4"}, "dt: must be from 0.0001 to 0.05 ms with rk4"),
        ({"dt": 5e-324}, "dt: must be from 0.0001"),
        ({"dt": 0.0}, "dt: must be a finite number above 0"),
        ({"severity": "parkinson"}, "severity: must be healthy, pd, or a number from 0 to 1, is 'parkinson'"),
        ({"severity": 1.5}, "severity: must be from 0 to 1"),
        ({"severity": [0.0, 1.0]}, "one for all or one for each population"),
        ({"severity": object()}, "severity"),
        ({"channels": "gpi.s"}, "channels: must be a list of at most 1024 names such as gpi.s, is 'gpi.s'"),
        ({"channels": ["snr.v"]}, "channel 'snr.v': must be like .* one of the groups th, stn, gpe, gpi"),
        ({"channels": ["gpi.w"]}, "channel 'gpi.w': gpi has v, n, h, r, ca, s, z"),
        ({"channels": ["gpi.v[10]"]}, "the cell: must be a whole number from 0 to 9, is 10"),
        ({"channels": [3]}, "channel 3: must be like"),
        ({"reach": np.ones((1, 10))}, r"reach: must be \(contacts, cells\) = \(…, 40\), is \(1, 10\)"),
        ({"reach": np.full((1, 40), np.nan)}, "reach: must be finite"),
        ({"populations": 0}, "populations: must be a whole number from 1"),
        ({"every": 0}, "every: must be a whole number from 1"),
        ({"seed": -1}, "seed"),
        ({"populations": 10**8}, "do not fit into 64 GiB of memory"),
    ],
)
def test_what_makes_no_network_is_refused(arguments, words):
    with pytest.raises(SettingError, match=words):
        CellNetwork(**arguments)


def test_so_is_what_no_network_can_be_given():
    network = rldbs.CellNetwork(2)
    with pytest.raises(SettingError, match=r"must be \(populations, steps, contacts\) = \(2, …, 1\), is \(1, 5, 1\)"):
        network.advance(np.zeros((1, 5, 1)))
    with pytest.raises(SettingError, match="group 'snc': must be one of th, stn, gpe, gpi"):
        network.cells("snc")
    network.severity[:] = np.nan
    with pytest.raises(SettingError, match="severity, deviation: must be finite"):
        free(network, 5)
