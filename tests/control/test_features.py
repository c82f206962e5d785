"""Features: what each says of signals whose answer is known, and that a batch is its environments alone."""

import numpy as np
import pytest

import rldbs
from rldbs.agents.settings import ClassicalSettings
from rldbs.config.composition import compose
from rldbs.config.schema import evaluate_settings, train_settings
from rldbs.control.features import HALF, Features, complexity, mobility, regularity
from rldbs.core.errors import SettingError
from rldbs.core.models import CELL_NETWORKS, MODELS

MODEL = CELL_NETWORKS["so2012"]
SMALL = {"start.populations": 2, "start.snapshots": 1, "model.transient": 300, "model.substeps": 5}
HEARD = {
    "recording.variable": ["x", "lfp"],
    "model.transient": 2000,
    "recording.features": ["mean", "deviation", "bands"],
}
EVERY = ["mean", "deviation", "mobility", "complexity", "regularity", "bands"]


def signals(x: np.ndarray) -> np.ndarray:
    """One recorded variable of one environment."""
    return np.asarray(x, np.float64)[None, None]


def observed(recording: Features, x: np.ndarray) -> dict[str, float]:
    return dict(zip(recording.names, recording.observe(signals(x), MODEL)[0].tolist(), strict=True))


def test_of_a_sine_all_is_known():
    """20 Hz, 0.1 high about 0.3, sampled at 1 kHz for ten periods."""
    time = np.arange(500) * 1e-3
    x = np.repeat(0.3 + 0.1 * np.sin(2 * np.pi * 20.0 * time), 10)
    recording = Features("x", 500, 10, features=EVERY, bands=[[10.0, 30.0], [40.0, 90.0]])
    found = observed(recording, x[: recording.memory])
    root = 0.1 / np.sqrt(2.0)
    assert found["mean"] == pytest.approx(0.3, abs=1e-6)
    assert found["deviation"] == pytest.approx(root / (root + HALF), rel=1e-4)
    assert found["mobility"] == pytest.approx(2.0 * np.sin(np.pi * 0.02), rel=1e-2)
    assert found["complexity"] == pytest.approx(1.0, abs=1e-2)
    assert found["regularity"] > 0.7
    assert found["10–30 Hz"] == pytest.approx(root / (root + HALF), rel=1e-2)
    assert found["40–90 Hz"] < 1e-3


def test_noise_is_less_regular_and_more_complex_than_a_rhythm():
    random = np.random.default_rng(0)
    sine, noise = np.sin(np.arange(200) * 0.2)[None], random.standard_normal((1, 200))
    assert regularity(noise)[0] < 0.5 < regularity(sine)[0]
    assert mobility(noise)[0] == pytest.approx(np.sqrt(2.0), rel=0.1)
    assert complexity(noise)[0] == pytest.approx(np.sqrt(3.0 / 2.0), rel=0.1)


def test_regularity_is_sample_entropy():
    """Against its definition, pair by pair."""
    x, alike, stays = np.random.default_rng(1).standard_normal(60), 0, 0
    near = 0.2 * x.std()
    for i in range(58):
        for j in range(58):
            if i != j and np.abs(x[i : i + 2] - x[j : j + 2]).max() <= near:
                alike += 1
                stays += abs(x[i + 2] - x[j + 2]) <= near
    assert regularity(x[None])[0] == pytest.approx(stays / alike)


def test_a_constant_signal_has_finite_features():
    recording = Features("x", 100, 10, features=EVERY)
    found = observed(recording, np.full(recording.memory, 0.4))
    assert np.isfinite([*found.values()]).all()
    assert max(found["deviation"], found["12–30 Hz"]) < 1e-9


def test_only_the_past_counts_and_a_delay_hides_the_newest_samples():
    x = np.random.default_rng(0).uniform(0.2, 0.5, 1100)
    plain, late = Features("x", 100, 10), Features("x", 100, 10, delay=50)
    np.testing.assert_array_equal(
        late.observe(signals(x[: late.memory]), MODEL), plain.observe(signals(x[: plain.memory]), MODEL)
    )


def test_a_batch_is_its_environments_alone_and_stays_within_its_bounds():
    overrides = {"recording": "features", "recording.variable": ["x", "lfp"], "recording.features": EVERY, **SMALL}
    actions = np.random.default_rng(0).uniform(-1.0, 1.0, (3, 5, 2))
    batch, alone = rldbs.make_vec("so2012", 5, seed=4, **overrides), rldbs.make("so2012", seed=6, **overrides)
    first = [batch.reset(seed=4)[0]] + [batch.step(each)[0] for each in actions]
    second = [alone.reset(seed=6)[0]] + [alone.step(each[2])[0] for each in actions]
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one[2], other)
        assert alone.observation_space.contains(other)
    assert first[0].shape == (5, 12)


def test_health_and_disease_are_told_apart():
    def seen(state: str) -> np.ndarray:
        env = rldbs.make_vec("so2012", 4, seed=0, recording="features", **{**SMALL, **HEARD, "model.state": state})
        return env.reset(seed=0)[0]

    healthy, ill = (seen(state).reshape(4, 2, 3) for state in ("healthy", "pd"))
    assert healthy[:, 1, 0].min() > ill[:, 1, 0].max() + 0.1  # mean of the field potential


def test_learners_leave_out_differences_of_features():
    settings = train_settings(compose("train", ["model=so2012", "agent=td3", "recording=features"]))
    assert settings.agent.difference_gain == 0.0  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["recording.length=3"], "recording.length=3: must be from 4"),
        (["recording.features=[mean,mean]"], "each feature once"),
        (["recording.features=[entropy]"], "recording.features"),
        (["recording.bands=[[1,2]]"], "has none of the frequencies"),
        (["recording.bands=[[400,500]]"], "has none of the frequencies"),
        (["recording.sigmoid=1"], "there is no setting recording.sigmoid"),
        (["agent=proportional", "stimulus=rectangular"], "listens to samples; use recording=window"),
        (["agent=until"], "listens to samples; use recording=window"),
        (["agent=beta_on_off", "stimulus=rectangular"], "listens to samples; use recording=window"),
    ],
)
def test_what_cannot_be_is_refused(overrides, words):
    with pytest.raises(SettingError, match=words.replace(".", r"\.")):
        _made(["model=so2012", "agent=none", "recording=features", *overrides])


def test_bands_need_a_unit_of_time():
    with pytest.raises(SettingError, match="bands are in Hz"):
        Features("x", 400, 10, dt=0.2).indices(MODELS["bvdp"])
    assert Features("x", 20, 1, features=["mean"], dt=0.2).indices(MODELS["bvdp"]) == [0]


def _made(overrides: list[str]) -> object:
    settings = evaluate_settings(compose("evaluate", overrides))
    assert isinstance(settings.agent, ClassicalSettings)
    return settings.agent.make(settings.loop, 0)
