"""The prefix and the URLconf of a request: where Django's functions set them, and nowhere else."""

import asyncio
import threading
from contextvars import Context, copy_context

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.urls import get_script_prefix, get_urlconf, set_script_prefix, set_urlconf
from upstreams.fastpath import url_locals


def seen():
    return get_script_prefix(), get_urlconf()


async def seen_in_task():
    return await asyncio.create_task(async_seen())


async def async_seen():
    return seen()


def seen_in_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(seen()))
    thread.start()
    thread.join()
    return found[0]


@pytest.mark.parametrize("prefix", ["", "/", "/api", "/api/"])
@pytest.mark.parametrize("urlconf", ["testproject.urls", None])
async def test_all_read_what_they_read_of_stock_django(prefix, urlconf):
    async def read(set_prefix, set_root):
        outer = seen()
        set_prefix(prefix)
        set_root(urlconf)
        found = [seen(), await seen_in_task(), await sync_to_async(seen)(), await asyncio.to_thread(seen)]
        found += [
            await sync_to_async(async_to_sync(async_seen))(),
            copy_context().run(seen),
            seen_in_thread(),
        ]
        set_urlconf("other")  # what is remembered stays as it is
        set_script_prefix("/other")
        return found, seen(), outer

    stock = await asyncio.create_task(read(set_script_prefix, set_urlconf), context=Context())
    for _ in range(2):
        ours = await asyncio.create_task(read(url_locals.set_prefix, url_locals.set_root), context=Context())
        assert ours == stock


async def test_a_request_in_another_thread_has_its_own():
    def read():
        url_locals.set_prefix("/api")
        url_locals.set_root("testproject.urls")
        return seen()

    assert Context().run(read) == ("/api/", "testproject.urls")
    assert await asyncio.to_thread(Context().run, read) == ("/api/", "testproject.urls")
