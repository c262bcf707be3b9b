"""Uploads: too many, abandoned, without room on the disk, or sent on."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from client import Response, raw_request
from namespaces import as_root, small_tmp
from processes import wait_until
from target import Target
from upstreams.testing.loopback import Loopback, http_response

Start = Callable[..., Target]
MEGABYTE = 10**6
REFUSED = {503, 507}
DISK_IS_FULL = "fails: its disk is full, which is a 500"
FIELDS = {"Content-Type": "multipart/form-data; boundary=x"}


def form(size: int) -> bytes:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="name"\r\n\r\n'
    return head + b"x" * size + b"\r\n--x--\r\n"


async def upload(target: Target, size: int) -> Response | None:
    """Return the response, or None where the connection was closed before it could be read."""
    try:
        return await target.ask("/upload", 60, FIELDS, "POST", form(size))
    except (ConnectionError, AssertionError):
        return None


async def all_at_once(target: Target, *sizes: int) -> list[Response]:
    found = await asyncio.gather(*(upload(target, size) for size in sizes))
    return [response for response in found if response is not None]


def is_problem(response: Response) -> bool:
    return response.headers["content-type"] == "application/problem+json"


@pytest.mark.row("F39", "12 bodies of 10 MB at once, 64 MB for temporary files", plain=DISK_IS_FULL)
@as_root
def test_uploads_at_once(start: Start) -> None:
    limits = {"MAX_TOTAL_BODY_SIZE": 24 * MEGABYTE}
    target = start(settings={"UPSTREAMS_LIMITS": limits}, **small_tmp(64))
    *large, small = asyncio.run(all_at_once(target, *[10 * MEGABYTE] * 12, 1000))
    assert small.json() == {"size": 1000}
    assert {response.status for response in large} <= {200, 503}
    assert all(is_problem(response) for response in large if response.status != 200)
    assert wait_until(lambda: open_files(target, "/mnt") == [], 2)
    assert "No space left" not in target.log()


@pytest.mark.row(
    "F40",
    "20 clients leave during the view of their upload",
    plain="fails: its files stay open until Python collects them",
)
def test_abandoned_uploads(start: Start, tmp_path: Path) -> None:
    target = start(env={"TMPDIR": str(tmp_path)})
    head = raw_request(
        "POST",
        "/upload-and-wait",
        {"Host": "target", **FIELDS, "Content-Length": str(len(form(9 * MEGABYTE)))},
    )
    for turn in range(1, 6):
        with ExitStack() as clients:
            for _ in range(4):
                client = clients.enter_context(socket.create_connection(("127.0.0.1", target.port)))
                client.sendall(head + form(9 * MEGABYTE))
            assert wait_until(lambda: target.get("/uploads").json() == {"uploads": 4 * turn}, 20)  # noqa: B023
            assert open_files(target, str(tmp_path))
    assert wait_until(lambda: open_files(target, str(tmp_path)) == [], 2)


def open_files(target: Target, folder: str) -> list[str]:
    links = [link for link in Path(f"/proc/{target.running.process.pid}/fd").iterdir() if link.is_symlink()]
    return [name for name in map(read_link, links) if name.startswith(f"{folder}/") and "/log-" not in name]


def read_link(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:
        return ""  # closed meanwhile


@pytest.mark.row(
    "F44", "an upload of a file that can be read once meets a 503", plain="passes: it does not retry"
)
def test_upload_that_can_be_read_once(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", http_response({}, 503)).on("/x", http_response({"n": "1"}))
    assert start().get("/upload-once").status >= 500
    assert [b"content" in request.body for request in faulty.requests] == [True]


@pytest.mark.row("F50", "no space for temporary files, two workers", plain=DISK_IS_FULL)
@as_root
def test_full_disk(start: Start) -> None:
    target = start(workers=2, **small_tmp(12))
    assert wait_until(lambda: len(target.workers()) == 2, 90)
    before = target.workers()
    found = [response for _ in range(3) for response in asyncio.run(all_at_once(target, *[9 * MEGABYTE] * 4))]
    assert {response.status for response in found} & REFUSED
    assert {response.status for response in found} <= {200, *REFUSED}
    assert all(is_problem(response) for response in found if response.status != 200)
    assert target.workers() == before
    assert asyncio.run(all_at_once(target, 1000))[0].status == 200
    assert "Traceback" not in target.log()


@pytest.mark.row("F55", "JSON of 5 MB, and of 12 MB", plain="fails: Django refuses it without a reason")
@pytest.mark.parametrize("megabytes", [5, 12])
def test_large_json(start: Start, megabytes: int) -> None:
    target = start()
    body = b'["%b"]' % (b"x" * megabytes * MEGABYTE)
    got = asyncio.run(target.ask("/json", 30, {"Content-Type": "application/json"}, "POST", body))
    assert (got.status, is_problem(got)) == ((200, False) if megabytes == 5 else (413, True))
    assert not [word for word in ("Traceback", '"error"', "ERROR") if word in target.log()]
