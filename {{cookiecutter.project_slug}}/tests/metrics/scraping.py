"""Reads the page as Prometheus does."""

import asyncio

from config.asgi import application
from server.metrics_page import MetricsPage
from services.core import sampling
from services.core.http import httpx


async def scrape():
    """Each series of the page, and its value."""
    page = MetricsPage(application, token="t", public=False, sample=sampling.sample)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=page), base_url="http://test") as client:
        response = await client.get("/metrics", headers={"Authorization": "Bearer t"})
    lines = [line.rsplit(" ", 1) for line in response.text.splitlines() if not line.startswith("#")]
    return {series: float(value) for series, value in lines}


async def comes_to(series, value):
    async with asyncio.timeout(2):  # less than KEEPALIVE
        while (page := await scrape())[series] != value:
            pass
    return page
