import pytest
from upstreams import open_clients

from policies.gated import gated


@pytest.fixture
async def upstream(define):
    async with gated() as upstream:
        define(quotes={"BASE_URL": upstream.url, "COALESCE": True, "BACKOFF": 0.001})
        async with open_clients():
            yield upstream
