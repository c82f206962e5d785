"""STN and GPe as rates: held to the equations in NumPy, to what is known of them, and as a closed loop has them."""

import copy
import math
import pickle
from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import welch

import rldbs
from rldbs.config.python_arguments import make_loop_settings
from rldbs.core import native
from rldbs.core.bank import prepare_bank
from rldbs.core.ensemble_kinds import ensemble_of
from rldbs.core.errors import RunError, SettingError
from rldbs.core.rate_ensemble import RateEnsemble
from rldbs.core.rate_settings import RateSettings

GOLDEN = 0x9E3779B97F4A7C15


def settings(**changes: object) -> RateSettings:
    values = {
        "name": "stn_gpe",
        "dt": 1.0,
        "transient": 0,
        "period": 37,
        "set_point": 14.7,
        "state": 0.3,
        "noise": 1.0,
        "patients": 0.0,
        "substeps": 10,
        "delay_stn_gpe": 6.0,
        "delay_gpe_stn": 6.0,
        "delay_gpe_gpe": 4.0,
        "band": [13.0, 30.0],
    }
    return RateSettings(**values | changes)  # type: ignore[arg-type]


def noise_of(seed: int, clock: int) -> tuple[float, float]:
    """What comes to the rates in a step: four uniform numbers of 16 bits each, from a hash of the step."""
    found = []
    for k in (1, 2):
        z = (seed + (2 * clock + k) * GOLDEN) % 2**64
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % 2**64
        z ^= z >> 31
        pieces = sum((z >> shift) & 0xFFFF for shift in (0, 16, 32, 48))
        found.append((pieces - 131070) * math.sqrt(3.0) / 65536)
    return found[0], found[1]


def by_the_equations(
    severity: float, noise: float, stn: list[float], gpe: list[float], seed: int, kicks: np.ndarray, current: float
) -> np.ndarray:
    """The rates after each kick, of 1 ms; Euler's method in steps of 0.1 ms."""
    weights = {"sg": (19.0, 20.0), "gs": (1.12, 10.7), "gg": (6.6, 12.3), "cs": (2.42, 9.2), "xg": (15.1, 139.4)}
    w = {name: a + severity * (b - a) for name, (a, b) in weights.items()}
    s, g, h = list(stn), list(gpe), 0.1

    def answer(x: float, most: float, rest: float) -> float:
        return most / (1.0 + (most - rest) / rest * math.exp(-4.0 * x / most))

    for step in range(10 * len(kicks)):
        u = w["cs"] * 27.0 - w["gs"] * g[-61]
        v = w["sg"] * s[-61] - w["gg"] * g[-41] - w["xg"] * 2.0
        first, second = noise_of(seed, step)
        came = kicks[step // 10] + current
        new_s = s[-1] + h / 6.0 * (answer(u, 300.0, 17.0) - s[-1] + came) + noise * math.sqrt(2.0 * h / 6.0) * first
        new_g = g[-1] + h / 14.0 * (answer(v, 400.0, 75.0) - g[-1]) + noise * math.sqrt(2.0 * h / 14.0) * second
        s.append(max(0.0, new_s))
        g.append(max(0.0, new_g))
    return np.stack([s[61:], g[61:]], axis=1)[9::10]


@pytest.mark.parametrize(("severity", "noise"), [(0.0, 0.0), (0.3, 1.0), (1.0, 2.0)])
def test_rates_are_those_of_the_equations(severity, noise):
    ensemble = RateEnsemble(settings(state=severity, noise=noise, patients=2.0), 3, 5)
    kicks = 15.0 * np.random.default_rng(1).standard_normal((3, 120))
    before = ensemble.state[1, 0].copy(), int(ensemble.arrays()["seeds"][1]), float(ensemble.current[1, 0])
    field = ensemble.advance(kicks)
    expected = by_the_equations(
        severity, noise, before[0][:61].tolist(), before[0][61:].tolist(), before[1], kicks[1], before[2]
    )
    np.testing.assert_allclose(field[1], expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(ensemble.x[:, 0], field[:, -1, 0])
    assert (field >= 0.0).all()


@pytest.mark.parametrize(
    ("severity", "mean", "spread", "peak"),
    [(0.0, 18.1, 0.0, None), (0.3, 14.7, 0.9, 27), (0.5, 15.6, 8.9, 25), (1.0, 22.1, 21.0, 20)],
)
def test_without_noise_health_is_a_rest_and_the_disease_a_rhythm(severity, mean, spread, peak):
    ensemble = RateEnsemble(settings(state=severity, noise=0.0), 1, 0, transient=6000)
    x = ensemble.advance(ensemble.quiet(4000))[0, :, 0]
    assert x.mean() == pytest.approx(mean, abs=0.1)
    assert x.std() == pytest.approx(spread, abs=0.1)
    if peak is not None:
        frequency, power = welch(x - x.mean(), 1000.0, nperseg=1000)
        assert frequency[power.argmax()] == peak
    if severity == 1.0:
        assert (x.min(), x.max()) == (pytest.approx(1.7, abs=0.2), pytest.approx(66.0, abs=0.5))


def test_noise_alone_has_the_spread_that_is_said():
    """Without the other nucleus nothing holds the rate but its own time constant."""
    quiet = settings(noise=2.0, delay_stn_gpe=0.0)
    ensemble = RateEnsemble(quiet, 64, 0)
    ensemble.coupling[:] = 0.0
    ensemble.current[:] = 200.0  # far from 0, and GPe at its largest rate: STN gets a constant input
    x = ensemble.advance(ensemble.quiet(1500))[:, 500:, 0]
    assert x.std() == pytest.approx(2.0, rel=0.05)


def test_halving_the_step_halves_the_error():
    """Of the limit cycle, without noise: Euler's method is of first order."""

    def run(substeps: int) -> np.ndarray:
        ensemble = RateEnsemble(settings(state=1.0, noise=0.0, substeps=substeps), 1, 0)
        return ensemble.advance(ensemble.quiet(150))[0, :, 0]

    exact = 2.0 * run(1280) - run(640)
    errors = [np.abs(run(substeps) - exact).max() for substeps in (40, 80, 160)]
    assert errors[0] / errors[1] == pytest.approx(2.0, rel=0.1)
    assert errors[1] / errors[2] == pytest.approx(2.0, rel=0.1)


@pytest.mark.parametrize("variant", native.SUPPORTED)
def test_a_population_alone_in_a_batch_split_or_copied_gives_the_same_bits(variant):
    kicks = np.random.default_rng(2).uniform(-20.0, 40.0, (11, 90))
    whole = RateEnsemble(settings(patients=1.0), 11, 7).advance(kicks, threads=2)
    with native.use_instruction_set(variant):
        alone = RateEnsemble(settings(patients=1.0), 1, 17)
        np.testing.assert_array_equal(alone.advance(kicks[10:, :31])[0], whole[10, :31])
        saved, twins = alone.get_state(), [copy.copy(alone), pickle.loads(pickle.dumps(alone))]
        np.testing.assert_array_equal(alone.advance(kicks[10:, 31:])[0], whole[10, 31:])
        alone.set_state(saved)
        for one in (alone, *twins):
            np.testing.assert_array_equal(one.advance(kicks[10:, 31:])[0], whole[10, 31:])


def test_many_steps_in_one_call_are_those_of_several():
    """So many that the past is moved back in between."""
    one, other = RateEnsemble(settings(), 2, 0), RateEnsemble(settings(), 2, 0)
    parts = [other.advance(other.quiet(steps)) for steps in (1, 255, 256, 257)]
    np.testing.assert_array_equal(one.advance(one.quiet(769)), np.concatenate(parts, axis=1))
    np.testing.assert_array_equal(one.state, other.state)


def test_the_disease_may_come_while_it_runs():
    ensemble = RateEnsemble(settings(state="healthy"), 1, 0)
    assert ensemble.coupling.tolist() == [0.0]
    healthy = ensemble.advance(ensemble.quiet(2000))[0, 500:, 0].std()
    ensemble.coupling[:] = 1.0
    assert ensemble.advance(ensemble.quiet(2000))[0, 500:, 0].std() > 10.0 * healthy


def test_patients_differ_in_the_current_into_stn():
    alike, patients = RateEnsemble(settings(), 200, 0), RateEnsemble(settings(patients=3.0), 200, 0)
    np.testing.assert_array_equal(alike.state, patients.state)
    assert not alike.current.any()
    assert patients.current.std() == pytest.approx(3.0, rel=0.15)


def test_a_bank_goes_on_from_its_past():
    made = settings()
    bank = prepare_bank(made, 3, 2, 0, 70, 1)
    assert (bank.state.shape, bank.current.shape, bank.past.shape) == ((6, 1, 122), (6, 1), (6, 70, 2))
    np.testing.assert_array_equal(bank.past[:, -1], bank.state[:, 0, [60, 121]])
    ensemble = ensemble_of(made, 6, transient=0)
    ensemble.state[:] = bank.state
    np.testing.assert_array_equal(ensemble.x[:, 0], bank.past[:, -1, 0])


def test_states_of_other_delays_are_refused():
    ensemble = RateEnsemble(settings(), 1, 0)
    with pytest.raises(RunError, match="state"):
        ensemble.set_state(RateEnsemble(settings(delay_gpe_stn=8.0), 1, 0).get_state())


def test_an_environment_is_saved_and_goes_on():
    env = rldbs.make("stn_gpe", seed=3)
    env.reset(seed=3)
    action = np.array([0.3], np.float32)
    env.step(action)
    state, twin = env.get_state(), pickle.loads(pickle.dumps(env))
    expected = [env.step(action)[0] for _ in range(3)]
    np.testing.assert_array_equal([twin.step(action)[0] for _ in range(3)], expected)
    env.set_state(state)
    np.testing.assert_array_equal([env.step(action)[0] for _ in range(3)], expected)


def test_an_environment_of_a_batch_is_the_one_alone():
    batch, alone = rldbs.make_vec("stn_gpe", num_envs=3, seed=4), rldbs.make("stn_gpe", seed=6)
    first, _ = batch.reset(seed=4)
    own, _ = alone.reset(seed=6)
    np.testing.assert_array_equal(first[2], own)
    actions = np.array([[0.1], [0.9], [-0.4]], np.float32)
    for _ in range(4):
        np.testing.assert_array_equal(batch.step(actions)[0][2], alone.step(actions[2])[0])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"state": "sick"}, "state: must be healthy, pd"),
        ({"state": 1.5}, "state: must be from 0 to 1"),
        ({"noise": -1.0}, "noise: must be"),
        ({"patients": 1e4}, "patients: must be at most 1000"),
        ({"substeps": 1}, "model.substeps=1: must be 2 or more with model.dt=1"),
        ({"delay_gpe_stn": 6.05}, "model.delay_gpe_stn=6.05: must be a whole number of integration steps"),
        ({"delay_gpe_gpe": 2000.0}, "model.delay_gpe_gpe=2000: must be at most 1000 ms"),
    ],
)
def test_settings_out_of_range_are_refused(change, words):
    with pytest.raises(SettingError, match=words):
        prepare_bank(replace(settings(), **change), 1, 1, 0, 5, 1)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"tissue": "cube"}, "tissue, electrode: are not for model=stn_gpe"),
        ({"electrode": "four"}, "tissue, electrode: are not for model=stn_gpe"),
        ({"coupling": "step", "coupling.to": 1.2}, r"coupling.to=1.2: must be from 0 to 1"),
        ({"stimulus": "biphasic"}, "stimulus.width=60: must be a whole number of integration steps"),
        ({"reward": "error_index"}, "reward.beta: there is no such setting"),
        ({"model.band": [30.0, 13.0]}, "model.band"),
        ({"model.neurons": 5}, "model.neurons"),
    ],
)
def test_what_does_not_go_with_the_model_is_refused(overrides, words):
    with pytest.raises(SettingError, match=words):
        rldbs.make("stn_gpe", **overrides)


def test_a_disease_that_changes_is_not_called_by_the_word_for_a_steady_one():
    settings = make_loop_settings("stn_gpe", {"state": "pd"}).model
    assert settings.label("1").startswith("pd, noise")
    assert settings.label("0 and 1 in turn").startswith("severity 0 and 1 in turn, noise")
