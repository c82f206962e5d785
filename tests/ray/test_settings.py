"""The settings of Ray are checked before a sweep begins, also where Ray is not installed."""

import json
import socket

import pytest

from rldbs.core.errors import RldbsError, SettingError
from rldbs.sweep import ray
from rldbs.sweep.engines import engine
from tests.conftest import SMALL, call

CHOSEN = "hydra/launcher=ray"
INIT, REMOTE = "hydra.launcher.ray.init", "hydra.launcher.ray.remote"


@pytest.fixture(autouse=True)
def no_address(monkeypatch):
    monkeypatch.delenv("RAY_ADDRESS", raising=False)


def swept(arguments, tmp_path, capsys):
    """How a sweep ends that is refused: its exit status, and what it complains about; it leaves no folder."""
    folder = tmp_path / "sweep"
    code, _, complaint = call(["train", "-m", *SMALL, "seed=0,1", *arguments, f"hydra.sweep.dir={folder}"], capsys)
    assert not folder.exists()
    return code, complaint


def test_without_ray_a_sweep_says_in_a_line_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(ray, "find_spec", lambda name: None)
    said = "rldbs: hydra/launcher=ray needs Ray: pip install 'ray>=2.40'\n"
    assert swept([CHOSEN], tmp_path, capsys) == (2, said)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (f"{REMOTE}.num_cpus=x", "must be a number above 0 or null"),
        (f"{REMOTE}.num_cpus=-1", "must be a number above 0 or null"),
        (f"{REMOTE}.max_retries=-2", "must be a whole number of -1 or more"),
        (f"{REMOTE}.scheduling_strategy=random", "must be DEFAULT or SPREAD"),
        (f"{INIT}.num_cpus=0", "must be a whole number of 1 or more or null"),
        (f"{INIT}.object_store_memory=1", "must be a whole number of 78 643 200 or more or null"),
        (f"{INIT}.runtime_env=x", f"Hydra has no setting {INIT}.runtime_env"),
        (f"{INIT}={{address:x}}", "must be a single value"),
    ],
)
def test_a_setting_that_ray_does_not_take_is_refused_before_there_is_a_folder(
    given, said, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(ray, "find_spec", lambda name: name)
    code, complaint = swept([CHOSEN, given], tmp_path, capsys)
    assert code == 2
    assert given in complaint
    assert said in complaint


@pytest.mark.parametrize("setting", ["num_cpus=2", "num_gpus=1", "object_store_memory=100_000_000"])
def test_the_size_of_a_cluster_is_not_set_by_who_joins_it(setting, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(ray, "find_spec", lambda name: name)
    code, complaint = swept([CHOSEN, f"{INIT}.address=10.0.0.1:6379", f"{INIT}.{setting}"], tmp_path, capsys)
    assert code == 2
    assert "is for a Ray that is started here, not for 10.0.0.1:6379" in complaint
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.2:6379")
    assert "not for 10.0.0.2:6379" in swept([CHOSEN, f"{INIT}.{setting}"], tmp_path, capsys)[1]


@pytest.mark.parametrize(
    ("cores", "given", "threads"), [(None, None, 1), ("null", None, 1), ("3", None, 3), ("0.5", None, 1), ("4", 2, 2)]
)
def test_a_run_has_as_many_threads_as_cores_unless_the_user_says_otherwise(cores, given, threads):
    hydra = [CHOSEN, *([] if cores is None else [f"{REMOTE}.num_cpus={cores}"])]
    chosen = engine(hydra, given, 8)
    assert (chosen.threads, chosen.at_once) == (threads, None)


def test_cores_that_are_no_number_are_refused():
    with pytest.raises(SettingError, match="num_cpus=many: must be a number of cores, or null"):
        engine([CHOSEN, f"{REMOTE}.num_cpus=many"], None, 8)


def test_an_address_where_nobody_listens_is_told_at_once():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        ray._check_reach(address)
        ray._check_reach(f"ray://{address}")
    with pytest.raises(RldbsError, match=f"Ray {address}: cannot be reached"):
        ray._check_reach(address)


def test_that_no_node_is_large_enough_is_told():
    nodes = [{"Alive": True, "Resources": {"CPU": 2.0, "memory": 1e9}}, {"Alive": False, "Resources": {"CPU": 64.0}}]
    said: list[str] = []
    ray._check_room(nodes, {"num_cpus": 2, "num_gpus": 0.0}, said.append)
    assert said == []
    ray._check_room(nodes, {"num_cpus": 4, "num_gpus": 0.0}, said.append)
    ray._check_room(nodes, {"num_cpus": 1, "num_gpus": 1.0, "memory": 1000}, said.append)
    assert said == [
        "Ray has no node with CPU 4 for a run; it waits until there is one",
        "Ray has no node with CPU 1, GPU 1, memory 1000 for a run; it waits until there is one",
    ]


def test_a_cluster_that_only_a_sweep_s_folder_names_is_not_joined(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(ray, "find_spec", lambda name: name)
    monkeypatch.setattr(ray, "do", lambda *arguments: pytest.fail("it was joined"))
    folder, named = tmp_path / "sweep", f"{INIT}.address=10.0.0.1:6379"
    call(["train", "-m", *SMALL, "steps=512", "seed=0,1", f"hydra.sweep.dir={folder}"], capsys)
    (folder / "seed=1" / "meta.json").unlink()
    path = folder / "sweep.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "hydra": [CHOSEN, named]}))
    code, _, complaint = call(["resume", str(folder)], capsys)
    assert (code, complaint) == (2, f"rldbs: This sweep was on a Ray cluster; if you trust it, add {named}\n")
    with pytest.raises(pytest.fail.Exception, match="it was joined"):
        call(["resume", str(folder), named], capsys)
