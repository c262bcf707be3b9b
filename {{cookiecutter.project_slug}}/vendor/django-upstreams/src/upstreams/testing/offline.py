"""Refuses connections from tests to other machines: `pytest_plugins = ["upstreams.testing.offline"]`."""

from collections.abc import Iterator

import pytest

from upstreams.testing.network import refuse_network


@pytest.fixture(autouse=True, scope="session")
def offline() -> Iterator[None]:
    """Refuse connections beyond this machine, the databases and `UPSTREAMS_TEST_HOSTS`."""
    with refuse_network():
        yield
