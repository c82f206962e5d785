import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rldbs.analysis import metrics
from rldbs.analysis.metric_definitions import METRICS
from rldbs.analysis.metrics import measure, quenched


def test_every_metric_is_described_and_has_one_number_per_episode(recording):
    values = measure(recording())
    assert list(values) == list(METRICS)
    assert all(each.shape == (2,) for each in values.values())
    assert all(metric.definition and "\n" not in metric.definition for metric in METRICS.values())


def test_metrics_of_sines_are_the_analytic_ones(recording):
    values = measure(recording())
    # The free sine has variance 1/2, the stimulated one 1/200; scale and offset of episode 1 change nothing.
    assert values["suppression"] == pytest.approx([10, 10])
    assert values["suppression_with_onset"] == pytest.approx([10, 10])
    assert values["activity"] == pytest.approx([0.9, 0.1])
    assert values["synchrony_free"] == pytest.approx([np.sqrt(1 / 2)] * 2)
    # Means of variances, not of standard deviations: (0.09 + 0.36 + 0.36) / 5 = 0.162.
    expected = np.sqrt([0.005 / 0.81, 9 * 0.005 / 0.162])
    assert values["synchrony_stimulated"] == pytest.approx(expected)
    assert values["mean_abs_kick"] == pytest.approx([0.04 / 3, 0.03])
    assert values["rms_kick"] == pytest.approx([np.sqrt(0.0006 / 3), 0.03])
    assert values["net_charge"] == pytest.approx([0, 1], abs=1e-12)
    assert (values["reward"] == [-0.5, 0.25]).all()


def test_onset_is_left_out_of_suppression_and_kicks_but_not_of_charge(recording):
    field, kicks = recording().field.copy(), recording().kicks.copy()
    field[:, 1000:1300] *= 10
    kicks[:, 1000:1300] = 0.5
    values, before = measure(recording(field=field, kicks=kicks)), measure(recording())
    for name in ("suppression", "mean_abs_kick", "rms_kick", "synchrony_stimulated"):
        assert (values[name] == before[name]).all(), name
    x = field[0, :, 0]
    assert values["suppression_with_onset"][0] == pytest.approx(x[:1000].std() / x[1000:2500].std())
    assert values["net_charge"][0] == pytest.approx(150 / (150 + 1200 * 0.04 / 3))


def test_times_agree_with_a_window_that_slides_step_by_step(recording):
    random = np.random.default_rng(3)
    field = recording().field.copy()
    step = np.arange(1500)
    field[:, 1000:2500] *= (0.3 + 9.7 * np.exp(-step / 200))[:, None]
    field[:, 2500:] *= (1 - np.exp(-np.arange(1000) / 300))[:, None]
    field += random.normal(0, 0.01, field.shape) + 100
    values = measure(recording(field=field, period=49.7))

    def first(x, reached):
        return next(end for end in range(50, x.size + 1) if reached(x[end - 50 : end].std()))

    for episode, x in enumerate(field[:, :, 0]):
        free = x[:1000].std()
        suppression, relapse = values["time_to_suppression"][episode], values["relapse_time"][episode]
        assert suppression == first(x[1000:2500], lambda std, free=free: std < 0.2 * free)
        assert relapse == first(x[2500:], lambda std, free=free: std > 0.5 * free)
        assert suppression > 300
        assert relapse > 100


def test_times_are_nan_when_the_event_never_comes_or_cannot_be_seen(recording):
    field = recording().field.copy()
    field[:, 1000:2500] *= 5
    field[:, 2500:] *= 0.1
    values = measure(recording(field=field))
    assert np.isnan(values["time_to_suppression"]).all()
    assert np.isnan(values["relapse_time"]).all()
    for period in (np.nan, 1600.0):
        values = measure(recording(period=period))
        assert np.isnan(values["time_to_suppression"]).all()
        assert np.isnan(values["relapse_time"]).all()


def test_latency_ends_where_s_comes_to_ten_and_what_is_spent_until_then_is_summed(recording):
    field, kicks = recording().field.copy(), recording().kicks
    step = np.arange(1500)
    field[0, 1000:2500] *= (0.5 + 9.5 * np.exp(-step / 200))[:, None]
    field[1, 1000:2500] *= 2
    values = measure(recording(field=field))
    x = field[0, :, 0]
    latency = next(end for end in range(50, 1501) if x[950 + end : 1000 + end].std() < 0.1 * x[:1000].std())
    assert values["latency"].tolist() == pytest.approx([latency, np.nan], nan_ok=True)
    assert latency > values["time_to_suppression"][0]
    spent = kicks[0, 1000 : 1000 + latency]
    assert values["energy_to_suppress"].tolist() == pytest.approx([(spent**2).sum(), np.nan], nan_ok=True)
    assert values["charge_to_suppress"].tolist() == pytest.approx([np.abs(spent).sum(), np.nan], nan_ok=True)


def test_the_floor_needs_the_uncoupled_populations(recording):
    assert np.isnan([measure(recording())[key] for key in ("floor", "suppression_over_floor")]).all()
    free = recording().x[:, :1000].std(axis=1)
    values = measure(recording(), free / [5, 20])
    assert values["floor"] == pytest.approx([5, 20])
    assert values["suppression_over_floor"] == pytest.approx([2, 0.5])


def test_without_kicks_net_charge_is_zero_and_nothing_was_suppressed(recording):
    whole = recording()
    step = np.arange(3500)
    x = np.sin(2 * np.pi * step / 50)
    values = measure(recording(kicks=np.zeros((2, 3500)), field=np.broadcast_to(x[:, None], whole.field.shape)))
    assert (values["net_charge"] == 0).all()
    assert (values["mean_abs_kick"] == 0).all()
    assert values["suppression"] == pytest.approx([1, 1])
    assert np.isnan(values["time_to_suppression"]).all()
    assert (values["relapse_time"] == 50).all()


def test_standing_still_is_infinite_and_divergence_nan(recording):
    field = recording().field.copy()
    field[0, 1000:2500] = 0.1
    field[1, 1700:] = np.nan
    values = measure(recording(field=field))
    assert values["suppression"][0] == np.inf
    assert np.isnan(values["suppression"][1])
    field[0, :1000] = 0.1
    values = measure(recording(field=field))
    assert np.isnan(values["suppression"][0])
    assert np.isnan([values["time_to_suppression"][0], values["relapse_time"][0]]).all()


def test_scale_and_offset_of_x_change_no_ratio(recording):
    whole = recording()
    one = measure(whole, np.ones(2))
    other = measure(
        recording(
            field=-250 * whole.field + 1000,
            neuron_std_free=250 * whole.neuron_std_free,
            neuron_std_stimulated=250 * whole.neuron_std_stimulated,
        ),
        np.full(2, 250.0),
    )
    for name in METRICS:
        assert other[name] == pytest.approx(one[name], rel=1e-9, nan_ok=True), name


@given(arrays(np.float64, 30, elements=st.floats(-1, 1)))
def test_net_charge_is_between_balanced_and_one_sided(pulses):
    kicks = np.zeros((1, 32))
    kicks[0, 1:31] = pulses
    charge = metrics.net_charge(kicks)
    assert 0 <= charge[0] <= 1 + 1e-12
    assert metrics.net_charge(np.abs(kicks))[0] == pytest.approx(float(np.abs(pulses).sum() > 0))


def test_quenched_is_activity_below_half():
    assert quenched(np.array([0.49, 0.5, 1.0, np.nan])).tolist() == [True, False, False, False]
