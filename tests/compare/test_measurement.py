"""What is read of a run, however long its tables are."""

from rldbs.compare.measurement import MOST_CHECKPOINTS, _course


def test_of_a_table_without_end_no_more_is_kept_than_a_training_measures(tmp_path):
    (tmp_path / "progress.csv").write_bytes(b"steps,time,suppression\n" + b"1,1,1\n" * 2 * MOST_CHECKPOINTS)
    course = _course(tmp_path)
    assert course is not None
    assert len(course.steps) == MOST_CHECKPOINTS
