"""The cluster of the tests is one: two nodes with addresses and names of their own."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.ray

SPREAD = """
import socket, sys, time
import ray

ray.init(address=sys.argv[1], log_to_driver=False)

@ray.remote(num_cpus=1, scheduling_strategy="SPREAD")
def where():
    time.sleep(1)
    return socket.gethostname(), ray.util.get_node_ip_address()

print(sorted(set(ray.get([where.remote() for _ in range(4)]))))
"""


def test_tasks_are_done_on_both_nodes(ray_cluster, tmp_path):
    command = ray_cluster.head.enter([sys.executable, "-c", SPREAD, ray_cluster.address], tmp_path)
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    nodes = ray_cluster.head, ray_cluster.worker
    assert said.strip() == str(sorted((node.name, node.address) for node in nodes))
