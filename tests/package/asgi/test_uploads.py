"""What an upload leaves behind when its request ends without a response, with and without the fast path."""

import asyncio
import errno
import gc
import logging
import tempfile
from pathlib import Path

import pytest
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from testproject.driver import Client
from upstreams.fastpath import body

from asgi.admission.doubles import admission
from asgi.both_handlers import app

__all__ = ["app"]

SIZE = 3_000_000
HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
FORM = HEAD + b"a" * SIZE + b"\r\n--x--\r\n"
POST = {
    "method": "POST",
    "path": "/waits",
    "headers": [
        (b"host", b"testserver"),
        (b"content-type", b"multipart/form-data; boundary=x"),
        (b"content-length", b"%d" % len(FORM)),
    ],
}
CHUNK = {"type": "http.request", "body": FORM, "more_body": True}


@csrf_exempt
async def waits(request):
    assert request.FILES["file"].size == SIZE
    request.scope["entered"].set()
    await asyncio.Event().wait()


@csrf_exempt
async def cannot_write(request):
    raise OSError(errno.ENOSPC, "No space left on device")


urlpatterns = [path("waits", waits), path("cannot-write", cannot_write)]


@pytest.fixture(autouse=True)
def own_urls(settings):
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def files(tmp_path, settings, monkeypatch):
    """The open files in the folder of temporary files; a garbage collection would close some."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    gc.disable()

    def found():
        links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
        return [link for link in links if str(tmp_path) in str(link.readlink())]

    yield found
    gc.enable()


@pytest.mark.parametrize("how", ["the client leaves", "shutdown"])
async def test_files_are_closed_when_a_request_ends_without_a_response(app, files, how):
    entered, leaves = asyncio.Event(), asyncio.Event()
    client = Client(CHUNK, {"type": "http.request"})

    async def receive():
        if not client.inbox:
            await leaves.wait()
            return {"type": "http.disconnect"}
        return client.inbox.pop(0)

    client.receive = receive
    asking = asyncio.create_task(client.ask(app, **POST, entered=entered))
    async with asyncio.timeout(20):
        await entered.wait()
        assert files()
        leaves.set() if how == "the client leaves" else asking.cancel()
        await asyncio.wait([asking])
    assert files() == []


async def test_files_are_closed_when_the_deadline_passes(app, files):
    client = Client(CHUNK, {"type": "http.request"})
    limited = admission(app, timeout=0.3, max_body_size=2 * SIZE)
    assert await client.ask(limited, **POST, entered=asyncio.Event()) == 504
    assert files() == []


async def test_a_body_that_stops_arriving_leaves_no_file(app, files):
    client = Client(CHUNK)
    asking = asyncio.create_task(client.ask(app, **POST))
    async with asyncio.timeout(20):
        while client.inbox or not files():
            await asyncio.sleep(0.01)
    asking.cancel()
    await asyncio.wait([asking])
    assert files() == []


async def test_a_full_disk_is_a_507_with_one_line(app, files, monkeypatch, caplog):
    class Full(tempfile.SpooledTemporaryFile):
        def write(self, content):
            super().write(content)
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(body.tempfile, "SpooledTemporaryFile", Full)
    client = Client(CHUNK, {"type": "http.request"})
    limited = admission(app, max_body_size=2 * SIZE)
    assert await client.ask(limited, **POST) == 507
    assert client.headers[b"content-type"] == b"application/problem+json"
    said = [(one.levelname, one.exc_info) for one in caplog.records if one.levelno >= logging.WARNING]
    assert said == [("ERROR", None)]
    assert files() == []


async def test_a_full_disk_in_a_view_is_a_507_with_one_line(aclient, caplog):
    response = await aclient.post("/cannot-write")
    assert (response.status_code, response.json()["code"]) == (507, "InsufficientStorage")
    said = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert [(one.levelname, one.exc_info) for one in said] == [("ERROR", None)]
