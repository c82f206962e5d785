"""Where each value of a configuration comes from is where Hydra has it from."""

import pytest
from omegaconf import OmegaConf

from rldbs.config.composition import compose_run, own_hydra
from rldbs.config.groups import groups, keys, leaves
from rldbs.config.origins import FOLLOWS, LINE, composed_settings

OPTIONS = groups()
CHOICES = [
    ["model=kuramoto_line", "agent=acd"],
    ["agent=sac", "model=hr"],
    *([f"experiment={name}"] for name in ("demo", "krylov2020_bursting", "hsu_discrete")),
    *(pytest.param([f"experiment={name}"], marks=pytest.mark.slow) for name in OPTIONS["experiment"]),
    ["stimulus=charge_balanced", "model=hr", "agent=ppo"],
    ["coupling=walk", "reward=activity", "recording=window"],
]


def origins(*overrides, command="train", directory=None):
    config, _ = compose_run(command, overrides, directory)
    return {row.key: row for row in composed_settings(command, overrides, directory, config)}


@pytest.mark.parametrize("overrides", CHOICES, ids=lambda words: " ".join(words))
def test_the_files_hold_what_hydra_makes_of_them(overrides):
    with own_hydra() as hydra:
        whole = hydra.compose_config("train", overrides, "RUN", from_shell=False)
        composed = dict(leaves({k: v for k, v in OmegaConf.to_container(whole).items() if k != "hydra"}))
    chosen = dict(text.split("=") for text in overrides)
    found = {key: one.default for key, one in keys("train", chosen).items()}
    assert found == {key: value for key, value in composed.items() if key in found}
    assert found.keys() == composed.keys()


def test_each_kind_of_place_is_named(tmp_path):
    (tmp_path / "stimulus").mkdir()
    own = tmp_path / "stimulus" / "weak.yaml"
    own.write_text("defaults: [delta]\namplitude: 0.01\n")
    given = ("model=hr", "stimulus=weak", "agent=ars", "steps=5000", "agent.best=2")
    found = origins(*given, directory=tmp_path)
    assert found["model"].origin == found["steps"].origin == found["agent.best"].origin == LINE
    assert found["reward"].origin == "conf/model/hr.yaml"
    assert (found["reward"].value, found["stimulus"].value, found["stimulus.name"].value) == (
        "setpoint",
        "weak",
        "delta",
    )
    assert found["stimulus.amplitude"].origin == str(own)
    assert found["stimulus.interval"].origin == "conf/stimulus/delta.yaml"
    assert found["agent.hidden"].origin == "conf/agent/ars.yaml"
    assert found["agent.rollout"].value == "78"
    assert found["agent.rollout"].origin == f"{FOLLOWS}, in the place of 500 (conf/agent/ars.yaml)"
    assert found["start.seed"].origin == "conf/train.yaml, ${seed}"
    assert origins("experiment=krylov2020_bursting")["agent.gamma"].origin == "conf/experiment/published_ppo.yaml"
    assert origins("model=hr")["steps"].origin == "conf/tuned_stimulus/hr-ppo-delta.yaml"
    assert found.keys() >= {"protocol.onset", "checkpoints.kept", "seed", "model.parameters.x_rest"}
