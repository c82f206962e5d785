"""A model is identified rollout by rollout, from what is quiet, and its regulator acts in the next."""

from collections.abc import Mapping

import numpy as np
from stable_baselines3.common.callbacks import ConvertCallback

from rldbs.agents.learned_controller import LearnedController
from rldbs.agents.regulator.identifying_learner import Identification
from rldbs.agents.regulator.recorded_data import Stretch
from rldbs.agents.regulator.regulator_sizes import Sizes
from rldbs.control.loop import ClosedLoop
from rldbs.experiment import training_observer
from rldbs.runs.checkpoint import find_checkpoint, read_checkpoint
from tests.agents.conftest import Learned, _one_thread, learned
from tests.conftest import small_run

__all__ = ["_one_thread"]

ROLLOUT, SKIPPED = 128, 44
"""Of a small run, and what of it is left out for populations to settle."""
REAL = (
    "model.neurons=200",
    "model.transient=3000",
    "start.populations=8",
    "stimulus.amplitude=0.01",
    "episode.steps=3000",
    "envs=8",
    "agent.recorded=1500",
    "agent.orders=[20,40]",
    "agent.price=10.0",
    "steps=24_000",
)
"""Long enough for populations to come to rest, with a stimulus that can bring them there."""
RESTED = 1800
"""Steps after which they have."""


def identifying(*overrides: str, steps: int = 512) -> tuple[Learned, Identification]:
    run = learned("lqg", *overrides, steps=steps)
    assert isinstance(run.learner, Identification)
    return run, run.learner


def test_a_rollout_is_identified_from_and_counted():
    run, learner = identifying(steps=1000)
    assert (learner.num_timesteps, learner._n_updates) == (2 * 4 * ROLLOUT, 2)
    counted = [array[1] for name, array in learner.own_state().items() if name.endswith("sums")]
    assert sum(counted) == 2 * 4 * (ROLLOUT - SKIPPED - 2 * 4)
    weights = run.weights()
    sizes = Sizes.of(run.settings.agent, run.settings.loop)  # type: ignore[arg-type]
    assert {name: array.shape for name, array in weights.items()} == sizes.shapes()
    assert all(weights[name].any() for name in ("outputs", "inputs", "loudness"))
    assert weights["gains"].any(axis=1).all()
    assert weights["chosen"] == 0
    np.testing.assert_array_equal(weights["mixture"], sizes.plain)


def test_the_same_seed_identifies_the_same():
    first, second = (identifying(steps=1024)[0].weights() for _ in range(2))
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name])


def test_a_whole_run_leaves_the_same_twice_whatever_the_threads(tmp_path):
    small = ["steps=1024", "checkpoints.every=512", "agent.price=[10.0,100.0]"]
    first, second = (tmp_path / name for name in ("first", "second"))
    assert small_run(first, small, "lqg") == small_run(second, [*small, "threads=2"], "lqg")
    one, two = (read_checkpoint(find_checkpoint(folder, "last")).tensors for folder in (first, second))
    for name, array in one["policy"].items():
        np.testing.assert_array_equal(array, two["policy"][name])


def spread(run: Learned, weights: Mapping[str, np.ndarray]) -> tuple[float, float]:
    """Of the mean field of populations that have come to rest, root mean square; and the mean kick."""
    loop = ClosedLoop(run.settings.loop, 6, 77)
    controller = LearnedController(run.settings.agent, run.settings.loop, weights)
    loop.reset()
    x, kick = [], []
    for _ in range(2800):
        loop.step(controller.act(loop.observe()))
        x.append(loop.mean_field[:, -1, 0])
        kick.append(np.abs(loop.kicks).mean())
    return float(np.sqrt(np.var(x[RESTED:], axis=0).mean())), float(np.mean(kick[RESTED:]))


def test_populations_are_quieter_by_what_was_identified_and_a_higher_price_takes_smaller_kicks():
    run, _ = identifying(*REAL, steps=24_000)
    weights = run.weights()
    alone, _ = spread(run, Sizes.of(run.settings.agent, run.settings.loop).empty())  # type: ignore[arg-type]
    quiet, kick = spread(run, weights)
    assert quiet < 0.3 * alone
    run, _ = identifying(*REAL, "agent.price=1000.0", steps=24_000)
    _, less = spread(run, run.weights())
    assert less < 0.8 * kick


def test_only_the_longest_episode_of_a_rollout_counts_without_its_beginning():
    _, learner = identifying()
    y = np.arange(3.0 * ROLLOUT).reshape(3, ROLLOUT)
    begins = np.zeros((3, ROLLOUT), np.bool_)
    begins[:, 0] = begins[1, 30] = begins[2, 100] = True
    found = [*learner._stretches(y, -y, None, begins)]
    for (own, given, _), row, begin, end in zip(found, y, (0, 30, 0), (ROLLOUT, ROLLOUT, 100), strict=True):
        np.testing.assert_array_equal(own, row[begin + SKIPPED : end])
        np.testing.assert_array_equal(given, -own)


def test_x_is_recorded_from_each_decision_to_the_next_where_it_counts(monkeypatch):
    """The last of it is what the next decision sees first."""
    _, learner = identifying("stimulus=charge_balanced", "recording.centered=false", "episode.steps=128")
    taken: list[Stretch] = []
    monkeypatch.setattr(learner, "_learn_from", lambda stretches, prices: taken.extend(stretches))
    callback = ConvertCallback(None)
    callback.init_callback(learner)
    learner.identify(callback)
    for stretch in taken:
        assert stretch.x is not None
        assert stretch.x.shape == (len(stretch.y), learner.loop.settings.stimulus.interval)
        np.testing.assert_allclose(stretch.x[:-1, -1], stretch.y[1:, 0], atol=1e-6)
    _, other = identifying("stimulus.every=5")
    assert (other.settings.between(other.loop.settings), learner.settings.between(learner.loop.settings)) == (0, 5)


def test_its_state_is_all_that_it_goes_on_with():
    _, learner = identifying(steps=1024)
    state = learner.own_state()
    _, other = identifying()
    other.restore_own(state)
    for name, array in learner.own_state().items():
        np.testing.assert_array_equal(other.own_state()[name], array)


def test_every_price_is_an_alternative_and_the_chosen_one_comes_first():
    run, _ = identifying("agent.price=[100.0,1.0,10.0]")
    weights = {**run.weights(), "chosen": np.array(1.0)}
    several = run.settings.agent.alternatives(weights)
    assert [float(one["chosen"]) for one in several] == [1.0, 0.0, 2.0]
    for one in several:
        assert one["chosen"].dtype == np.float64
        assert all(one[name] is weights[name] for name in weights if name != "chosen")
    single, _ = identifying("agent.price=5.0")
    network = learned("ppo", steps=512)
    for run in (single, network):
        weights = run.weights()
        (only,) = run.settings.agent.alternatives(weights)
        assert only is weights


def test_of_several_prices_that_with_the_least_loss_is_kept(tmp_path, monkeypatch):
    """Of those that are measured, in the order of the alternatives, the last one is said to be the best."""
    asked = []

    def loss(values: Mapping[str, float], checkpoints: object) -> float:
        asked.append(values)
        return 1.0 if len(asked) % 3 else 0.0

    monkeypatch.setattr(training_observer, "loss", loss)
    small_run(
        tmp_path / "run",
        ["agent.price=[1,10,100]", "steps=1024", "checkpoints.every=512", "checkpoints.kept=10"],
        "lqg",
    )
    assert len(asked) == 6
    policies = [
        read_checkpoint(find_checkpoint(tmp_path / "run", str(steps))).tensors["policy"] for steps in (512, 1024)
    ]
    assert [float(policy["chosen"]) for policy in policies] == [2.0, 1.0]  # then it is 2 that comes first


def test_where_no_price_is_a_candidate_the_least_kick_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(training_observer, "loss", lambda *_: np.inf)
    kicks = iter([0.3, 0.2, 0.1, 0.4])
    counted = training_observer.Observer._counted

    def measured(self: training_observer.Observer, of: Mapping[str, np.ndarray]) -> dict[str, float]:
        return {**counted(self, of), "mean_abs_kick": next(kicks)}

    monkeypatch.setattr(training_observer.Observer, "_counted", measured)
    small_run(tmp_path / "run", ["agent.price=[1,10,100,1000]", "steps=512", "checkpoints.every=512"], "lqg")
    policy = read_checkpoint(find_checkpoint(tmp_path / "run", "last")).tensors["policy"]
    assert float(policy["chosen"]) == 2.0


WIDE = (
    "model=kuramoto_populations",
    "model.neurons=30",
    "model.transient=100",
    "recording.length=8",
    "agent.channel=all",
    "agent.excitation=0.1",
    "agent.price=[1.0,10.0]",
)


def test_what_several_contacts_do_to_several_sites_is_identified_and_goes_on_where_it_stood(tmp_path):
    run, learner = identifying(*WIDE, steps=1024)
    weights, sizes = run.weights(), Sizes.of(run.settings.agent, run.settings.loop)  # type: ignore[arg-type]
    assert (sizes.signals, sizes.contacts) == (2, 3)
    assert {name: array.shape for name, array in weights.items()} == sizes.shapes()
    assert weights["gains"].any(axis=1).all()
    _, other = identifying(*WIDE)
    other.restore_own(learner.own_state())
    for name, array in learner.own_state().items():
        np.testing.assert_array_equal(other.own_state()[name], array)
    for name, array in identifying(*WIDE, steps=1024)[0].weights().items():
        np.testing.assert_array_equal(array, weights[name])


def test_a_whole_run_of_several_inputs_is_measured(tmp_path):
    small = [*WIDE, "steps=512", "checkpoints.every=512"]
    assert "order" in small_run(tmp_path / "run", small, "lqg")["deterministic"]
