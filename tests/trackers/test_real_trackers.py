"""MLflow in a database and Weights & Biases in a folder, as they are: what is there after a run that went on."""

import json
from io import StringIO

import pytest
from rich.console import Console

from rldbs.config.composition import compose
from rldbs.config.schema import check_training, train_settings
from rldbs.experiment.train import resume, train
from tests.conftest import SMALL

pytestmark = pytest.mark.filterwarnings("ignore")  # what those packages do is theirs
MLFLOW = "mlflow is not installed: make test-trackers"
WANDB = "wandb is not installed: make test-trackers"


def twice(folder, tracker):
    """Train in two parts; what was said."""
    said = StringIO()
    for steps, command in (1024, train), (2048, resume):
        words = [*SMALL, f"steps={steps}", f"tracker={tracker}", "note=hallo", "tags=[a,b]"]
        config = compose("train", words)
        check_training(config, words)
        folder.mkdir(parents=True, exist_ok=True)
        command(train_settings(config), folder, Console(file=said, width=200))
    assert "tracker=" not in said.getvalue()
    return json.loads((folder / "meta.json").read_text())["tracked"]


def test_mlflow_has_one_run_with_all_of_it(tmp_path, monkeypatch, capfd):
    pytest.importorskip("mlflow", reason=MLFLOW)
    monkeypatch.chdir(tmp_path)
    identity = twice(tmp_path / "runs" / "bvdp-ppo" / "a", "mlflow")
    assert capfd.readouterr() == ("", "")
    from mlflow.tracking import MlflowClient

    client = MlflowClient(f"sqlite:///{tmp_path}/runs/mlflow/runs.db")
    (run,) = client.search_runs([client.get_experiment_by_name("rldbs").experiment_id])
    assert (run.info.run_name, run.info.status) == ("bvdp-ppo/a", "FINISHED")
    assert run.data.tags["mlflow.note.content"] == "hallo"
    assert {"a", "b"} <= run.data.tags.keys()
    assert run.data.tags["rldbs.id"] == identity
    assert run.data.params["agent.rollout"] == "64"
    assert [one.step for one in client.get_metric_history(run.info.run_id, "reward")] == [512, 1024, 1536, 2048]
    kept = [one.path for one in client.list_artifacts(run.info.run_id, "evaluation/final")]
    assert "evaluation/final/metrics.json" in kept


def test_weights_and_biases_has_one_run_in_two_parts(tmp_path, monkeypatch):
    pytest.importorskip("wandb", reason=WANDB)
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "runs" / "bvdp-ppo" / "a"
    identity = twice(folder, "wandb")
    parts = sorted((folder / "wandb").glob(f"offline-run-*-{identity}/run-{identity}.wandb"))
    assert len(parts) == 2
    rows, runs, artifacts = [], [], []
    for part in parts:
        for record in records(part):
            if record.HasField("history"):
                rows.append(record.history.step.num)
            elif record.HasField("run"):
                runs.append(record.run)
            elif record.HasField("artifact"):
                artifacts.append([entry.path for entry in record.artifact.manifest.contents])
    assert rows == [512, 1024, 1536, 2048]
    assert {(run.run_id, run.display_name, run.notes, tuple(run.tags)) for run in runs} == {
        (identity, "bvdp-ppo/a", "hallo", ("a", "b"))
    }
    assert "evaluation/final/metrics.json" in artifacts[-1]


def records(path):
    """What Weights & Biases has written: records in the log format of LevelDB, in blocks of 32 KiB, after 7 bytes."""
    from wandb.proto.wandb_internal_pb2 import Record

    content, place, parts = path.read_bytes(), 7, b""
    while place + 7 <= len(content):
        left = -place % 32768
        if 0 < left < 7:  # no room for a head
            place += left
            continue
        length, kind = int.from_bytes(content[place + 4 : place + 6], "little"), content[place + 6]
        parts += content[place + 7 : place + 7 + length]
        place += 7 + length
        if kind in (1, 4):  # whole, or the last of several
            yield Record.FromString(parts)
            parts = b""
