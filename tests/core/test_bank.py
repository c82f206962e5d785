"""Prepared starting points."""

import numpy as np
import pytest

from rldbs.core.bank import Bank, prepare_bank
from rldbs.core.ensemble_kinds import ensemble_of
from rldbs.core.errors import DivergedError, SettingError
from rldbs.core.model_settings import NeuronSettings
from rldbs.core.models import MODELS


def settings(name: str = "bvdp", **changes: object) -> NeuronSettings:
    model = MODELS[name]
    values = {
        "name": name,
        "neurons": 30,
        "coupling": model.coupling,
        "current_mean": model.current_mean,
        "current_std": model.current_std,
        "dt": model.dt,
        "transient": 300,
        "period": model.period,
        "set_point": -0.27,
        "parameters": dict(model.parameters),
    }
    return NeuronSettings(**values | changes)  # type: ignore[arg-type]


def test_each_entry_continues_from_its_past():
    """The recorded past ends in the mean of the stored state, and going on from the state is one free run."""
    bank = prepare_bank(settings(), populations=3, snapshots=4, seed=5, memory=50, threads=1)
    assert len(bank) == 12
    np.testing.assert_allclose(bank.past[:, -1], bank.state.mean(axis=2), rtol=1e-12)
    spacing = -(-162 // 4)
    for p in range(3):
        population = ensemble_of(settings(), transient=0)
        population.state[0], population.current[0] = bank.state[p], bank.current[p]
        population.rest(spacing)
        assert population.state[0].tobytes() == bank.state[3 + p].tobytes()


def test_past_reaches_over_several_snapshots():
    bank = prepare_bank(settings(), populations=2, snapshots=3, seed=5, memory=200, threads=1)
    assert bank.past.shape == (6, 200, 2)
    np.testing.assert_array_equal(bank.past[0, 54:], bank.past[2, : 200 - 54])


def test_bank_depends_on_its_seed_and_not_on_threads():
    def state(seed: int, threads: int) -> bytes:
        return prepare_bank(settings(), 4, 2, seed, 20, threads).state.tobytes()

    assert state(1, 1) == state(1, 2)
    assert state(1, 1) != state(2, 1)


def test_bank_is_prepared_once_and_cannot_be_changed():
    bank = prepare_bank(settings(), 2, 2, 0, 20, 1)
    assert prepare_bank(settings(), 2, 2, 0, 20, 1) is bank
    assert not bank.state.flags.writeable


def test_memory_longer_than_the_transient_is_filled():
    bank = prepare_bank(settings(transient=10), 1, 1, 0, 100, 1)
    assert np.abs(bank.past).min() > 0


def test_populations_that_diverge_before_any_stimulation_are_told():
    with pytest.raises(DivergedError, match=r"before any stimulation; check model\.dt"):
        prepare_bank(settings(dt=5.0), 1, 1, 0, 20, 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"past": np.full((2, 5, 2), np.nan)}, "bank.past: must hold finite numbers, some are not"),
        ({"coupling": np.array([0.1, np.inf])}, "bank.coupling: must hold finite numbers"),
        ({"state": np.zeros((2, 0, 3))}, "bank.state: must hold finite numbers, is empty"),
        ({"current": np.zeros((3, 3))}, "bank: the arrays do not belong together"),
        ({"current": np.zeros((2, 3), np.float32)}, "bank.current: must be a float64 array"),
    ],
)
def test_what_no_population_could_start_from_is_refused(changes, message):
    shapes = {"state": (2, 2, 3), "current": (2, 3), "past": (2, 5, 2), "coupling": (2,)}
    with pytest.raises(SettingError, match=message):
        Bank(**{name: np.zeros(shape) for name, shape in shapes.items()} | changes)
