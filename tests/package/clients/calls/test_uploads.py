"""Uploads: what is sent, and whether it may be sent again."""

import asyncio
import gzip
import io
import os
import tempfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from testproject.quotes import quotes
from upstreams import UpstreamStatusError
from upstreams.testing.loopback import http_response

pytestmark = [pytest.mark.usefixtures("lifespan", "way"), pytest.mark.upstreams(quotes={"BACKOFF": 0.001})]

BUSY, OK = http_response({}, 503), http_response({})
TOKEN = http_response({"access_token": "t"})
BODY = bytes(range(256)) * 1000


class ReadOnce:
    """A file of somebody's own, without seek and tell."""

    def __init__(self, body):
        self._body = io.BytesIO(body)

    def read(self, size=-1):
        return self._body.read(size)


class Refuses(io.BytesIO):
    """Has seek and tell, which fail, as those of a pipe do."""

    def seekable(self):
        return False

    def seek(self, *_):
        raise io.UnsupportedOperation

    tell = seek


class Fails(ReadOnce):
    """Has seek and tell, but no `seekable`."""

    def seek(self, *_):
        raise OSError

    tell = seek


def pipe(body):
    """The end of a pipe; its size in the file system is 0."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as file:
        file.write(body)
    return os.fdopen(reading, "rb")


def on_disk(body):
    file = tempfile.TemporaryFile()  # noqa: SIM115 - `upload` closes it
    file.write(body)
    file.seek(0)
    return file


def compressed(body):
    return gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(body)))


def uploaded(body):
    return SimpleUploadedFile("a.bin", body)


ONCE = [ReadOnce, Refuses, Fails, pipe]
OFTEN = [io.BytesIO, on_disk, compressed, uploaded]


def small(kind):
    return BODY[:5000] if kind is pipe else BODY  # a pipe takes 64 KB


def file_in(request):
    """The content of the form's only file."""
    return request.body.split(b"\r\n\r\n", 1)[1].rsplit(b"\r\n--", 1)[0]


async def upload(method, file, **more):
    keyed = {"Idempotency-Key": "k"} if method == "POST" else {}
    try:
        return await quotes.request(method, "files", files={"f": ("x", file)}, headers=keyed, **more)
    finally:
        if hasattr(file, "close"):
            file.close()


@pytest.mark.parametrize("kind", ONCE)
@pytest.mark.parametrize("method", ["PUT", "POST"])
async def test_a_file_that_can_be_read_once_is_sent_once(loopback, kind, method):
    loopback.on("/files", BUSY).on("/files", OK)
    body = small(kind)
    with pytest.raises(UpstreamStatusError, match="503"):
        await upload(method, kind(body))
    assert [file_in(request) for request in loopback.requests] == [body]


@pytest.mark.parametrize("kind", OFTEN)
@pytest.mark.parametrize("start", [0, 7])
async def test_a_file_that_can_seek_is_sent_again_from_where_it_stood(loopback, kind, start):
    loopback.on("/files", BUSY).on("/files", OK)
    file = kind(BODY)
    file.seek(start)
    await upload("PUT", file)
    assert [file_in(request) for request in loopback.requests] == [BODY[start:]] * 2
    assert loopback.requests[0].body == loopback.requests[1].body


async def test_one_file_among_others_decides(loopback):
    loopback.on("/files", BUSY).on("/files", OK)
    files = [("a", ("a", b"bytes")), ("b", io.BytesIO(b"seekable")), ("c", ReadOnce(b"once"))]
    with pytest.raises(UpstreamStatusError):
        await quotes.put("files", data={"name": "x"}, files=files)
    (request,) = loopback.requests
    assert all(part in request.body for part in (b"bytes", b"seekable", b"once"))


async def test_bytes_in_a_form_are_sent_again(loopback):
    loopback.on("/files", BUSY).on("/files", OK)
    await upload("PUT", b"bytes", data={"name": "x"})
    first, second = loopback.requests
    assert first.body == second.body
    assert b"bytes" in first.body


@pytest.mark.parametrize(("kind", "times"), [(io.BytesIO, 2), (ReadOnce, 1)])
async def test_a_refused_token_sends_again_what_can_be_sent_again(loopback, define, kind, times):
    oauth2 = {"TOKEN_URL": f"{loopback.url}/token", "CLIENT_ID": "u", "CLIENT_SECRET": "s"}
    define(quotes={"AUTH": {"OAUTH2": oauth2}})
    loopback.on("/token", TOKEN)
    loopback.on("/files", http_response({}, 401)).on("/files", OK)
    await asyncio.gather(upload("POST", kind(BODY)), return_exceptions=True)
    sent = [file_in(request) for request in loopback.requests if request.target == "/files"]
    assert sent == [BODY] * times
