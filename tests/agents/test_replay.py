"""The buffer that keeps the series once samples, to the bit, what Stable-Baselines3's own buffers sample."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stable_baselines3.common.buffers import NStepReplayBuffer, ReplayBuffer

from rldbs.agents.replay import SeriesReplayBuffer
from rldbs.config.python_arguments import make_loop_settings
from rldbs.control.loop import ClosedLoop
from rldbs.core.errors import RunError
from rldbs.envs.sb3 import PopulationSB3VecEnv

TINY = {"neurons": 5, "transient": 60, "populations": 2, "snapshots": 1}
ENVS = 2


class Pair:
    """A vector environment whose transitions go to our buffer and to one of Stable-Baselines3's."""

    def __init__(self, overrides: dict[str, object], size: int, returns: int, kind: type[Any]) -> None:
        self.settings = make_loop_settings("bvdp", TINY | overrides)
        self.returns, self.size = returns, size
        self.env = PopulationSB3VecEnv(ClosedLoop(self.settings, ENVS, 3))
        spaces = self.env.observation_space, self.env.action_space
        more = {"n_steps": returns, "gamma": 0.9} if kind is NStepReplayBuffer else {}
        self.theirs = kind(size, *spaces, device="cpu", n_envs=ENVS, **more)
        self.ours = self.buffer()
        self.last = self.env.reset()
        self.rng = np.random.default_rng(0)

    def buffer(self) -> SeriesReplayBuffer:
        spaces = self.env.observation_space, self.env.action_space
        return SeriesReplayBuffer(
            self.size, *spaces, device="cpu", n_envs=ENVS, loop=self.env.loop, n_steps=self.returns, gamma=0.9
        )

    def go_on(self, steps: int) -> None:
        for _ in range(steps):
            actions = self.rng.uniform(-1, 1, (ENVS, 1)).astype(np.float32)
            new, rewards, done, infos = self.env.step(actions)
            following = new.copy()
            for i in np.flatnonzero(done):
                following[i] = infos[i]["terminal_observation"]
            for buffer in (self.theirs, self.ours):
                buffer.add(self.last, following, actions, rewards, done, infos)
            self.last = new

    def same(self) -> None:
        samples = []
        for buffer in (self.theirs, self.ours):
            np.random.seed(7)  # noqa: NPY002
            samples.append(buffer.sample(200))
        for name in ("observations", "actions", "next_observations", "dones", "rewards"):
            first, second = (getattr(sample, name).numpy() for sample in samples)
            assert first.dtype == second.dtype
            np.testing.assert_array_equal(first, second, err_msg=name)

    def start_again(self) -> None:
        """Put the state of our buffer and of the environments into fresh ones."""
        saved, environments = self.ours.saved(), self.env.saved()
        self.env = PopulationSB3VecEnv(ClosedLoop(self.settings, ENVS, 8))
        self.env.reset()
        self.ours = self.buffer()
        self.ours.restore(saved)
        self.env.restore(environments)


RECORDED = st.fixed_dictionaries(
    {
        "episode.steps": st.sampled_from([1, 2, 3, 7, 30]),
        "episode.stagger": st.booleans(),
        "stimulus.interval": st.sampled_from([1, 3]),
        "recording.length": st.integers(1, 6),
        "recording.stride": st.integers(1, 3),
        "recording.variable": st.sampled_from(["x", ["y", "x"]]),
        "recording.delay": st.sampled_from([0, 4]),
        "recording.centered": st.booleans(),
        "recording.sigmoid": st.sampled_from([None, 0.7]),
        "recording.noise": st.sampled_from([0.0, 0.1]),
        "recording.dropout": st.sampled_from([0.0, 0.2]),
    }
)


@settings(max_examples=12, deadline=None)
@given(
    overrides=RECORDED,
    size=st.integers(2, 40),
    returns=st.sampled_from([1, 3]),
    moves=st.tuples(st.integers(1, 30), st.integers(0, 60)),
)
def test_it_samples_what_their_buffer_samples_also_after_it_was_saved(overrides, size, returns, moves):
    pair = Pair(overrides, size, returns, NStepReplayBuffer)
    pair.go_on(moves[0])
    pair.same()
    pair.start_again()
    pair.same()
    pair.go_on(moves[1])
    pair.same()


@settings(max_examples=5, deadline=None)
@given(overrides=RECORDED, steps=st.integers(1, 60))
def test_with_single_steps_it_samples_what_their_plain_buffer_samples(overrides, steps):
    pair = Pair(overrides, 40, 1, ReplayBuffer)
    pair.go_on(steps)
    pair.same()


def test_it_saves_only_what_is_there():
    pair = Pair({"episode.steps": 30}, 2000, 3, NStepReplayBuffer)
    pair.go_on(10)
    saved = pair.ours.saved()
    assert all(len(saved[name]) == 10 for name in ("ends", "actions", "rewards", "dones", "timeouts"))
    memory = pair.settings.recording.memory
    assert saved["tape.values"].shape == (1, ENVS, memory + 10)


@pytest.mark.parametrize("filled", [-1, 21, 2**62])
def test_more_than_it_has_room_for_is_refused(filled):
    pair = Pair({}, 40, 1, NStepReplayBuffer)
    pair.go_on(5)
    with pytest.raises(RunError, match="saved state filled"):
        pair.ours.restore({**pair.ours.saved(), "filled": np.array(filled)})
