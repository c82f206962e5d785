"""Networks that a user has described are like any other: simulated, trained on, measured, and kept in runs."""

import json
import pickle
import re
import shutil
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import rldbs
from rldbs.analysis.metric_definitions import EVERY_METRIC, shown_metrics
from rldbs.commands.new_model import write_model
from rldbs.config.composition import compose
from rldbs.config.own_network import network_settings
from rldbs.config.schema import simulate_settings
from rldbs.core.errors import SettingError
from rldbs.core.so2012 import SO2012
from rldbs.core.synapse_patterns import everyone, on_a_ring, some
from tests.conftest import call
from tests.documents import GUIDE

compiled = pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
SHORT = (
    "model.groups.stn.cells=4",
    "model.groups.gpe.cells=6",
    "model.projections.excitation.random=2",
    "model.projections.inhibition.random=2",
    "model.transient=20",
    "threads=1",
)
"""Of what ``rldbs new model --kind cells`` writes."""
MEASURED = (
    "protocol.episodes=2",
    "protocol.free=200",
    "protocol.stimulated=300",
    "protocol.onset=100",
    "protocol.relaxed=100",
)
TRAINED = (
    "start.populations=2",
    "start.snapshots=2",
    "episode.steps=20",
    "steps=512",
    "envs=4",
    "agent.rollout=64",
    "agent.minibatch=128",
    "agent.epochs=1",
    "agent.hidden=[8]",
    "checkpoints.every=256",
    "checkpoints.episodes=2",
    "checkpoints.stimulated=240",
)


def ring(source: str, target: str, weight: float, *offsets: int) -> dict[str, Any]:
    return {"source": source, "target": target, "weight": weight, "ring": list(offsets)}


SO: dict[str, Any] = {
    "name": "so",
    "title": "So, Kent, Grill 2012 once more",
    "source": "So, Kent, Grill, J. Comput. Neurosci. 32, 499 (2012)",
    "groups": {
        "th": {"cell": "so2012_th", "cells": 10, "label": "TH"},
        "stn": {"cell": "so2012_stn", "cells": 10, "label": "STN", "current": 33.0, "current_pd": 23.0},
        "gpe": {"cell": "so2012_gpe", "cells": 10, "label": "GPe", "current": 21.0, "current_pd": 8.0, "spread": 2.0},
        "gpi": {"cell": "so2012_gpi", "cells": 10, "label": "GPi", "current": 22.0, "current_pd": 16.0},
    },
    "projections": {
        "a": ring("gpi.s", "th.gaba", 1.4 * 0.08, 0),
        "b": ring("gpe.s", "stn.gaba", 0.5, 0, 1),
        "c": ring("stn.s", "gpe.ampa", 0.5 * 0.3, 0, -1),
        "d": ring("gpe.s", "gpe.gaba", 0.5, 1, -2),
        "e": ring("stn.s", "gpi.ampa", 0.5 * 0.3, 0, -1),
        "f": ring("gpe.s", "gpi.gaba", 0.5, 1, -2),
    },
    "pulses": {"target": "th", "current": 3.5, "duration": 5.0, "rate": 14.0, "shape": 25.0, "relayed_by": "th"},
    "potential": {"group": "stn", "reversal": {"gaba": -85.0}},
    "stimulated": "stn",
    "v_mean": -62.0,
    "v_std": 5.0,
    "recorded": dict(SO2012.recorded),
    "meanings": {name: f"mean of {text}" for name, text in SO2012.recorded.items()},
    "ranges": {name: [-100, 100] for name in SO2012.recorded},
    "threshold": 0.4,
    "state": "pd",
    "patients": 0.0,
    "integrator": "euler",
    "substeps": 10,
    "dt": 0.1,
    "transient": 100,
    "period": 714,
    "set_point": 0.32,
    "band": [13.0, 30.0],
}
"""The network of the core, described as a user would."""


TOLD: dict[str, Any] = {"meanings": {"x": "mean s of STN"}, "ranges": {"x": [0, 1]}}


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which a network was begun."""
    monkeypatch.chdir(tmp_path)
    write_model("mine", tmp_path / "own", "cells")
    return tmp_path


def written() -> dict[str, Any]:
    """The section of a network that is begun."""
    from rldbs.commands.new_model import BEGINNINGS

    text = BEGINNINGS["cells"].read_text().replace("@NAME@", "mine")
    return dict(yaml.safe_load(text)["model"])


def refused(change: dict[str, Any]) -> str:
    """What is said of the network with other values at dotted keys."""
    model = deepcopy(written())
    for key, value in change.items():
        *sections, name = key.split(".")
        section = model
        for each in sections:
            section = section[each]
        section[name] = value
    with pytest.raises(SettingError) as error:
        network_settings(model)
    return str(error.value)


def test_so_2012_as_a_user_would_describe_it_is_the_network_of_the_core(tmp_path):
    """Wires, currents, pulses, the field potential and the error index: to the bit, in a closed loop."""
    path = tmp_path / "own" / "model" / "so.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(f"# @package _global_\n{yaml.safe_dump({'model': SO}, sort_keys=False, allow_unicode=True)}")
    found = []
    for options in ({"model": "so2012", "transient": 100}, {"model": "so", "config_dir": tmp_path / "own"}):
        same = {"stimulus": "train", "reward": "error_index", "recording": "window", "amplitude": 2500.0}
        venv = rldbs.make_vec(num_envs=2, seed=1, length=40, stride=25, **same, **options)
        seen = [venv.reset()[0]]
        for action in np.random.default_rng(0).uniform(-1, 1, (2, 2, *venv.single_action_space.shape)):
            observation, reward, *_ = venv.step(action.astype(np.float32))
            seen += [observation, reward, venv.unwrapped.loop.mean_field.copy()]
        found.append(b"".join(np.ascontiguousarray(array).tobytes() for array in seen))
    assert found[0] == found[1]


@compiled
@pytest.mark.slow
def test_what_is_begun_is_simulated_trained_on_and_measured_without_its_directory(mine, capsys):
    own = ["--config-dir", "own"]
    status, out, err = call(["simulate", "model=mine", *SHORT, "steps=400", "hydra.run.dir=free", *own], capsys)
    assert status == 0, err
    assert "GPe rate" in out
    status, _, err = call(["train", "model=mine", *SHORT, *TRAINED, *MEASURED, "hydra.run.dir=run", *own], capsys)
    assert status == 0, err
    recorded = yaml.safe_load((mine / "run" / "config.yaml").read_text())["model"]
    assert recorded["cells"] == written()["cells"]
    assert len(json.loads((mine / "run" / "meta.json").read_text())["equations"]) == 64
    shutil.rmtree(mine / "own")
    for words in (["evaluate", "run=run", "name=again"], ["resume", "run", "steps=768"]):
        status, _, err = call([*words], capsys)
        assert status == 0, (words, err)
    run = rldbs.load("run")
    assert {"rate_gpe", "cv_stn", "suppression", "band_power"} <= run.metrics["deterministic"].keys()
    config = mine / "run" / "config.yaml"
    config.write_text(config.read_text().replace("rate*(w_rest - w)*cosh", "rate*(w_rest - w)"))
    status, _, err = call(["resume", "run", "steps=1024"], capsys)
    assert status == 2
    assert "was begun with other equations" in " ".join(err.split())


@compiled
def test_an_episode_goes_on_from_where_it_was_saved_or_copied(mine):
    env = rldbs.make("mine", seed=3, config_dir="own", transient=20)
    env.reset()
    env.step(env.action_space.sample() * 0 + 0.5)
    state, copy = env.unwrapped.get_state(), pickle.loads(pickle.dumps(env))
    seen = env.step(np.full(env.action_space.shape, -0.5, np.float32))
    env.unwrapped.set_state(state)
    for each in (env, copy):
        again = each.step(np.full(env.action_space.shape, -0.5, np.float32))
        np.testing.assert_array_equal(seen[0], again[0])
        assert seen[1] == again[1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"cells.lecar.equations.w": "rate*(w_rst - w)"},
            "model.cells.lecar.equations.w: there is no variable or constant",
        ),
        ({"cells.lecar.where.m": "__import__('os')"}, "model.cells.lecar.where.m"),
        ({"cells.lecar.start.w": [1]}, "model.cells.lecar.start.w=[1]: must be text"),
        (
            {"cells.lecar.spikes": {}},
            "model.cells.lecar.spikes: there is no such setting\nDid you mean model.cells.lecar.spike?",
        ),
        ({"cells.so2012_th": {}}, "model.cells.so2012_th: means something else"),
        ({"groups.stn.cell": "lecr"}, "model.groups.stn.cell=lecr: there is no such cell\nDid you mean lecar?"),
        ({"groups.stn.cells": 0}, "model.groups.stn.cells=0: must be a whole number from 1 to 10 000"),
        ({"groups.stn.label": "$x^2$"}, "model.groups.stn.label"),
        (
            {"groups.stn.parameters": {"leek": 1.0}},
            "model.groups.stn.parameters=leek: there is no such constant of lecar",
        ),
        ({"groups": {}}, "model.groups={}: must hold names"),
        ({"projections": False}, "model.projections=false: must hold names"),
        ({"projections.lateral.ring": [10**30]}, "model.projections.lateral.ring"),
        ({"potential.reversal": {"gaba": -85.0, "ampa": 0.0, "nmda": 0.0}}, "reversal=nmda: there is no such input"),
        (
            {"pulses": {"target": "stn", "current": 1.0, "duration": 5.0, "rate": 14.0, "shape": 1e-3}},
            "model.pulses.shape=0.001: must be a number from 0.1",
        ),
        ({"groups.stn.cells": 600, "groups.gpe.cells": 600}, "at most 1024 together"),
        ({"projections.inhibition.source": "gpe"}, "model.projections.inhibition.source=gpe: must name a group"),
        ({"projections.inhibition.source": "gpe.q"}, "source=gpe.q: there is no such variable\nDid you mean gpe.w?"),
        (
            {"projections.inhibition.target": "stn.nmda"},
            "target=stn.nmda: there is no such input\nDid you mean stn.gaba?",
        ),
        ({"projections.inhibition.ring": [1]}, "must have one of ring=[…], random=… and all=true, has 2"),
        ({"projections.inhibition.random": None}, "must have one of ring=[…], random=… and all=true, has 0"),
        ({"projections.inhibition.random": 21}, "random=21: there are 20 cells to take from"),
        ({"stimulated": "gpi"}, "model.stimulated=gpi: there is no such group"),
        ({"potential.reversal": {"ampa": 0.0}}, "model.potential.reversal.gaba: is missing"),
        ({"recorded": {"y": "stn.s"}}, "the first one must be x"),
        ({"recorded.x": "stn.q"}, "model.recorded.x=stn.q: there is no such variable"),
        ({"recorded.lfp": "stn.v"}, "model.recorded.lfp: means something else"),
        ({"meanings": {"x": "x"}}, "model.meanings.s_gpe: is missing"),
        ({"name": "so2012"}, "model.name=so2012: comes with the package"),
        ({"substeps": 0}, "model.substeps=0"),
        ({"dt": 2.0, "substeps": 1}, "beyond 1 ms"),
    ],
)
def test_what_is_no_network_is_refused_with_key_and_reason(change, message):
    assert message in refused(change)


def test_what_the_page_writes_is_a_network():
    blocks = re.findall(r"```yaml\n(.*?)```", (GUIDE / "own_networks.md").read_text(), re.DOTALL)
    parts = [yaml.safe_load(block) for block in blocks]
    whole = {key: value for part in parts for key, value in part.items()}
    assert whole.keys() == {"cells", "groups", "projections"}
    settings = network_settings(written() | whole | {"potential": None, "recorded": {"x": "stn.s"}} | TOLD)
    assert settings.neurons == 35
    assert settings.network.group("own").parameters == (-65.0, 20.0, 0.2)


def test_cells_that_no_group_has_are_refused():
    assert "model.cells.other: no group is of these cells" in refused({"cells.other": written()["cells"]["lecar"]})


def test_patterns_reach_whom_they_say():
    np.testing.assert_array_equal(on_a_ring(10, 10, (0, -1)), [np.arange(10), (np.arange(10) - 1) % 10])
    np.testing.assert_array_equal(on_a_ring(4, 8, (1,)), [[1, 1, 2, 2, 3, 3, 0, 0]])
    np.testing.assert_array_equal(everyone(3, 3, own=True), [[1, 0, 0], [2, 2, 1]])
    drawn = some(6, 6, 3, own=True, seed=1)
    assert drawn.shape == (3, 6)
    assert (drawn != np.arange(6)).all()
    assert (np.diff(drawn, axis=0) > 0).all()
    assert drawn.max() == 5
    np.testing.assert_array_equal(drawn, some(6, 6, 3, own=True, seed=1))
    assert (drawn != some(6, 6, 3, own=True, seed=2)).any()


def test_rates_of_groups_of_any_name_are_metrics_and_stand_in_tables():
    assert EVERY_METRIC["rate_snr"].label == "snr rate"
    assert "rate_snr" in EVERY_METRIC
    assert "rate_a.b" not in EVERY_METRIC
    assert shown_metrics(["error_index", "cv_snr", "rate_stn"]) == ["error_index", "rate_stn", "cv_snr"]


def test_settings_that_follow_from_a_model_fit_a_network(mine):
    config = compose("train", ["model=mine", "agent=ppo"], mine / "own")
    assert config["checkpoints"]["most_kick"] == 10_000.0
    settings = simulate_settings(compose("simulate", ["model=mine"], mine / "own"))
    assert settings.model.neurons == 40
