"""Responses that are 100 seconds old."""

import asyncio
import time
from email.utils import formatdate

from testproject.quotes import quotes
from upstreams.clients import registry

AGE = 100
IF_ERROR = "public, max-age=10, stale-if-error=3600"
LATER = "public, max-age=10, stale-while-revalidate=3600"
QUICK = {"TIMEOUT": 0.6, "CONNECT_TIMEOUT": 0.1, "QUEUE_TIMEOUT": 0.1, "MAX_ATTEMPTS": 1}


def old(control, **more):
    """The headers of a response that is 100 seconds old."""
    return {"cache-control": control, "date": formatdate(time.time() - AGE, usegmt=True), **more}


def background():
    return registry.clients_by_loop[asyncio.get_running_loop()].background


async def is_stale():
    response = await quotes.get("random")
    assert response.text == "old"
    assert AGE <= int(response.headers["age"]) <= AGE + 5
    return response.extensions["cache"] == "stale"
