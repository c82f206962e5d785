"""Rate models are compared by the time in bursts, plastic synapses by the charge to last, each beside its price."""

import numpy as np
import pytest

from rldbs.analysis.metric_definitions import EVERY_METRIC, PLASTIC_METRICS, RATE_METRICS
from rldbs.analysis.tradeoff import BURSTS, LASTING
from rldbs.compare.collect import collect
from rldbs.compare.comparison import compare, content
from rldbs.compare.pictures import write_pictures
from rldbs.compare.table_columns import columns
from rldbs.files.folder import Folder

KINDS = [
    ("stn_gpe", RATE_METRICS, BURSTS, "burst time", "rms kick"),
    ("ei_plastic", PLASTIC_METRICS, LASTING, "charge to last", "time to last"),
]


@pytest.mark.parametrize(("model", "metrics", "sought", "aim", "price"), KINDS)
def test_what_is_sought_of_a_model_orders_its_rows_and_learning_is_of_it(
    model, metrics, sought, aim, price, runs, tmp_path
):
    def made(name, reached, paid, course=()):
        scores = {key: np.full(2, 20.0) for key in metrics}
        scores |= {sought.aim: np.full(2, reached), sought.price: np.full(2, paid)}
        folder = runs(name, [1.1] * 2, scores=scores, model={"name": model}, kick=5.0, agent={"name": name})
        if course:
            lines = [f"steps,time,suppression,{sought.aim}", *(",".join(map(str, row)) for row in course)]
            (folder / "progress.csv").write_text("\n".join(lines) + "\n")

    made("constant", 0.3, 2.0)
    made("pi", 0.1, 4.0)
    made("ppo", 0.02, 9.0, [(10, 1.0, 0.9, 0.2), (20, 2.0, 0.9, 0.05)])
    made("sac", 0.4, 9.0, [(10, 1.0, 0.9, ""), (20, 2.0, 0.9, 0.05)])  # once it did not come to it
    comparison = compare(collect([str(runs.root)]))
    (table,) = comparison.tables
    assert table.sought is sought
    assert [row.agent for row in table.rows] == ["ppo", "pi", "constant", "sac"]
    assert [row.agent for row in table.rows if row.front] == ["ppo", "pi", "constant"]
    shown = {column.heading: column for column in columns(comparison, table)}
    assert shown[aim].cell(table.rows[0]).text.startswith("0.02")
    assert shown[price].cell(table.rows[1]).text == "4"
    np.testing.assert_allclose(table.rows[0].learning["steps"].iqm, [0.2, 0.05])
    assert not table.rows[-1].learning
    assert content(comparison)["tables"][0]["aim"] == sought.aim
    assert EVERY_METRIC[sought.aim].label == aim
    write_pictures(comparison, Folder(tmp_path), print)
    assert (tmp_path / "pareto.png").read_bytes().startswith(b"\x89PNG")
