"""A cluster for the tests of Ray."""

import secrets
from collections.abc import Iterator

import pytest

from tests.ray.cluster import Cluster, cluster, missing


@pytest.fixture(scope="session", autouse=True)
def token() -> Iterator[None]:
    """Who wants to use a Ray of these tests must know its secret; otherwise Ray would store one in the home folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_MODE", "token")
        patch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
        yield


@pytest.fixture
def ray_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A Ray cluster of two nodes with a core each."""
    lacking = missing()
    if lacking:
        pytest.skip(f"a Ray cluster needs {lacking}")
    with cluster(tmp_path_factory.mktemp("cluster")) as both:
        yield both
