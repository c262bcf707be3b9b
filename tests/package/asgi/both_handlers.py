"""An application on the fast path, and one on Django's own handler."""

import pytest
from upstreams.asgi.stock_handler import StockHandler
from upstreams.asgi.stock_threads import StockThreads
from upstreams.fastpath.handler import Handler
from upstreams.fastpath.thread_pool import ThreadPool


@pytest.fixture(params=["fast path", "stock"])
async def app(request):
    if request.param == "stock":
        yield StockThreads(StockHandler())
        return
    threads = ThreadPool(Handler(), 2)
    async with threads.keep_threads():
        yield threads
