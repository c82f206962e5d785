"""Places of neurons as lines of text, and tissue that is made of them."""

import numpy as np
import pytest

from rldbs.core.errors import SettingError
from rldbs.core.listed_positions import listed, read_listed
from rldbs.core.space import Space, Uniform
from rldbs.core.tissue_shapes import Cube, Positions

EVERYWHERE = Uniform([], "lorentzian", 0.3)


def positions(lines: list[str]) -> Positions:
    return Positions("cosine", 1.0, False, None, lines)


def test_places_come_back_to_a_nanometre():
    where = np.random.default_rng(0).normal(0.0, 2.0, (40, 3))
    found = read_listed(tuple(listed(where.tolist())))
    np.testing.assert_allclose(found.positions, where, rtol=0, atol=5e-7)
    assert found.clusters == ()


def test_clusters_are_which_neurons_are_in_each():
    found = read_listed(tuple(listed([[k, 0, 0] for k in range(5)], [2, 1, 2, 1, 1])))
    assert [members.tolist() for members in found.clusters] == [[1, 3, 4], [0, 2]]


def test_a_cube_by_its_places_is_that_cube():
    cube = Space(Cube("cosine", 1.0, False, 0.25), EVERYWHERE).of(27)
    same = Space(positions(listed(cube.positions.tolist())), EVERYWHERE).of(27)
    for name in ("positions", "weights_in", "weights_out", "recording"):
        np.testing.assert_array_equal(getattr(same, name), getattr(cube, name))


def test_clusters_in_any_order_are_recorded():
    lines = listed([[k, 0, 0] for k in range(4)], [2, 1, 2, 2])
    made = Space(positions(lines), EVERYWHERE)
    assert made.recorded(4) == [("cluster", 1), ("cluster", 2)]
    np.testing.assert_array_equal(made.of(4).recording[1:], [[0, 1, 0, 0], [1 / 3, 0, 1 / 3, 1 / 3]])


def test_two_neurons_at_one_place_are_allowed():
    assert Space(positions(["0 0 0", "0 0 0", "1 0 0"]), EVERYWHERE).of(3).neurons == 3


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        (["0 0 0"], "1 neuron: must be from 2 to 16384"),
        (["0 0 0"] * 16385, "16385 neurons"),
        (["0 0 0", "0 0 0"], "all neurons are at one place; that is tissue=point"),
        (["0 0 0", "0 0"], "neuron 2: '0 0': must be x y z, in mm"),
        (["0 0 0", "0 0 nan"], "neuron 2: '0 0 nan'"),
        (["0 0 0", "0 0 1001"], "neuron 2: '0 0 1001'"),
        (["0 0 0 1", "1 0 0"], "neuron 2 has no cluster, others have"),
        (["0 0 0 1", "1 0 0 3"], "cluster 2 has no neuron, but there is a cluster 3"),
        (["0 0 0 0", "1 0 0 1"], "whole numbers from 1 to 64"),
        (["0 0 0 1.5", "1 0 0 1"], "whole numbers from 1 to 64"),
    ],
)
def test_other_lines_are_refused(lines, wrong):
    with pytest.raises(SettingError, match=wrong):
        positions(lines).clusters(len(lines))


def test_the_number_of_neurons_must_be_that_of_places():
    with pytest.raises(SettingError, match=r"model\.neurons=5: tissue\.file has 2; leave model\.neurons out"):
        Space(positions(["0 0 0", "1 0 0"]), EVERYWHERE).of(5)


@pytest.mark.parametrize("value", [np.nan, np.inf, -1000.1])
def test_a_place_is_a_number_within_a_metre(value):
    with pytest.raises(SettingError, match="neuron 2: y="):
        listed([[0, 0, 0], [0, value, 0]])
