"""Heat maps: S over the keys that vary in a sweep."""

import numpy as np
import pytest

from rldbs.analysis.plots.heat_map import Heat, heat_picture
from rldbs.compare.collect import collect
from rldbs.compare.comparison import compare
from rldbs.compare.find_folders import shown_name
from rldbs.compare.heat_maps import heat_maps
from rldbs.compare.page_values import values
from rldbs.compare.table_columns import map_heads, map_rows


@pytest.fixture
def swept(runs):
    """What a sweep over a model, a discount and a seed has measured, all but one pair, and what varies in it."""
    varied = {}
    for model, of_model in (("hr", 10), ("bvdp", 40)):
        for gamma, of_gamma in (("0.95", 1), ("0.9", 2), ("0.99", 3)):
            for seed in (0, 1):
                if (model, gamma) == ("hr", "0.99"):
                    continue
                s, quenched = of_model * of_gamma + seed, (model, gamma) == ("bvdp", "0.99")
                words = {"agent": {"gamma": float(gamma)}, "model": {"name": model}}
                folder = runs(f"{model}{gamma}{seed}", [s, s], seed=seed, activity=0.1 if quenched else 0.9, **words)
                varied[shown_name(folder)] = {"model": model, "agent.gamma": gamma, "seed": str(seed)}
    return collect([str(runs.root)]), varied


def test_a_map_has_the_mean_over_all_that_varies_beside(swept):
    collection, varied = swept
    (one,) = heat_maps(collection.measured, varied)
    assert (one.row_key, one.column_key) == ("model", "agent.gamma")
    assert one.column_values == ("0.9", "0.95", "0.99")
    order = [one.row_values.index(model) for model in ("hr", "bvdp")]
    np.testing.assert_allclose(one.reached[order], [[20.5, 10.5, np.nan], [80.5, 40.5, 120.5]])
    np.testing.assert_array_equal(one.runs[order], [[2, 2, 0], [2, 2, 2]])
    np.testing.assert_array_equal(one.quenched[order], [[False] * 3, [False, False, True]])


def test_a_map_in_words_says_what_is_missing_and_what_is_quenched(swept):
    collection, varied = swept
    (one,) = compare(collection, varied=varied).maps
    assert map_heads(one) == ["model", "0.9", "0.95", "0.99"]
    assert sorted(map_rows(one)) == [["bvdp", "80.5", "40.5", "120 quenched"], ["hr", "20.5", "10.5", "–"]]


def test_the_page_has_the_maps(swept):
    collection, varied = swept
    (one,) = values(compare(collection, varied=varied))["maps"]
    assert one["title"] == "S by model and agent.gamma"
    assert [None in row for row in one["suppression"]].count(True) == 1


@pytest.mark.parametrize(
    ("keys", "maps"),
    [
        (("seed",), [("", "seed")]),
        (("agent.gamma",), [("", "agent.gamma")]),
        (("agent.gamma", "seed"), [("seed", "agent.gamma")]),
        (("model", "agent.gamma", "seed"), [("model", "agent.gamma")]),
    ],
)
def test_the_seed_is_an_axis_only_where_there_is_no_other(swept, keys, maps):
    collection, varied = swept
    chosen = {name: {key: values[key] for key in keys} for name, values in varied.items()}
    assert [(one.row_key, one.column_key) for one in heat_maps(collection.measured, chosen)] == maps


def test_a_map_of_one_cell_and_one_of_many_can_be_drawn(tmp_path):
    for rows, columns in ((1, 1), (2, 40)):
        s = np.arange(1.0, 1 + rows * columns).reshape(rows, columns)
        names = [[f"value {k}" for k in range(n)] for n in (rows, columns)]
        heat = Heat("S by a and b", "a", "b", *names, s, s > 30)
        heat_picture([heat, heat], tmp_path / f"{columns}.png", "Title")
        assert (tmp_path / f"{columns}.png").stat().st_size > 5000
