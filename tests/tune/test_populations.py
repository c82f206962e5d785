"""The short measurement of a trial against the whole one."""

from dataclasses import replace

import numpy as np
import pytest

from rldbs.analysis.episode_statistics import iqm
from rldbs.analysis.metrics import measure
from rldbs.analysis.oscillator_metrics import measure_every
from rldbs.analysis.tradeoff import SYNCHRONY
from rldbs.commands.tune import tuning
from rldbs.experiment.protocol import measure_controllers
from rldbs.tune.populations import Populations
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
    assert score["order"] == pytest.approx(iqm(measure_every(trajectory, loop.model)["order"]), rel=1e-12)
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
