"""Adaptive coordinated desynchronisation: the sign of its rule, and populations from what is recorded of them."""

import numpy as np
import pytest

from rldbs.agents.classical.clusters import clusters_of, inverted, order_rates
from rldbs.agents.classical.resonator import Phasor
from rldbs.core.errors import SettingError
from rldbs.core.tissue import Response, named_response
from tests.agents.classical.listening import controller, environment, kicks_of_contacts, times

CLUSTERS = "recording.variable=[cluster1_x,cluster2_x,cluster3_x,cluster1_y,cluster2_y,cluster3_y]"
THREE = ("model=kuramoto_populations", "model.neurons=60")
TOLD = environment(*THREE, CLUSTERS)
STEPS = 2000
RESPONSES = [
    Response((4.0, 0.0), (0.0, -1.0)),
    named_response("type1"),
    named_response("type2"),
    named_response("flat"),
    named_response("gaussian"),
    Response((1.0, 0.3, -0.7, 0.2), (0.0, 0.5, 0.4, -0.6)),
]


def wrapped_cauchy(rho, psi, count=20_000):
    """Phases with ⟨exp(imθ)⟩ = (ρ·exp(iψ))^m, at equal parts of their distribution."""
    part = (np.arange(count) + 0.5) / count - 0.5
    return psi + 2 * np.arctan((1 - rho) / (1 + rho) * np.tan(np.pi * part))


def curve_of(response, theta):
    """Z(θ)."""
    if response.gaussian:
        return np.exp(-((theta % (2 * np.pi) - np.pi) ** 2) / 2)
    n = np.arange(len(response.cosines))[:, None]
    terms = np.array(response.cosines)[:, None] * np.cos(n * theta) + np.array(response.sines)[:, None] * np.sin(
        n * theta
    )
    return terms.sum(axis=0) - response.cosines[0] / 2


@pytest.mark.parametrize("response", RESPONSES, ids=str)
def test_the_sums_are_the_derivative_of_the_order_parameter(response):
    """Against moving every phase a little by what each contact would do to it."""
    clusters = clusters_of(TOLD.model)
    random = np.random.default_rng(3)
    for _ in range(5):
        rho, psi = random.uniform(0.05, 0.95, 3), random.uniform(-np.pi, np.pi, 3)
        phases = [wrapped_cauchy(*each) for each in zip(rho, psi, strict=True)]
        orders = Phasor((rho * np.cos(psi))[:, None], (rho * np.sin(psi))[:, None])
        found = order_rates(orders, clusters, response)[:, 0]
        order = np.zeros((2, 3))
        small = 1e-5
        for k, sign in enumerate((-1, 1)):
            for contact in range(3):
                moved = [
                    theta + sign * small * clusters.reach[contact, s] * curve_of(response, theta)
                    for s, theta in enumerate(phases)
                ]
                means = [np.exp(1j * theta).mean() for theta in moved]
                order[k, contact] = abs(np.dot(clusters.weights, means))
        derivative = (order[1] - order[0]) / (2 * small)
        np.testing.assert_allclose(found, derivative, atol=2e-3 * np.abs(clusters.reach).max())


def orders_of(psi, rho=0.9):
    """What the oracle is told of three populations at these phases, (channels, 1, steps)."""
    return np.concatenate([rho * np.cos(psi), rho * np.sin(psi)])[:, None]


def rotating(*behind):
    """Phases of the populations, (3, steps), each behind the rhythm by so many degrees."""
    return 2 * np.pi * np.arange(STEPS) / 100 - np.radians(behind)[:, None]


@pytest.mark.parametrize("size", [0.5, -0.5])
def test_a_contact_gives_its_largest_pulse_exactly_where_that_lowers_the_order_parameter(size):
    psi = rotating(0, 50, 140)
    found = kicks_of_contacts("acd_oracle", orders_of(psi), TOLD, size=size, pause=0.0)[:, 0]
    now = times(STEPS, TOLD)
    orders = Phasor(0.9 * np.cos(psi[:, now]), 0.9 * np.sin(psi[:, now]))
    rates = order_rates(orders, clusters_of(TOLD.model), Response((4.0, 0.0), (0.0, -1.0))).T
    sure = np.abs(rates) > 1e-6
    np.testing.assert_array_equal(found[sure], np.where(rates * size < 0, size, 0.0)[sure])
    assert (found[:, 0] != found[:, 1]).any(), "contacts differ"


def test_the_first_harmonic_alone_is_the_rule_of_phase_locked_stimulation():
    """Near incoherence only a_1·sin ψ − b_1·cos ψ is left, the same for every contact."""
    psi, response = np.linspace(-np.pi, np.pi, 37), Response((4.0, 0.7), (0.0, -1.0))
    tiny = 1e-6 * np.ones((3, 1))
    rates = order_rates(Phasor(tiny * np.cos(psi), tiny * np.sin(psi)), clusters_of(TOLD.model), response)
    rule = 0.7 * np.sin(psi) + np.cos(psi)
    assert (np.sign(rates) == np.sign(rule)).all()


def test_a_pause_is_kept_by_every_contact():
    found = kicks_of_contacts("acd_oracle", orders_of(rotating(0, 50, 140)), TOLD, size=0.5, pause=0.3)[:, 0] != 0
    for contact in (0, 1):
        assert np.diff(times(STEPS, TOLD)[found[:, contact]]).min() == 30


def test_as_many_signals_as_populations_are_taken_apart():
    clusters, names = clusters_of(TOLD.model), ["x", "x1", "x2"]
    mixture = np.array([clusters.heard[name] for name in names])
    np.testing.assert_allclose(clusters.apart(names, 0.0) @ mixture, np.eye(3), atol=1e-9)


def test_fewer_signals_are_explained_by_the_least_that_does():
    clusters = clusters_of(TOLD.model)
    mixture = np.array([clusters.heard[name] for name in ("x1", "x2")])
    np.testing.assert_allclose(clusters.apart(["x1", "x2"], 0.0), np.linalg.pinv(mixture), atol=1e-9)
    strong = clusters.apart(["x1", "x2"], 10.0)
    assert np.abs(strong).sum() < 0.5 * np.abs(clusters.apart(["x1", "x2"], 0.0)).sum()


def test_the_inverse_is_one_and_none_where_there_is_none():
    rows = np.random.default_rng(1).normal(size=(5, 7))
    np.testing.assert_allclose(inverted(rows @ rows.T), np.linalg.inv(rows @ rows.T), rtol=1e-8)
    assert inverted(np.ones((2, 2))) is None


def test_from_signals_that_tell_all_it_does_what_the_oracle_does():
    heard = environment(*THREE, "recording.variable=[x,x1,x2]")
    psi = rotating(0, 50, 140)
    mixture = np.array([clusters_of(TOLD.model).heard[name] for name in ("x", "x1", "x2")])
    signals = (mixture @ (0.9 * np.cos(psi)))[:, None]
    own = {"damping": 0.3, "regularisation": 0.0}
    found, told = kicks_of_contacts("acd", signals, heard, **own), kicks_of_contacts("acd_oracle", orders_of(psi), TOLD)
    late = times(STEPS, heard) > 1200
    assert (found[late] == told[late]).mean() > 0.97
    assert 0.2 < (told[late] != 0).mean() < 0.8


def test_without_clusters_they_are_the_neurons_nearest_to_each_contact():
    clusters = clusters_of(environment("model=kuramoto_line").model)
    assert clusters.weights.tolist() == [0.25] * 4
    assert (clusters.reach.argmax(axis=1) == np.arange(4)).all()
    assert clusters_of(environment("model=kuramoto").model).weights.tolist() == [1.0]


@pytest.mark.parametrize(
    ("name", "overrides", "changes", "message"),
    [
        ("acd", [], {}, "agent=acd: needs a phase response curve, and model=bvdp has none"),
        ("acd", [*THREE, "stimulus.together=true"], {}, r"agent=acd: .*stimulus\.together=true"),
        ("acd", [*THREE, "recording.variable=[x1,y1]"], {}, r"recording\.variable=y1: must be one of x, x1, x2"),
        (
            "acd",
            [*THREE, "electrode.sites=[[0,0,0],[0,0,0]]"],
            {"regularisation": 0.0},
            r"agent\.regularisation=0: must be larger: recorded variables tell the same of the clusters, x1, x2",
        ),
        ("acd_oracle", [*THREE], {}, r"no implant is: recording\.variable=\[cluster1_x,cluster2_x"),
        ("acd_oracle", ["model=kuramoto"], {}, "there are no clusters to be recorded; use tissue=populations"),
        ("acd_oracle", [*THREE, CLUSTERS, "recording.centered=true"], {}, r"needs recording\.centered=false"),
    ],
)
def test_what_it_cannot_do_is_refused(name, overrides, changes, message):
    with pytest.raises(SettingError, match=message):
        controller(name, environment(*overrides), **changes)


def test_it_desynchronises_and_its_opposite_does_not():
    from rldbs.config.composition import compose
    from rldbs.config.schema import evaluate_settings
    from rldbs.experiment.command_settings import Protocol
    from rldbs.experiment.protocol import measure_controllers

    small = ["model=kuramoto_populations", "model.neurons=90", "model.transient=1000", "stimulus.amplitude=2", CLUSTERS]
    loop = evaluate_settings(compose("evaluate", small)).loop
    protocol = Protocol(episodes=2, free=400, stimulated=3000, onset=1500, relaxed=0, seed=5)

    class Opposite:
        """The kicks of a controller, turned."""

        def __init__(self, turned):
            self._turned = turned

        def act(self, observations):
            return -self._turned.act(observations)

    acd = controller("acd_oracle", loop, size=2.0)
    opposite = Opposite(controller("acd_oracle", loop, size=2.0))
    found = measure_controllers(loop, protocol, {"acd": acd, "opposite": opposite})
    order = {
        name: np.hypot(*trajectory.field[:, trajectory.after_onset, :2].transpose(2, 0, 1)).mean()
        for name, trajectory in found.items()
    }
    assert order["acd"] < 0.1
    assert order["opposite"] > 0.6
