"""Space: tissue and electrodes as their settings describe them."""

import numpy as np
import pytest

from rldbs.config.python_arguments import make_loop_settings
from rldbs.core.errors import SettingError
from rldbs.core.space import EVERYWHERE, Contacts, Space, Uniform
from rldbs.core.tissue import Tissue
from rldbs.core.tissue_shapes import Cube, Line, Point, Populations

MIDDLE = [[0.0, 0.0, 0.0]]


def uniform(*sites: list[float]) -> Uniform:
    return Uniform([*sites], "lorentzian", 0.3)


def contacts(places: list[list[float]], directions: list[list[float]] = [], shape: str = "linear") -> Contacts:  # noqa: B006
    return Contacts([], "uniform", 1.0, places, shape, 1.0, 2.0, directions)  # type: ignore[arg-type]


def coupled(made: Tissue) -> np.ndarray:
    """What each neuron takes, in its row, from each."""
    return made.weights_in if made.weights_out is None else made.weights_out.T @ made.weights_in


def test_without_space_all_neurons_are_alike():
    made = EVERYWHERE.of(7)
    assert EVERYWHERE.is_plain
    assert EVERYWHERE.contacts == 1
    np.testing.assert_array_equal(made.weights_out.T @ made.weights_in, np.full((7, 7), 1 / 7))
    np.testing.assert_array_equal(made.conductance, np.ones((1, 7)))


def test_a_cube_is_coupled_by_the_cosine_of_the_distance():
    made = Space(Cube("cosine", 1.0, False, 0.1), uniform()).of(27)
    apart = np.linalg.norm(made.positions[:, None] - made.positions[None], axis=2)
    np.testing.assert_allclose(coupled(made), np.cos(apart) / 27, rtol=0, atol=1e-11)
    np.testing.assert_allclose(made.positions.mean(axis=0), 0.0, atol=1e-15)  # places are from the middle


def test_normalised_coupling_gives_every_neuron_as_much():
    made = Space(Cube("gaussian", 0.2, True, 0.1), uniform()).of(27)
    np.testing.assert_allclose(coupled(made).sum(axis=1), 1.0, rtol=1e-9)


def test_the_same_space_is_built_once():
    one, other = (Space(Line("all", 1.0, False, 10.0), uniform([1.0, 0.0, 0.0])) for _ in range(2))
    assert one.of(40) is other.of(40)


def test_contacts_reach_by_distance_times_gain():
    made = Space(Line("all", 1.0, False, 4.0), contacts([[0.5, 0.0, 0.0], [-1.5, 0.0, 0.0]])).of(4)
    np.testing.assert_allclose(made.conductance[0], 2.0 * np.array([0.0, 0.0, 1.0, 0.0]), atol=1e-12)
    np.testing.assert_allclose(made.conductance[1], 2.0 * np.array([1.0, 0.0, 0.0, 0.0]), atol=1e-12)


def test_a_contact_with_a_direction_reaches_what_it_faces():
    electrode = contacts(MIDDLE, [[2.0, 0.0, 0.0]], "uniform")
    made = Space(Line("all", 1.0, False, 4.0), electrode).of(4)
    np.testing.assert_allclose(made.conductance[0], 2.0 * np.array([0.0, 0.0, 1.0, 1.0]), atol=1e-12)


def test_populations_are_coupled_and_recorded_one_by_one():
    space = Space(Populations([[0, 0, 0], [2, 0, 0]], 1.0, 0.25), uniform())
    made = space.of(6)
    np.testing.assert_allclose(6 * coupled(made), np.kron([[1.0, 0.25], [0.25, 1.0]], np.ones((3, 3))))
    np.testing.assert_allclose(made.recording[1:], np.kron(np.eye(2), np.full((1, 3), 1 / 3)))
    assert space.recorded(6) == [("cluster", 1), ("cluster", 2)]


def test_what_is_recorded_are_variables_of_the_model():
    settings = make_loop_settings("kuramoto_populations", {"neurons": 30}).model
    names = settings.model.variable_names
    assert names[:7] == ("x", "y", "rate", "x1", "y1", "x2", "y2")
    assert names[7:] == tuple(f"cluster{k}_{axis}" for k in (1, 2, 3) for axis in "xy")
    np.testing.assert_allclose(settings.tissue.recording.sum(axis=1), 1.0, rtol=1e-12)


@pytest.mark.parametrize(
    ("space", "neurons", "words"),
    [
        (Space(Cube("all", 1.0, False, 0.1), uniform()), 500, "a cube holds 343, 512 or 729 neurons"),
        (Space(Populations(MIDDLE * 3, 1.0, 0.0), uniform()), 10, "multiple of 3, the number of tissue.places"),
        (
            Space(Point(), contacts(MIDDLE, [[1.0, 0.0, 0.0]] * 2)),
            10,
            "as many as electrode.contacts, 1, or none",
        ),
        (Space(Point(), contacts(MIDDLE, [[0.0, 0.0, 0.0]])), 10, "faces nothing"),
        (Space(Point(), contacts([[5.0, 0.0, 0.0]])), 10, "no contact reaches any neuron"),
        (Space(Point(), contacts([[900.0, 0.0, 0.0]], [], "gaussian")), 10, "no contact reaches any neuron"),
        (Space(Point(), contacts([[1100.0, 0.0, 0.0]], [], "lorentzian")), 10, "no contact reaches any neuron"),
        (Space(Point(), Uniform([[5.0, 0.0, 0.0]], "linear", 1.0)), 10, "site 1 is too far away"),
    ],
)
def test_what_does_not_go_together_is_refused(space, neurons, words):
    with pytest.raises(SettingError, match=words):
        space.of(neurons)


@pytest.mark.parametrize(
    ("model", "changes", "words"),
    [
        ("bvdp", {"tissue": "cube", "neurons": 500}, "a cube holds"),
        ("kuramoto", {"neurons": 500}, "a cube holds"),
        ("kuramoto", {"band": [30.0, 13.0]}, "must be two rising frequencies"),
        ("kuramoto", {"electrode.sites": [[0.0, 0.0]]}, "a list of 0 to 64 values, each a list of 3 values"),
        ("bvdp", {"reward": "beta"}, "has no unit of time; use reward=band"),
    ],
)
def test_settings_that_do_not_fit_the_model_are_refused(model, changes, words):
    with pytest.raises(SettingError, match=words):
        make_loop_settings(model, changes)
