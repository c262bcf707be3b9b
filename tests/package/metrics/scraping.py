"""Reads the page as Prometheus does."""

import asyncio

from testproject.asgi import application
from upstreams.asgi.metrics_endpoint import MetricsEndpoint
from upstreams.clients import metrics_sampler
from upstreams.core.httpx import httpx


async def scrape():
    """Each series of the page, and its value."""
    page = MetricsEndpoint(application, token="t", public=False, sample=metrics_sampler.sample)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=page), base_url="http://test") as client:
        response = await client.get("/metrics", headers={"Authorization": "Bearer t"})
    lines = [line.rsplit(" ", 1) for line in response.text.splitlines() if not line.startswith("#")]
    return {series: float(value) for series, value in lines}


async def comes_to(series, value):
    async with asyncio.timeout(2):  # less than POOL_IDLE_TIMEOUT
        while (page := await scrape())[series] != value:
            pass
    return page
