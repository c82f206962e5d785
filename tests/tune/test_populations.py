"""The short measurement of a trial against the whole one."""

from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from rldbs.analysis.episode_statistics import iqm
from rldbs.analysis.metrics import measure
from rldbs.analysis.tradeoff import RELAY, SYNCHRONY, TRADEOFFS
from rldbs.commands.tune import tuning
from rldbs.compare.measurement import read_measured
from rldbs.experiment.measures import measures_of
from rldbs.experiment.protocol import measure_controllers
from rldbs.tune.finish import BRIEF
from rldbs.tune.populations import Populations, populations_of
from rldbs.tune.run_search import tune
from tests.tune.conftest import small_search

GAINS = (0.0, 0.02, 0.3)


def controllers(settings):
    candidates = [settings.candidate({"agent.gain": gain}) for gain in GAINS]
    return [candidate.agent.make(candidate.loop, candidate.seed) for candidate in candidates]


@pytest.mark.parametrize("stimulus", ["delta", "charge_balanced"])
def test_a_trial_has_the_numbers_of_the_protocol_on_the_same_populations(stimulus):
    settings = small_search(f"stimulus={stimulus}", "tune.stimulated=1000", "tune.free=1000")
    loop, protocol = settings.candidate({}).loop, settings.trial_protocol
    scores = Populations(loop, protocol, 1).scores(controllers(settings))
    named = dict(zip(map(str, GAINS), controllers(settings), strict=True))
    for score, trajectory in zip(scores, measure_controllers(loop, protocol, named).values(), strict=True):
        metrics = measure(trajectory)
        assert score["suppression"] == iqm(metrics["suppression"])
        assert score["mean_abs_kick"] == pytest.approx(iqm(metrics["mean_abs_kick"]), rel=1e-12)
        assert score["activity"] == pytest.approx(iqm(metrics["activity"]), rel=0.01)  # from fewer samples
        for key in ("latency", "energy_to_suppress"):
            assert np.array_equal(score[key], iqm(metrics[key]), equal_nan=True)


def test_of_oscillators_a_trial_has_the_r_of_the_protocol():
    few = ["model=kuramoto_line", "model.neurons=20", "model.transient=400", "agent.gain=1"]
    lengths = ["tune.stimulated=1000", "tune.free=1000", "tune.episodes=2"]
    settings = tuning(["agent=proportional", *few, *lengths, "protocol.episodes=2"], None).settings
    loop, protocol = settings.candidate({}).loop, settings.trial_protocol
    (score,) = Populations(loop, protocol, 1).scores([settings.candidate({}).agent.make(loop, 0)])
    again = {"one": settings.candidate({}).agent.make(loop, 0)}
    (trajectory,) = measure_controllers(loop, protocol, again).values()
    assert score["order"] == pytest.approx(iqm(measures_of(trajectory, loop.model)["order"]), rel=1e-12)
    assert settings.tune.tradeoff is SYNCHRONY


def test_controllers_measured_together_are_as_each_alone():
    settings = small_search("recording.noise=0.01", "coupling=walk")
    populations = Populations(settings.candidate({}).loop, settings.trial_protocol, 1)
    together = populations.scores(controllers(settings))
    assert str(together) == str([populations.scores([one])[0] for one in controllers(settings)])
    assert len({score["suppression"] for score in together}) == len(GAINS)


def test_more_populations_are_more_of_the_same_kind():
    settings = small_search()
    loop = settings.candidate({}).loop
    few, many = (
        Populations(loop, replace(settings.trial_protocol, episodes=count), 1).scores(controllers(settings)[1:2])[0]
        for count in (2, 6)
    )
    assert few != many
    assert np.isclose(few["activity"], many["activity"], rtol=0.3)


def test_a_trial_on_cells_has_the_numbers_of_an_evaluation():
    small = ["model=so2012", "model.substeps=5", "model.transient=300", "agent=open_loop", "tune.free=800"]
    settings = tuning([*small, "tune.stimulated=1600", "tune.episodes=2", "threads=1"], None).settings
    assert [axis.key for axis in settings.axes] == ["agent.size", "agent.period"]
    assert (settings.tune.objective, settings.tune.least_activity, settings.tune.tradeoff) == ("front", 0.0, RELAY)
    trials = [{"agent.size": 850.0, "agent.period": 0.2}, {"agent.size": 0.0, "agent.period": 0.5}]
    candidates = [settings.candidate(values) for values in trials]
    loop, protocol = candidates[0].loop, settings.trial_protocol
    strong, none = populations_of(loop, protocol, 1).scores([one.agent.make(loop, 0) for one in candidates])
    assert (none["rms_kick"], strong["rms_kick"]) == (0.0, pytest.approx(850.0 * np.sqrt(70.0 * 120e-6), rel=0.02))
    alone = measure_controllers(loop, protocol, {"strong": candidates[0].agent.make(loop, 0)})["strong"]
    found = measures_of(alone, loop.model)
    assert {key: float(iqm(found[key])) for key in RELAY.metrics} == {key: strong[key] for key in RELAY.metrics}


def test_a_search_on_cells_writes_the_front_of_error_index_and_current(tmp_path):
    small = ["model=so2012", "model.substeps=5", "model.transient=300", "agent=open_loop", "tune.free=800"]
    lengths = ["protocol.free=800", "protocol.stimulated=1600", "protocol.onset=800", "protocol.relaxed=0"]
    counts = ["tune.trials=3", "tune.stimulated=1600", "tune.episodes=2", "protocol.episodes=2", "threads=1"]
    settings, out = tuning([*small, *lengths, *counts], None).settings, StringIO()
    tune(settings, tmp_path, Console(file=out, width=160))
    header = (tmp_path / "front.csv").read_text().splitlines()[0].split(",")
    assert header[3:5] == ["error_index", "rms_kick"]
    assert "I_RMS" in out.getvalue()
    assert (tmp_path / "trials.png").read_bytes().startswith(b"\x89PNG")
    assert read_measured(tmp_path, "search", "final").scores["deterministic"]["error_index"].shape == (2,)


def test_a_search_on_rates_writes_the_front_of_time_in_bursts_and_current(tmp_path):
    small = ["model=stn_gpe", "agent=beta_pi", "model.transient=300", "tune.free=800", "tune.stimulated=1600"]
    lengths = ["protocol.free=800", "protocol.stimulated=1600", "protocol.onset=800", "protocol.relaxed=0"]
    counts = ["tune.trials=2", "tune.episodes=2", "protocol.episodes=2", "threads=1"]
    settings, out = tuning([*small, *lengths, *counts], None).settings, StringIO()
    tune(settings, tmp_path, Console(file=out, width=160))
    header = (tmp_path / "front.csv").read_text().splitlines()[0].split(",")
    assert {"burst_time", "rms_kick", "burst_time_unseen"} <= set(header)
    assert "I_RMS" in out.getvalue()


def test_what_every_front_costs_has_a_short_name():
    assert {each.price for each in TRADEOFFS} == BRIEF.keys()
