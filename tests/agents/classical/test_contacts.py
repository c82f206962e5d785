"""With several contacts every controller says what each takes: who listens apart acts apart, the others act alike."""

import numpy as np
import pytest

from rldbs.agents.classical import CLASSICAL
from tests.agents.classical.listening import controller, environment, kicks_of_contacts, sine

STEPS = 1200
PLACES = ([-1.2, -1.05, 0.0], [1.2, -1.05, 0.0], [0.0, 1.15, 0.0])
ORDER = np.array([2, 0, 1])
LISTENS_APART = ("phase_locked", "proportional", "pd", "pi", "passive_oscillator", "delayed_feedback", "on_off")
ELSEWHERE = {"acd_oracle", "on_demand", "beta_on_off", "beta_dual", "beta_pi"}
"""These need what such oscillators do not have: clusters to know, trains, every sample in ms."""
CHANGES = {"phase_locked": {"size": 0.5}, "on_off": {"size": 0.3, "threshold": 0.1}}


def three(places, *more):
    """Three populations, a contact and a site near each."""
    sites = [[0.8 * x, 0.8 * y, z] for x, y, z in places]
    texts = [str(list(map(list, each))).replace(" ", "") for each in (places, sites)]
    return environment(
        "model=kuramoto_populations",
        "model.neurons=60",
        f"electrode.contacts={texts[0]}",
        f"electrode.sites={texts[1]}",
        "recording.variable=[x1,x2,x3]",
        *more,
    )


def signals():
    """A rhythm for each site, a third of a period apart, and not as large."""
    return np.stack([size * np.roll(sine(STEPS), k * 33) for k, size in enumerate((0.5, 0.4, 0.05))])[:, None]


@pytest.mark.parametrize("name", [*LISTENS_APART, "acd"])
def test_contacts_and_sites_in_another_order_are_given_the_same_in_that_order(name):
    changes = CHANGES.get(name, {}) | ({"channel": "nearest"} if name in LISTENS_APART else {})
    first = kicks_of_contacts(name, signals(), three(PLACES), **changes)
    other = kicks_of_contacts(name, signals()[ORDER], three([PLACES[k] for k in ORDER]), **changes)
    assert first.shape[2] == 3
    assert not np.array_equal(first[..., 0], first[..., 2])
    np.testing.assert_allclose(other, first[..., ORDER], atol=1e-6)


@pytest.mark.parametrize("name", ["high_frequency", "open_loop", "constant"])
def test_who_does_not_listen_gives_all_contacts_the_same(name):
    loop = three(PLACES)
    found = kicks_of_contacts(name, signals(), loop, size=0.4, **({"period": 0.1} if name == "open_loop" else {}))
    assert set(np.round(found.ravel().tolist(), 6)) <= {0.0, 0.4}
    assert found.any()
    np.testing.assert_array_equal(found, np.repeat(found[..., :1], 3, axis=2))


@pytest.mark.parametrize("distribution", ["uniform", "normal"])
def test_by_chance_each_contact_has_a_kick_of_its_own_and_one_alone_those_that_it_always_had(distribution):
    settings = {"size": 0.1, "distribution": distribution}
    found = kicks_of_contacts("random", signals(), three(PLACES), **settings)[:, 0]
    assert abs(np.corrcoef(found.T) - np.eye(3)).max() < 0.1
    together = kicks_of_contacts("random", signals(), three(PLACES, "stimulus.together=true"), **settings)
    assert together.shape[2] == 1
    generator, count = np.random.default_rng(0), len(together)
    drawn = 2.0 * generator.random(count) - 1.0 if distribution == "uniform" else generator.standard_normal(count)
    np.testing.assert_array_equal(together[:, 0, 0], 0.5 * (0.1 * drawn / 0.5).astype(np.float32).astype(np.float64))


def test_in_coordinated_reset_each_contact_has_its_turn():
    found = kicks_of_contacts("coordinated_reset", signals(), three(PLACES), size=0.4, off_cycles=0)[:, 0] != 0
    assert found.any(axis=0).all()
    assert found.sum(axis=1).max() == 1


@pytest.mark.parametrize("name", sorted(CLASSICAL.keys() - ELSEWHERE))
def test_an_action_has_a_number_for_each_contact_of_each_environment(name):
    loop = three(PLACES)
    seen = np.zeros((2, loop.recording.size), np.float32)
    assert controller(name, loop).act(seen).shape == (2, 3)
