"""Drift, encapsulation and plasticity: what becomes of G and of the neurons, and that nothing else does."""

import copy
import pickle

import numpy as np
import pytest

from rldbs.config.python_arguments import make_loop_settings
from rldbs.control.loop import ClosedLoop
from rldbs.control.tissue_changes import EVERY
from rldbs.core.errors import RunError, SettingError

SMALL = {
    "neurons": 64,
    "transient": 200,
    "populations": 3,
    "snapshots": 2,
    "episode.steps": 60,
    "recording.length": 10,
    "electrode": "four",
}
DRIFT = {"electrode_drift": "walk", "electrode_drift.speed": 0.1}
SCAR = {"encapsulation": "growth", "encapsulation.loss": 0.6, "encapsulation.time": 150}
PLASTICITY = {"plasticity": "walk", "plasticity.speed": 0.5}
ALL = DRIFT | SCAR | PLASTICITY
NEURONS = {"tissue": "cube", "period": 60, "amplitude": 0.1, "interval": 7}
MODELS = {
    "kuramoto": {},
    "kuramoto_populations": {"neurons": 60, "recording.variable": "x"},
    "kuramoto_line": {},
    "bvdp": NEURONS,
    "hr": NEURONS,
}


def loop(environments: int = 1, seed: int = 0, model: str = "kuramoto", threads: int = 1, **overrides: object):
    made = ClosedLoop(make_loop_settings(model, SMALL | MODELS[model] | overrides), environments, seed, threads)
    made.reset()
    return made


def actions(made: ClosedLoop, steps: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (steps, made.environments, made.action_size))


def played(made: ClosedLoop, chosen: np.ndarray) -> list[np.ndarray]:
    """All that comes of some steps, episodes beginning anew where they end."""
    out = []
    for step in chosen:
        rewards, ended = made.step(step)
        out += [rewards, made.observe(), made.kicks.copy(), made.mean_field]
        out += [array.copy() for array in made.ensemble.arrays().values()]
        if ended.any():
            made.reset(ended)
    return out


def same(ones: list[np.ndarray], others: list[np.ndarray]) -> bool:
    return all(one.tobytes() == other.tobytes() for one, other in zip(ones, others, strict=True))


@pytest.mark.parametrize("model", ["kuramoto", "kuramoto_populations", "hr"])
def test_a_member_of_a_batch_is_one_alone_whatever_the_threads(model):
    overrides = {**ALL, "recording.noise": 0.1, "stagger": True}
    batch = loop(3, 5, model, 2, **overrides)
    chosen = actions(batch, 90)
    together = played(batch, chosen)
    for i in range(3):
        alone = played(loop(1, 5 + i, model, **overrides), chosen[:, i : i + 1])
        assert same([array[i : i + 1] for array in together], alone)


@pytest.mark.parametrize(("model", "changes"), [("kuramoto", SCAR), ("kuramoto", ALL), ("bvdp", ALL)])
def test_it_goes_on_from_what_was_saved_as_it_would_have(model, changes):
    first = loop(2, 1, model, **changes, **{"recording.noise": 0.1})
    chosen = actions(first, 80)
    played(first, chosen[:37])
    state, copies = first.saved(), [copy.deepcopy(first), pickle.loads(pickle.dumps(first))]
    rest = played(first, chosen[37:])
    other = loop(2, 9, model, **changes, **{"recording.noise": 0.1})
    played(other, chosen[:5])
    other.restore(state)
    for each in (other, *copies):
        assert same(played(each, chosen[37:]), rest)
    with pytest.raises(RunError, match="saved state"):
        other.restore({name: array for name, array in state.items() if not name.startswith("changes.")})


def test_a_branch_goes_on_as_its_source():
    made = loop(3, **ALL)
    chosen = actions(made, 50)
    played(made, chosen[:30])
    made.branch(np.array([2, 2, 0]))
    assert made.ensemble.conductance[0].tobytes() == made.ensemble.conductance[1].tobytes()
    same_actions = np.repeat(chosen[30:, :1], 3, axis=1)
    for array in played(made, same_actions):
        assert array[0].tobytes() == array[1].tobytes()


@pytest.mark.parametrize("model", ["kuramoto", "bvdp"])
def test_changes_of_no_size_have_the_bits_of_none(model):
    plain, zero = loop(2, 3, model), {"electrode_drift.speed": 0, "encapsulation.loss": 0, "plasticity.speed": 0}
    still, chosen = loop(2, 3, model, **ALL | zero), actions(plain, 80)
    for step in chosen:
        rewards, ended = plain.step(step)
        assert still.step(step)[0].tobytes() == rewards.tobytes()
        for each in (plain, still) if ended.any() else ():
            each.reset(ended)
        assert still.ensemble.state.tobytes() == plain.ensemble.state.tobytes()
        assert still.observe().tobytes() == plain.observe().tobytes()


def lorentzian(positions: np.ndarray, contacts: np.ndarray, spread: float) -> np.ndarray:
    return 1.0 / (1.0 + np.square(positions[None] - contacts[:, None]).sum(axis=2) / spread**2)


@pytest.mark.parametrize("model", ["kuramoto", "bvdp"])
def test_g_is_what_the_formula_says_of_the_drawn_walk(model):
    made = loop(2, 4, model, **DRIFT, **SCAR, **{"electrode_drift.most": 10.0, "episode.steps": 10**6})
    interval, positions = made.settings.stimulus.interval, made.settings.model.tissue.positions
    contacts = np.array(made.settings.model.space.electrode.contacts)
    extent = positions.max(axis=0)
    steers = [np.random.default_rng(4 + i) for i in range(2)]
    for i, generator in enumerate(steers):
        generator.spawn(3)
        steers[i] = generator.spawn(1)[0]
    moved, gain, due = np.zeros((2, 3)), 1.0, EVERY
    for step in range(1, 150):
        made.step(np.zeros((2, made.action_size)))
        now = step * interval
        if now >= due:
            for i in range(2):
                there = moved[i] + 0.1 * np.sqrt(EVERY / 1000) * steers[i].standard_normal(3)
                there = np.where(there > extent, 2 * extent - there, there)
                moved[i] = np.where(there < -extent, -2 * extent - there, there)
            gain, due = 1 - 0.6 * (1 - np.exp(-now / 150)), due + EVERY
        for i in range(2):
            expected = gain * lorentzian(positions, contacts + moved[i], 0.3)
            np.testing.assert_allclose(made.ensemble.conductance[i], expected, rtol=0, atol=1e-12)
    assert np.abs(moved).max() > 0.1, "it has gone somewhere"


def test_the_lead_stays_in_the_tissue_and_where_it_may_go():
    far = loop(4, **{"electrode_drift": "walk", "electrode_drift.speed": 3.0, "episode.steps": 10**6})
    narrow = loop(4, **{"electrode_drift": "walk", "electrode_drift.speed": 3.0, "electrode_drift.most": 0.02})
    line = loop(4, model="kuramoto_line", **{"electrode_drift": "walk", "electrode_drift.speed": 3.0})
    reached = {"far": [], "narrow": [], "line": []}
    for name, made in (("far", far), ("narrow", narrow), ("line", line)):
        for _ in range(300):
            made.rest(0)
            made.step(np.zeros((4, made.action_size)))
            reached[name].append(made._changes._moved.copy())
    half = far.settings.model.tissue.positions.max()
    assert 0.8 * min(half, 0.3) < np.abs(reached["far"]).max() <= min(half, 0.3)
    assert 0.015 < np.abs(reached["narrow"]).max() <= 0.02
    assert not np.array(reached["line"])[..., 1:].any(), "a line extends along x only"
    assert np.abs(np.array(reached["line"])[..., 0]).max() > 0.1


def test_kicks_of_a_lead_that_has_moved_reach_other_neurons():
    made = loop(2, **{**DRIFT, "electrode_drift.speed": 1.0, "electrode.spread": 0.05, "model.noise": 0.0})
    played(made, np.zeros((20, 2, 4)))
    made.ensemble.coupling[:] = 0.0
    made.ensemble.current[:] = 0.0
    made.ensemble.state[:, 2] = 1.0
    made.step(np.array([[1.0, 0, 0, 0]] * 2))
    turned = np.abs(made.ensemble.state[:, 2] - 1.0)
    start = made.settings.model.tissue.conductance[0]
    assert turned[0].argmax() != turned[1].argmax() or turned[0].argmax() != start.argmax()
    for i in range(2):
        assert turned[i].argmax() == made.ensemble.conductance[i, 0].argmax()


def test_a_scar_takes_from_what_arrives_and_nothing_from_what_is_paid_for():
    overrides = {"reward.beta": 1.0}
    made, free = loop(2, **SCAR, **overrides), loop(2, **overrides)
    chosen = actions(made, 50)
    for step in chosen:
        rewards, _ = made.step(step)
        free.step(step)
        assert made.kicks.tobytes() == free.kicks.tobytes(), "the device gives what it gives"
    paid = 1.0 * np.abs(made.kicks).sum(axis=2).mean(axis=1)
    past = made._field.last(made._memory)[0]
    cost = made.settings.reward.reward(past, np.zeros_like(made.kicks), made._x)
    np.testing.assert_allclose(rewards, cost - paid, rtol=1e-12)
    np.testing.assert_allclose(made.ensemble.conductance / free.ensemble.conductance, 0.4 + 0.6 * np.exp(-400 / 150))


def test_noise_rises_with_the_impedance():
    quiet, loud = (
        loop(1, **{"recording.noise": 0.01, "episode.steps": 10**6, "recording.centered": False}, **scar)
        for scar in ({}, SCAR)
    )
    zeros = np.zeros((1, quiet.action_size))
    for _ in range(200):
        quiet.step(zeros)
        loud.step(zeros)
    noise, louder = (each.observe() - loop_field(each) for each in (quiet, loud))
    np.testing.assert_allclose(louder, noise / np.sqrt(0.4), rtol=1e-4, atol=1e-6)


def loop_field(made: ClosedLoop) -> np.ndarray:
    """What a perfect sensor gives."""
    return made._recording.observe(made._field.last(made._recording.memory)[:1], made.model)


@pytest.mark.parametrize(("model", "key"), [("kuramoto", "frequency_std"), ("bvdp", "current_std")])
def test_neurons_walk_with_their_speed_and_not_too_far(model, key):
    made = loop(2, model=model, **PLASTICITY, **{"plasticity.most": 0.6, "episode.steps": 10**6})
    unit = getattr(made.settings.model, key) * (2 * np.pi if model == "kuramoto" else 1.0)
    first, before, steps = made.ensemble.current.copy(), made.ensemble.current.copy(), []
    for _ in range(400):
        made.step(np.zeros((2, made.action_size)))
        if made.ensemble.current.tobytes() != before.tobytes():
            steps.append((made.ensemble.current - before) / unit)
            before = made.ensemble.current.copy()
    assert len(steps) == 400 * made.settings.stimulus.interval // EVERY
    np.testing.assert_allclose(np.std(steps[:2]), 0.5 * np.sqrt(EVERY / 1000), rtol=0.15)
    away = np.abs(before - first) / unit
    assert 0.5 < away.max() <= 0.6 + 1e-9
    assert abs(np.corrcoef(np.ravel(steps[0][0]), np.ravel(steps[0][1]))[0, 1]) < 0.4


def test_the_next_episode_begins_with_everything_as_it_was():
    made = loop(2, **ALL)
    played(made, actions(made, 59))
    assert not np.array_equal(made.ensemble.conductance[0], made.settings.model.tissue.conductance)
    made.reset(np.array([True, False]))
    assert made.ensemble.conductance[0].tobytes() == made.settings.model.tissue.conductance.tobytes()
    assert any(made.ensemble.current[0].tobytes() == entry.tobytes() for entry in made._bank.current)
    assert not np.array_equal(made.ensemble.conductance[1], made.settings.model.tissue.conductance)


def test_nothing_changes_at_rest_and_one_change_leaves_the_others_as_they_are():
    made = loop(1, **ALL)
    before = made.saved()
    made.rest(40)
    assert all(made.saved()[name].tobytes() == before[name].tobytes() for name in before if "changes" in name)
    alone, together = loop(1, **DRIFT), loop(1, **ALL)
    for each in (alone, together):
        played(each, np.zeros((40, 1, 4)))
    assert alone._changes._moved.tobytes() == together._changes._moved.tobytes()


@pytest.mark.parametrize(
    ("model", "overrides", "words"),
    [
        ("kuramoto", {"electrode": "uniform", **DRIFT}, "electrode_drift=walk: the electrode reaches all neurons"),
        ("kuramoto", {"electrode.profile": "uniform", **DRIFT}, "electrode_drift=walk: the electrode reaches all"),
        ("kuramoto", {"tissue": "point", **DRIFT}, "electrode_drift=walk: all neurons are at one place"),
        ("bvdp", {"tissue": "point", "electrode": "uniform", **SCAR}, "has no electrode that could be encapsulated"),
        ("kuramoto", {**PLASTICITY, "frequency_std": 0}, r"in units of model\.frequency_std, which is 0"),
        ("bvdp", {**PLASTICITY, "current_std": 0}, r"in units of model\.current_std, which is 0"),
        ("kuramoto", {**SCAR, "encapsulation.time": -5}, r"encapsulation\.time=-5: must be a number above 0"),
        ("kuramoto", {**SCAR, "encapsulation.loss": 1}, r"encapsulation\.loss=1: must be a number from 0 and below 1"),
        ("kuramoto", {**DRIFT, "electrode_drift.most": 0}, r"electrode_drift\.most=0: must be a number above 0"),
        ("kuramoto", {"electrode_drift": "wlak"}, "Did you mean electrode_drift=walk"),
    ],
)
def test_what_means_nothing_is_refused(model, overrides, words):
    with pytest.raises(SettingError, match=words):
        make_loop_settings(model, SMALL | MODELS[model] | overrides)


def test_an_electrode_without_places_can_have_a_scar_around_it():
    made = loop(1, **{**SCAR, "electrode": "uniform"})
    played(made, actions(made, 40))
    np.testing.assert_allclose(made.ensemble.conductance, 0.4 + 0.6 * np.exp(-304 / 150))
