"""At the end of an identification stands what the model predicts, what it promises, and what was kept of that."""

import csv
import json
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from rldbs.agents.regulator.design import designed
from rldbs.agents.regulator.promise import model_of, promised
from rldbs.agents.regulator.regulator_sizes import Sizes
from rldbs.compare.measurement import read_measured
from rldbs.config.composition import compose
from rldbs.config.schema import train_settings
from rldbs.core.errors import SettingError
from rldbs.experiment.regulator_report import console_table
from rldbs.experiment.train import train
from tests.agents.regulator.plant import NOISE, plant
from tests.agents.regulator.regulators import environment, shipped
from tests.conftest import small, small_run, small_settings


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A run with three prices, and what it has said."""
    folder, console = tmp_path_factory.mktemp("identified"), Console(file=StringIO(), width=200)
    train(small_settings(["agent.price=[1,10,100]", "steps=1024"], "lqg"), folder, console)
    return folder, console.file.getvalue()


def test_model_json_has_the_model_and_every_price(told):
    content = json.loads((told[0] / "model.json").read_text())
    assert content["order"] == len(content["poles"])
    assert [row["price"] for row in content["prices"]] == [1, 10, 100]
    assert sum(row["chosen"] for row in content["prices"]) == 1
    assert all(row["suppression"] > 0 and row["mean_abs_kick"] >= 0 for row in content["prices"])
    assert 0 < content["error_one_step"] < content["signal_std"]
    assert (told[0] / "model.png").read_bytes().startswith(b"\x89PNG")


def test_the_price_that_acts_is_measured_as_the_run_itself_is(told):
    chosen = next(row for row in json.loads((told[0] / "model.json").read_text())["prices"] if row["chosen"])
    metrics = json.loads((told[0] / "evaluation" / "final" / "metrics.json").read_text())["deterministic"]
    assert chosen["suppression"] == metrics["suppression"]["iqm"]


def test_the_front_has_the_other_prices_and_is_compared(told):
    rows = [*csv.DictReader((told[0] / "front.csv").read_text().splitlines())]
    content = json.loads((told[0] / "model.json").read_text())["prices"]
    assert [float(row["agent.price"]) for row in rows] == [
        *(row["price"] for row in content if not row["chosen"]),
        *(row["price"] for row in content if row["chosen"]),
    ]
    found = read_measured(told[0], "run", "final").compromises["suppression"]
    assert set(found) <= {float(row["suppression_unseen"]) for row in rows[:-1]}


def test_the_table_shows_promise_and_measurement(told):
    assert "S promised" in told[1]
    assert "errs by" in told[1]
    assert "model.png" in told[1]


def test_of_oscillators_the_table_shows_r_too():
    row = {"price": 1.0, "chosen": True, "promised_suppression": None, "suppression": 2.0, "activity": 0.9}
    row |= {"promised_mean_abs_kick": None, "mean_abs_kick": 3.0}
    content = {"order": 4, "error_one_step": 0.1, "error_one_period": 0.2, "signal_std": 0.5, "poles": []}
    for more, columns in (({}, False), ({"order": 0.123}, True)):
        console = Console(file=StringIO(), width=200)
        console_table({**content, "prices": [row | more]}, console)
        assert ("0.123" in console.file.getvalue()) == (" R " in console.file.getvalue()) == columns


def test_one_price_has_no_front(tmp_path):
    small_run(tmp_path / "run", ["agent.price=10.0", "steps=512"], "lqg")
    assert (tmp_path / "run" / "model.json").exists()
    assert not (tmp_path / "run" / "front.csv").exists()


def test_the_promise_is_the_stationary_state_of_the_plant():
    settings, loop = shipped(price=[1.0, 100.0]), environment()
    weights = designed(settings, loop, [plant()] * 2, Sizes.of(settings, loop).empty())
    weights["error"][:] = NOISE
    found = [promised(settings, loop, weights, k) for k in range(2)]
    assert found[0].suppression > found[1].suppression  # type: ignore[union-attr]
    assert found[0].mean_abs_kick > found[1].mean_abs_kick  # type: ignore[union-attr]
    np.testing.assert_array_equal(model_of(settings, loop, weights, 1).outputs, plant().outputs)
    assert promised(settings, environment(**{"stimulus.interval": 2}), weights, 0) is None
    mixed = {**weights, "mixture": weights["mixture"].copy()}
    mixed["mixture"][0, 1] = 0.01
    assert [promised(settings, loop, mixed, k) for k in range(2)] == [None, found[1]]
    weights["gains"][:] = 0.0  # the plant alone grows
    assert promised(settings, loop, weights, 0) is None


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["episode.steps=100"], "episode.steps=100: must be at least 128, agent.recorded"),
        (["agent.channel=1"], "agent.channel=1: must be below 1"),
        (["agent.orders=[40]"], r"agent.orders=\[40\]: must be below 20"),
    ],
)
def test_what_nothing_can_be_identified_from_is_refused(overrides, words):
    with pytest.raises(SettingError, match=words):
        train_settings(compose("train", [*small("lqg"), *overrides]))
