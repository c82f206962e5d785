"""Phase oscillators follow the reference trajectories, and their bits depend on nothing but what they are."""

import math
from pathlib import Path

import numpy as np
import pytest

from rldbs.core import native
from rldbs.core.coupling_modes import blocks, kernel_of, modes_of
from rldbs.core.errors import DivergedError, SettingError
from rldbs.core.phase_kernel import PhaseKernel
from rldbs.core.tissue import RESPONSES, Response, Tissue, distances

DATA = Path(__file__).parents[1] / "data"
ALIKE = {"env0_pulsed": "flat", "env1_constant": "flat", "two_contacts": "flat", "prc_type1": "type1"}


def reference(name: str) -> dict[str, np.ndarray]:
    with np.load(DATA / f"kuramoto_{name}.npz") as file:
        return dict(file)


def alpha_of(data: dict[str, np.ndarray]) -> np.ndarray:
    where = data["grid"] * float(data["spacing"])
    return kernel_of({"cos": "cosine"}.get(str(data["kernel"]), str(data["kernel"])), distances(where, where))


def strongest(alpha: np.ndarray, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """W and V of the strongest eigenvectors."""
    values, vectors = np.linalg.eigh(alpha)
    kept = np.argsort(-np.abs(values))[:rank]
    return vectors[:, kept].T * values[kept, None], vectors[:, kept].T


def everyone(neurons: int) -> np.ndarray:
    return np.full((1, neurons), 1.0 / neurons)


def kernel(
    tissue: Tissue, response: Response, dt: float, phase: np.ndarray, frequency: np.ndarray, coupling: float
) -> PhaseKernel:
    made = PhaseKernel(tissue, response, dt, 1)
    made.phase[:], made.frequency[:], made.coupling[:] = phase.ravel(), frequency.ravel(), coupling
    return made


def apart(ones: np.ndarray, others: np.ndarray) -> float:
    """The largest angle between phases."""
    return float(np.abs((ones - others + np.pi) % (2.0 * np.pi) - np.pi).max())


def followed(data: dict[str, np.ndarray], weights_in, weights_out, response: str) -> tuple[PhaseKernel, np.ndarray]:
    n = len(data["omega"])
    recording = np.concatenate([everyone(n), data["recording_weight"] / n])
    tissue = Tissue(weights_in, weights_out, data["conductance"], recording)
    coupling = float(data["coupling"]) / n
    made = kernel(tissue, RESPONSES[response], float(data["dt"]), data["theta0"], data["omega"], coupling)
    return made, made.advance(data["stimulation"][None])[0]


@pytest.mark.parametrize(("name", "response"), ALIKE.items())
def test_the_whole_coupling_follows_the_reference(name, response):
    data = reference(name)
    made, seen = followed(data, alpha_of(data), None, response)
    assert apart(made.phase[0], data["theta"][-1]) < 1e-11
    np.testing.assert_allclose(seen[:, 0], data["lfp"], rtol=0, atol=1e-11)
    np.testing.assert_allclose(seen[:, 3::2], data["recorded"], rtol=0, atol=1e-11)


@pytest.mark.parametrize(("rank", "error"), [(24, 1e-7), (52, 1e-11)])
@pytest.mark.parametrize("name", ["env0_pulsed", "env1_constant"])
def test_a_few_modes_follow_it_as_closely_as_they_make_up_the_coupling(name, rank, error):
    data = reference(name)
    made, _ = followed(data, *strongest(alpha_of(data), rank), "flat")
    assert apart(made.phase[0], data["theta"][-1]) < error


def test_so_do_modes_of_cross_approximation():
    data = reference("env0_pulsed")
    modes = modes_of(alpha_of(data), 512, tolerance=1e-12)
    made, _ = followed(data, 512 * modes.weights_in, modes.weights_out, "flat")
    assert apart(made.phase[0], data["theta"][-1]) < 1e-11


def test_a_gaussian_response_follows_the_reference_until_its_phases_have_gone_round():
    data = reference("prc_gaussian")
    steps = int(data["steps"][1])
    data["stimulation"] = data["stimulation"][:steps]
    made, _ = followed(data, alpha_of(data), None, "gaussian")
    assert (data["theta"][1] > 2 * np.pi).any()
    assert data["theta"][0].max() < 2 * np.pi
    assert apart(made.phase[0], data["theta"][1]) < 1e-11


def test_coordinated_reset_follows_the_reference():
    data = reference("coordinated_reset")
    n = len(data["omega"])
    tissue = Tissue(np.ones((1, n)), np.ones((1, n)), data["profile"], everyone(n))
    response = Response((0.0, 1.0), (0.0, 0.0))
    made = kernel(tissue, response, float(data["dt"]), data["theta0"], data["omega"], float(data["coupling"]) / n)
    seen = made.advance(data["stimulation"][None])[0]
    np.testing.assert_allclose(np.hypot(seen[:, 0], seen[:, 1]), data["R"], rtol=0, atol=1e-9)
    assert apart(made.phase[0], data["theta"][-1]) < 1e-9


def test_populations_that_are_coupled_within_only_follow_the_reference():
    data = reference("three_populations")
    each = data["omega"].shape[1]
    within = blocks([each] * 3, np.eye(3))
    reach = np.repeat(data["conductance"], each, axis=1)
    sites = np.concatenate([everyone(3 * each), reach / each])
    tissue = Tissue(within.weights_in, within.weights_out, reach, sites)
    response = Response(data["prc_cos"].tolist(), data["prc_sin"].tolist())
    coupling = float(data["coupling_within"])
    made = kernel(tissue, response, float(data["dt"]), data["theta0"], data["omega"], coupling)
    seen = made.advance(data["stimulation"][None])[0]
    assert apart(made.phase[0], data["theta"][-1].ravel()) < 1e-9
    np.testing.assert_allclose(seen[:, 3::2], data["channels"], rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", ["original_off", "original_hf"])
def test_the_published_environment_is_followed_as_far_as_its_tolerance_goes(name):
    """Its steps have pulses of two or three, and pauses of fourteen or fifteen steps, by how time was rounded there."""
    data, whole = reference(name), reference("env0_pulsed")
    n, amplitude = 512, float(data["amplitude"])
    stimulation, samples = [], []
    for count in data["samples_per_step"].tolist():
        pulse, pause = 2 + (count > 17), 14 + (count > 18)
        begin = len(stimulation)
        samples += [begin + k for k in range(pulse + 1)] + [begin + pulse + k for k in range(pause)]
        stimulation += [amplitude] * pulse + [0.0] * pause
    tissue = Tissue(alpha_of(whole), None, data["conductance"][None], everyone(n))
    coupling = float(data["coupling"]) / n
    made = kernel(tissue, RESPONSES["flat"], 0.05, data["theta_start"], data["omega"], coupling)
    x = np.concatenate(
        [[np.cos(data["theta_start"]).mean()], made.advance(np.array(stimulation)[None, :, None])[0, :, 0]]
    )
    assert len(samples) == len(data["lfp"])
    np.testing.assert_allclose(x[samples], data["lfp"], rtol=0, atol=3e-3)


def random_kernel(
    populations: int,
    neurons: int = 509,
    noise: float = 0.02,
    modes: int = 5,
    dense: bool = False,
    grid: tuple[int, ...] = (),
) -> PhaseKernel:
    random = np.random.default_rng(3)
    weights, out = random.normal(size=(2, neurons if dense else modes, neurons)) / neurons
    for axis in range(len(grid)):  # the same from either end of each axis
        whole = weights.reshape(*grid, *grid)
        weights = (whole + np.flip(whole, (axis, len(grid) + axis))).reshape(weights.shape)
    contacts, sites = random.uniform(size=(2, 2, neurons))
    recording = np.concatenate([everyone(neurons), sites])
    tissue = Tissue(weights, None if dense else neurons * out, contacts, recording)
    made = PhaseKernel(tissue, Response((1.0, -0.5, 0.2), (0.0, 0.3, 0.1)), 0.05, populations, noise)
    for k in range(populations):
        own = np.random.default_rng(k)
        made.phase[k], made.frequency[k] = own.uniform(-3, 3, neurons), own.normal(1.0, 0.3, neurons)
        made.coupling[k], made.seeds[k] = own.uniform(0.5, 2.0), own.integers(2**63)
    return made


def stimulation(populations: int, steps: int = 40) -> np.ndarray:
    given = np.stack([np.random.default_rng(100 + k).normal(size=(steps, 2)) for k in range(populations)])
    given[:, 10:20] = 0.0
    return given


@pytest.fixture(scope="module")
def first() -> tuple[np.ndarray, np.ndarray]:
    made = random_kernel(3)
    with native.use_instruction_set(native.SUPPORTED[0]):
        seen = made.advance(stimulation(3))
    return made.phase.copy(), seen


@pytest.mark.parametrize("name", native.SUPPORTED)
@pytest.mark.parametrize("threads", [1, 2, 7])
def test_instruction_set_and_threads_change_no_bit(first, name, threads):
    made = random_kernel(3)
    with native.use_instruction_set(name):
        seen = made.advance(stimulation(3), threads)
    np.testing.assert_array_equal(made.phase, first[0])
    np.testing.assert_array_equal(seen, first[1])


def test_nor_do_the_batch_and_how_often_is_called(first):
    made, given = random_kernel(1), stimulation(1)
    parts = [made.advance(given[:, begin:end]) for begin, end in ((0, 0), (0, 1), (1, 15), (15, 40))]
    np.testing.assert_array_equal(made.phase[0], first[0][0])
    np.testing.assert_array_equal(np.concatenate(parts, axis=1)[0], first[1][0])


@pytest.mark.parametrize("name", native.SUPPORTED)
@pytest.mark.parametrize(
    "coupling",
    [{"modes": 9}, {"modes": 11}, {"dense": True}, {"dense": True, "grid": (100,)}, {"dense": True, "grid": (5, 20)}],
    ids=str,
)
def test_populations_that_are_advanced_side_by_side_have_the_bits_of_each_alone(name, coupling):
    """Two by two, and one that is left over; in some steps both of a pair are driven, in some one of them, or none."""
    many, given = random_kernel(5, 100, **coupling), stimulation(5)
    given[0, 20:30] = given[3, 5:] = given[4] = 0.0
    alone = [random_kernel(1, 100, **coupling) for _ in range(5)]
    for k, one in enumerate(alone):
        for key, array in one.arrays().items():
            array[...] = many.arrays()[key][k : k + 1] if key not in ("conductance", "recording") else array
    with native.use_instruction_set(name):
        seen = many.advance(given)
        expected = [one.advance(given[k : k + 1])[0] for k, one in enumerate(alone)]
    np.testing.assert_array_equal(seen, expected)
    np.testing.assert_array_equal(many.state, np.concatenate([one.state for one in alone]))


@pytest.mark.parametrize(
    "grid", [(1,), (2,), (3,), (64,), (101,), (264,), (9, 7), (4, 30), (5, 3, 8), (8, 8, 8)], ids=str
)
def test_what_is_the_same_from_either_end_of_an_axis_is_folded_and_comes_to_the_same(grid):
    neurons = math.prod(grid)
    made = random_kernel(2, neurons, dense=True, grid=grid)
    assert made.tissue.weights_out is None
    given = stimulation(2)
    rows = {name: getattr(made.tissue, name) for name in ("weights_in", "conductance", "recording")}
    plain = PhaseKernel(Tissue(weights_out=np.eye(neurons), **rows), made.response, 0.05, 2, 0.02)
    for name, array in made.arrays().items():
        plain.arrays()[name][...] = array
    with native.use_instruction_set(native.SUPPORTED[0]):
        other = random_kernel(2, neurons, dense=True, grid=grid).advance(given)
    seen = made.advance(given)
    np.testing.assert_array_equal(seen, other)
    np.testing.assert_allclose(seen, plain.advance(given), rtol=0, atol=1e-12)
    np.testing.assert_allclose(made.phase, plain.phase, rtol=0, atol=1e-12)


def test_phases_stay_within_a_half_turn_and_padding_is_never_seen():
    made = random_kernel(1, neurons=9, noise=3.0)
    seen = made.advance(10.0 * stimulation(1))
    assert np.abs(made.phase).max() <= np.pi
    np.testing.assert_allclose(seen[0, -1, 0], np.cos(made.phase[0]).mean(), rtol=0, atol=1e-15)


def test_noise_is_normal_and_independent_of_neuron_step_and_seed():
    neurons, steps = 4096, 100
    made = PhaseKernel(
        Tissue(*np.zeros((2, 1, neurons)), np.ones((1, neurons)), everyone(neurons)), Response(), 1.0, 2, 0.1
    )
    made.seeds[1] = 1
    drawn = []
    for _ in range(steps):
        made.phase[:] = 0.0
        made.advance(np.zeros((2, 1, 1)))
        drawn.append(made.phase / 0.1)
    found = np.array(drawn)  # steps, populations, neurons
    size = found.size**-0.5
    assert abs(found.mean()) < 4 * size
    assert abs(np.square(found).mean() - 1.0) < 4 * np.sqrt(2.0) * size
    assert abs((found**4).mean() - 3.0) < 4 * np.sqrt(96.0) * size
    for ones, others in (
        (found[1:], found[:-1]),
        (found[:, :1], found[:, 1:]),
        (found[..., 1:], found[..., :-1]),
    ):
        assert abs((ones * others).mean()) < 4 * (ones.size) ** -0.5


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (np.zeros((2, 4)), r"stimulation: must be real numbers with 3 axes, is float64 \(2, 4\)"),
        (np.zeros((1, 4, 3)), r"must be \(populations, steps, contacts\) = \(1, …, 2\), is \(1, 4, 3\)"),
        ([[[0.0, 0.0]]], "stimulation: must be a NumPy array with 3 axes, is a list"),
        (np.zeros((1, 4, 2), complex), "complex128"),
        (np.full((1, 4, 2), np.nan), "stimulation: must be finite"),
    ],
)
def test_stimulation_that_does_not_fit_is_refused(given, words):
    made = random_kernel(1)
    before = made.phase.copy()
    with pytest.raises(SettingError, match=words):
        made.advance(given)
    np.testing.assert_array_equal(made.phase, before)


def test_phases_that_leave_all_bounds_are_told_of():
    made = random_kernel(1)
    with pytest.raises(DivergedError, match="take a smaller dt, or less coupling or stimulation"):
        made.advance(np.full((1, 4, 2), 1e300))
