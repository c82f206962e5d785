"""What stimulation does to a recording: its artefact, and blanking, held against formulas and in the closed loop."""

import numpy as np
import pytest

from rldbs.config.python_arguments import make_loop_settings
from rldbs.control.artefact import reach
from rldbs.control.loop import ClosedLoop
from rldbs.control.recording import Window
from rldbs.control.sensor import Sensor
from rldbs.core.errors import SettingError
from tests.control.test_loop import SMALL, actions
from tests.control.test_loop_saved import go_on

MODEL = make_loop_settings("bvdp", {"neurons": 20}).model
LINE = {
    "neurons": 4,
    "tissue": "line",
    "tissue.extent": 4.0,
    "electrode": "single",
    "electrode.profile": "linear",
    "electrode.spread": 2.0,
    "electrode.gain": 3.0,
    "electrode.sites": [[1.0, 0, 0], [0, 0.5, 0]],
}
RECORDED = {
    "recording.artefact": 0.7,
    "recording.artefact_decay": 2.5,
    "recording.blanking": 2,
    "stimulus": "rectangular",
    "stimulus.interval": 6,
}


def blanked(signals: np.ndarray, kicks: np.ndarray, steps: int) -> np.ndarray:
    """Each sample (environments, steps, …), or the last one before it with no kick in the ``steps`` that end there."""
    found = signals.copy()
    for i, row in enumerate(kicks):
        for t in range(len(row)):
            free = [s for s in range(t + 1) if not row[max(0, s - steps + 1) : s + 1].any()]
            found[i, t] = signals[i, free[-1]] if free else 0.0
    return found


def test_the_artefact_is_so_many_times_the_kick_in_x_alone():
    generator = np.random.default_rng(0)
    field, kicks = generator.normal(size=(3, 40, 2)), generator.normal(size=(3, 40))
    seen = Sensor(Window(["y", "x"], artefact=0.5), MODEL, 3).measure(field, kicks)
    np.testing.assert_array_equal(seen[:, :, 1], field[:, :, 0] + 0.5 * kicks)
    np.testing.assert_array_equal(seen[:, :, 0], field[:, :, 1])


@pytest.mark.parametrize("cut", [1, 7, 60])
def test_an_artefact_that_lasts_falls_to_the_eth_part_in_its_time(cut):
    generator = np.random.default_rng(1)
    kicks = generator.normal(size=(2, 60)) * (generator.random((2, 60)) < 0.2)
    made = Sensor(Window("x", artefact=2.0, artefact_decay=3.0), MODEL, 2)
    seen = [made.measure(np.zeros((2, 60, 2))[:, t : t + cut], kicks[:, t : t + cut]) for t in range(0, 60, cut)]
    ago = np.arange(60)[:, None] - np.arange(60)
    lasting = np.where(ago >= 0, np.exp(-np.abs(ago) / 3.0), 0.0)
    np.testing.assert_allclose(np.concatenate(seen, axis=1)[:, :, 0], 2.0 * kicks @ lasting.T, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("steps", [1, 2, 5])
@pytest.mark.parametrize("cut", [1, 7, 60])
def test_blanking_holds_the_last_sample_that_was_free(steps, cut):
    generator = np.random.default_rng(steps)
    field = generator.normal(size=(3, 60, 2))
    kicks = generator.normal(size=(3, 60)) * (generator.random((3, 60)) < 0.2)
    made = Sensor(Window(["x", "y"], artefact=2.0, blanking=steps), MODEL, 3)
    seen = [made.measure(field[:, t : t + cut], kicks[:, t : t + cut]) for t in range(0, 60, cut)]
    with_artefact = field + 2.0 * kicks[:, :, None] * np.array([1.0, 0.0])
    np.testing.assert_array_equal(np.concatenate(seen, axis=1), blanked(with_artefact, kicks, steps))


def test_noise_is_of_the_amplifier_and_dropouts_come_after():
    field, kicks = np.zeros((1, 400, 2)), np.zeros((1, 400))
    kicks[0, ::5] = 1.0
    made = Sensor(Window("x", artefact=9.0, noise=0.1, blanking=2, dropout=0.3, dropout_length=2), MODEL, 1)
    made.seed(0, *np.random.default_rng(0).spawn(2))
    seen = made.measure(field, kicks)[0, :, 0]
    assert np.abs(seen).max() < 1.0  # no artefact is left
    held = seen[1:] == seen[:-1]
    assert held[np.arange(1, 400) % 5 == 1].mean() > 0.9  # but where what was lost before is heard at last
    assert 0.4 < held.mean() < 0.7


def test_an_artefact_falls_with_distance_as_the_profile_of_the_contact_says():
    model = make_loop_settings("kuramoto", LINE).model
    found = dict(zip(model.model.variable_names, reach(model)[:, 0], strict=True))
    assert found["x"] == pytest.approx(3.0 * np.mean([0.25, 0.75, 0.75, 0.25]))
    assert (found["x1"], found["x2"]) == (3.0 * 0.5, 3.0 * 0.75)
    assert (found["y"], found["rate"], found["y1"], found["y2"]) == (0.0, 0.0, 0.0, 0.0)


def test_several_contacts_add_up_at_clusters():
    model = make_loop_settings("kuramoto_populations", {"neurons": 9}).model
    kicks = np.random.default_rng(0).normal(size=(2, 5, 3))
    window = Window(["x1", "cluster2_x", "x"], artefact=0.1)
    field = np.zeros((2, 5, len(model.model.variables)))
    space, tissue = model.space, model.tissue
    near = space.electrode.conductance(np.array(space.electrode.sites))[0, :, 0]
    by_hand = np.stack([near, tissue.conductance[:, 3:6].mean(axis=1), tissue.conductance.mean(axis=1)])
    np.testing.assert_allclose(
        Sensor(window, model, 2).measure(field, kicks), 0.1 * np.einsum("qc,etc->etq", by_hand, kicks), rtol=1e-12
    )


def loop(environments: int, model: str = "bvdp", seed: int = 1, **changes: object) -> ClosedLoop:
    small = SMALL if model == "bvdp" else {"neurons": 9, "transient": 50, "populations": 2, "episode.steps": 30}
    made = ClosedLoop(make_loop_settings(model, small | RECORDED | changes), environments, seed)
    made.reset()
    return made


def test_agents_see_it_and_the_physics_rewards_and_records_do_not():
    moves = actions(2, 25)
    short = {"recording.artefact_decay": 0.0, "recording.stride": 1}
    plain, seen = loop(2, **short, **{"recording.artefact": 0.0, "recording.blanking": 0}), loop(2, **short)
    tape = seen.record(25)
    kicks, field = [], []
    for move in moves:
        for one, other in zip(plain.step(move), seen.step(move), strict=True):
            np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(plain.mean_field, seen.mean_field)
        np.testing.assert_array_equal(plain.kicks, seen.kicks)
        kicks.append(seen.kicks.copy())
        field.append(seen.mean_field[:, :, 0])
    past, given = np.concatenate(field, axis=1), np.concatenate(kicks, axis=1)
    wanted = blanked(past + 0.7 * given, given, 2)[:, -10:]
    low, high = (bound[0] for bound in seen.observation_bounds)
    np.testing.assert_array_equal(seen.observe(), np.clip(wanted, low, high).astype(np.float32))
    np.testing.assert_array_equal(seen.observation(tape.windows(np.arange(2), tape.now)), seen.observe())
    assert (seen.observe() != plain.observe()).any()


@pytest.mark.parametrize("model", ["bvdp", "kuramoto_populations"])
def test_a_member_of_a_batch_equals_the_single_environment(model):
    batch = loop(3, model)
    moves = actions(3, 50, size=batch.action_size)
    together = go_on(batch, moves)
    for i in range(3):
        alone = go_on(loop(1, model, seed=1 + i), moves[:, i : i + 1])
        for one, other in zip(together, alone, strict=True):
            np.testing.assert_array_equal(one[i : i + 1], other)


@pytest.mark.parametrize("model", ["bvdp", "kuramoto_populations"])
def test_it_goes_on_where_it_was_saved(model):
    first = loop(2, model)
    moves = actions(2, 60, size=first.action_size)
    go_on(first, moves[:17])
    saved = first.saved()
    again = loop(2, model, seed=99)
    go_on(again, moves[:5])
    again.restore(saved)
    for one, other in zip(go_on(first, moves[17:]), go_on(again, moves[17:]), strict=True):
        np.testing.assert_array_equal(one, other)


def test_rest_blanks_no_longer_than_it_should():
    changes = {"recording.artefact_decay": 0.0, "recording.stride": 1, "recording.length": 18}
    made = loop(1, **{"recording.blanking": 9, **changes})
    made.step(np.ones((1, 1)))  # a kick in its first step of six
    made.rest(2)
    seen = made.observe()[0]
    assert (seen[:9] == seen[0]).all()
    np.testing.assert_array_equal(seen[9:], made.past(2)[0, 3:, 0].astype(np.float32))


def test_of_cells_the_artefact_is_in_the_field_potential_alone():
    """The largest current of each step, in units of the potential."""
    small = {"start.populations": 2, "start.snapshots": 1, "model.transient": 20, "model.substeps": 5, "interval": 100}
    heard = {"recording.variable": ["x", "lfp"], "recording.length": 100, "recording.stride": 1}
    action = np.array([[0.02, 1.0]])

    def seen(**changes: object) -> np.ndarray:
        made = ClosedLoop(make_loop_settings("so2012", small | heard | changes), 1, 0)
        made.reset()
        made.step(action)
        return made._recorder._signals.last(100)[:, 0] if changes else made.mean_field[0].T[[0, 7]]

    plain, hit = seen(), seen(**{"recording.artefact": 0.1})
    np.testing.assert_array_equal(hit[0], plain[0])
    assert np.abs(hit[1] - plain[1]).max() == pytest.approx(0.1 * 0.02 * 2500.0)
    still = seen(**{"recording.artefact": 0.1, "recording.blanking": 3})
    assert np.abs(still[1] - plain[1]).max() < 2.0


def test_of_cells_an_artefact_needs_a_potential():
    with pytest.raises(SettingError, match=r"record that: recording\.variable=lfp"):
        make_loop_settings("so2012", {"recording.artefact": 0.1})
