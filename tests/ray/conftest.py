"""A cluster for the tests of Ray."""

from collections.abc import Iterator

import pytest

from tests.ray.cluster import Cluster, cluster, missing


@pytest.fixture
def ray_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A Ray cluster of two nodes with a core each."""
    lacking = missing()
    if lacking:
        pytest.skip(f"a Ray cluster needs {lacking}")
    with cluster(tmp_path_factory.mktemp("cluster")) as both:
        yield both
