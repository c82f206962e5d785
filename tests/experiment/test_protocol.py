"""The protocol measures what it says, against a plain computation on the same populations."""

import numpy as np
import pytest

from rldbs.agents.controller import Rest
from rldbs.config.python_arguments import make_loop_settings
from rldbs.core.bank import prepare_bank
from rldbs.core.ensemble_kinds import ensemble_of
from rldbs.core.errors import DivergedError
from rldbs.experiment.command_settings import Protocol
from rldbs.experiment.protocol import measure_controllers

SMALL = {
    "neurons": 30,
    "transient": 500,
    "amplitude": 0.1,
    "recording.length": 5,
    "recording.stride": 1,
    "centered": False,
}
PROTOCOL = Protocol(episodes=3, free=200, stimulated=300, onset=100, relaxed=100, seed=77)


class Proportional:
    """u = −K·(X − target), from the newest recorded sample."""

    def act(self, observations: np.ndarray) -> np.ndarray:
        return np.clip(-0.2 * (observations[:, -1:] + 0.27), -1, 1)


@pytest.fixture(scope="module")
def trajectories():
    settings = make_loop_settings("bvdp", SMALL)
    return measure_controllers(settings, PROTOCOL, {"none": Rest(1), "p": Proportional()})


def test_a_controller_under_several_names_is_asked_for_all_of_them_at_once(trajectories):
    calls = []

    class Counted(Proportional):
        def act(self, observations: np.ndarray) -> np.ndarray:
            calls.append(len(observations))
            return super().act(observations)

    settings, same = make_loop_settings("bvdp", SMALL), Counted()
    together = measure_controllers(settings, PROTOCOL, {"one": same, "two": same, "none": Rest(1), "three": same})
    assert calls == [6, 3] * 300
    for name in ("one", "two", "three"):
        np.testing.assert_array_equal(together[name].field, trajectories["p"].field)
    np.testing.assert_array_equal(together["none"].field, trajectories["none"].field)


def test_free_phase_is_the_untouched_population(trajectories):
    settings = make_loop_settings("bvdp", SMALL)
    bank = prepare_bank(settings.model, 3, 1, 77, settings.memory, 1)
    population = ensemble_of(settings.model, 3, transient=0)
    population.state[:], population.current[:] = bank.state, bank.current
    field = population.advance(np.zeros((3, 600)))
    np.testing.assert_array_equal(trajectories["none"].field, field)
    np.testing.assert_array_equal(trajectories["p"].field[:, :200], field[:, :200])


def test_controlled_phase_follows_the_law_with_the_past_it_was_shown(trajectories):
    p = trajectories["p"]
    x = p.field[:, :, 0]
    for t in range(200, 500):
        expected = 0.1 * np.clip(-0.2 * (x[:, t - 1] + 0.27), -1, 1)
        np.testing.assert_allclose(p.kicks[:, t], expected, atol=1e-8)
    assert not p.kicks[:, :200].any()
    assert not p.kicks[:, 500:].any()


def test_spread_of_every_neuron_is_over_the_time_that_it_names(trajectories):
    settings = make_loop_settings("bvdp", SMALL)
    bank = prepare_bank(settings.model, 3, 1, 77, settings.memory, 1)
    population = ensemble_of(settings.model, 3, transient=0)
    population.state[:], population.current[:] = bank.state, bank.current
    p = trajectories["p"]
    xs = []
    for t in range(500):
        population.advance(p.kicks[:, t : t + 1])
        xs.append(population.state[:, 0].copy())
    np.testing.assert_allclose(p.neuron_std_free, np.std(xs[:200], axis=0), rtol=1e-9)
    np.testing.assert_allclose(p.neuron_std_stimulated, np.std(xs[300:500], axis=0), rtol=1e-9)


def test_raster_is_the_first_population_of_each_controller(trajectories):
    for trajectory in trajectories.values():
        assert trajectory.raster.shape == (600, 30)
        np.testing.assert_allclose(trajectory.raster.mean(axis=1), trajectory.field[0, :, 0], atol=1e-6)


def test_a_raster_is_of_neurons_from_the_whole_population():
    settings = make_loop_settings("bvdp", SMALL | {"neurons": 150})
    short = Protocol(episodes=1, free=200, stimulated=200, onset=0, relaxed=0, seed=77)
    trajectory = measure_controllers(settings, short, {"none": Rest(1)})["none"]
    bank = prepare_bank(settings.model, 1, 1, 77, settings.memory, 1)
    population = ensemble_of(settings.model, 1, transient=0)
    population.state[:], population.current[:] = bank.state, bank.current
    assert trajectory.watched.tolist() == [3 * k // 2 for k in range(100)]
    for row in trajectory.raster[:20]:
        population.advance(np.zeros((1, 1)))
        np.testing.assert_array_equal(row, population.x[0, trajectory.watched].astype(np.float32))


def test_phases_are_whole_environment_steps():
    settings = make_loop_settings("bvdp", SMALL | {"interval": 7})
    trajectory = measure_controllers(settings, PROTOCOL, {"none": Rest(1)})["none"]
    assert (trajectory.free, trajectory.stimulated, trajectory.onset, trajectory.relaxed) == (203, 308, 105, 105)
    assert trajectory.steps == 203 + 308 + 105


class Blast:
    """Kicks the last of three populations as hard as can be."""

    def act(self, observations: np.ndarray) -> np.ndarray:
        actions = np.zeros((len(observations), 1))
        actions[2] = 1.0
        return actions


def test_a_population_that_diverges_is_refused_by_its_name_and_that_of_the_policy():
    settings = make_loop_settings("bvdp", SMALL | {"amplitude": 40.0})
    with pytest.raises(DivergedError, match=r"^population 2 \(seed 79\), stochastic policy, diverged after step 0 of"):
        measure_controllers(settings, PROTOCOL, {"deterministic": Rest(1), "stochastic": Blast()})
    with pytest.raises(DivergedError, match=r"^population 2 \(seed 79\) diverged after step 0 of"):
        measure_controllers(settings, PROTOCOL, {"deterministic": Blast()})
