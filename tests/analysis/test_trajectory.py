import numpy as np
import pytest

from rldbs.analysis.trajectory import Trajectory


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("kicks", np.zeros((3, 3500)), r"kicks has shape \(3, 3500\), expected \(E=2, K\)"),
        ("field", np.zeros((2, 3500)), r"field has shape"),
        ("neuron_std_stimulated", np.ones((2, 4)), r"expected \(E=2, N=5\)"),
        ("reward", np.zeros((2, 1)), "reward has shape"),
        ("variables", ("x", "y", "z"), "V=3"),
        ("free", 999, "T=3499"),
        ("onset", 1500, "onset must be in 0 … 1499"),
        ("onset", -1, "onset must be"),
        ("raster", np.zeros((499, 5)), "3500 steps at raster_stride 7 give 500"),
        ("raster_stride", 0, "raster_stride must be at least 1"),
        ("dt", 0.0, "dt must be positive"),
        ("period", -1.0, "period must be positive"),
        ("kicks", np.ones((2, 3500)), "0 outside the stimulated phase"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(recording, name, value, message):
    with pytest.raises(ValueError, match=message):
        recording(**{name: value})


def test_a_population_without_rhythm_or_relaxation_is_a_trajectory(recording):
    whole = recording()
    kept = whole.free + whole.stimulated
    short = recording(
        relaxed=0,
        field=whole.field[:, :kept],
        kicks=whole.kicks[:, :kept],
        raster=whole.raster[: kept // 7],
        period=np.nan,
    )
    assert short.steps == 2500
    assert short.x[:, short.relaxed_phase].size == 0


def test_phases_cover_the_steps_in_order(recording):
    trajectory = recording()
    phases = trajectory.free_phase, trajectory.stimulated_phase, trajectory.relaxed_phase
    covered = np.concatenate([np.arange(trajectory.steps)[phase] for phase in phases])
    assert (covered == np.arange(3500)).all()
    assert trajectory.after_onset == slice(1300, 2500)


def test_saved_trajectory_comes_back(recording, tmp_path):
    saved = recording()
    saved.save(tmp_path / "trajectory.npz")
    loaded = Trajectory.load(tmp_path / "trajectory.npz")
    assert (loaded.field == saved.field.astype(np.float32)).all()
    for name in ("kicks", "neuron_std_free", "neuron_std_stimulated", "reward", "raster"):
        assert (getattr(loaded, name) == getattr(saved, name)).all(), name
        assert getattr(loaded, name).dtype == getattr(saved, name).dtype, name
    for name in ("free", "stimulated", "relaxed", "onset", "raster_stride", "dt", "period", "threshold"):
        assert getattr(loaded, name) == getattr(saved, name), name
    assert loaded.variables == ("x", "y")


def test_a_failed_save_leaves_the_old_file_and_nothing_else(recording, tmp_path, monkeypatch):
    path = tmp_path / "trajectory.npz"
    recording().save(path)
    before = path.read_bytes()

    def fail(file, **_):
        file.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez_compressed", fail)
    with pytest.raises(OSError, match="disk full"):
        recording().save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_who_reads_while_another_saves_sees_the_old_file_whole(recording, tmp_path):
    path = tmp_path / "trajectory.npz"
    recording().save(path)
    before = path.read_bytes()
    with open(path, "rb") as reader:
        recording(reward=np.array([7.0, 8.0])).save(path)
        assert reader.read() == before
    assert Trajectory.load(path).reward.tolist() == [7, 8]


def test_foreign_and_damaged_files_are_refused(recording, tmp_path):
    path = tmp_path / "trajectory.npz"
    for content in (b"", b"hello", b"PK\x03\x04 no archive"):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="not a readable trajectory"):
            Trajectory.load(path)
    np.savez(path, schema=1, field=np.zeros(3))
    with pytest.raises(ValueError, match="not a readable trajectory"):
        Trajectory.load(path)
    recording().save(path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match="not a readable trajectory"):
        Trajectory.load(path)
    with pytest.raises(FileNotFoundError):
        Trajectory.load(tmp_path / "absent.npz")


def test_a_file_with_code_in_it_is_refused(recording, tmp_path):
    path = tmp_path / "trajectory.npz"
    recording().save(path)
    with np.load(path) as archive:
        content = dict(archive)
    content["variables"] = np.array([print, print], dtype=object)
    np.savez(path, allow_pickle=True, **content)
    with pytest.raises(ValueError, match="declares object"):
        Trajectory.load(path)


def test_a_raster_knows_which_neurons_it_has(recording, tmp_path):
    chosen = recording(raster=recording().raster[:, :3], raster_neurons=np.array([0, 2, 4]))
    chosen.save(tmp_path / "chosen.npz")
    assert Trajectory.load(tmp_path / "chosen.npz").watched.tolist() == [0, 2, 4]


def test_a_file_without_numbers_of_neurons_has_the_first_ones(recording, tmp_path):
    recording(raster_neurons=np.arange(5)).save(tmp_path / "first.npz")
    with np.load(tmp_path / "first.npz") as content:
        assert "raster_neurons" not in content
    assert Trajectory.load(tmp_path / "first.npz").watched.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("numbers", [[0, 1, 2], [0, 1, 2, 3, 5], [0, 2, 1, 3, 4], [-1, 1, 2, 3, 4], [0.0, 1, 2, 3, 4]])
def test_numbers_of_no_such_neurons_are_refused(recording, numbers):
    with pytest.raises(ValueError, match="raster_neurons"):
        recording(raster_neurons=np.array(numbers))
