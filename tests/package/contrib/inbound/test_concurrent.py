"""Two requests with one key at the same time, in one process and in two; and a process that dies with a key."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from testproject.processes import SECONDS
from upstreams.core.httpx import httpx

pytestmark = [pytest.mark.processes, pytest.mark.parametrize("path", ["async", "sync"])]


@pytest.fixture
def post(path):
    """Sends a request in a thread."""
    with ThreadPoolExecutor(4) as threads, httpx.Client(timeout=SECONDS) as client:

        def post(process, headers, **more):
            url = f"{process.url}/repeated/{path}"
            return threads.submit(client.post, url, content=b"{}", headers=headers, **more)

        yield post


def new_key():
    return {"Idempotency-Key": f"k-{uuid.uuid4()}"}


def test_a_second_request_is_refused_while_the_first_one_is_in_progress(service, post, holder):
    # SQLite locks files, not rows: there, another process waits.
    *_, process = processes = service.processes(2 if service.locks_rows else 1)
    key = new_key()
    first = post(processes[0], key | holder.headers)
    with holder.held():
        second = post(process, key).result(SECONDS)
        other = post(process, new_key())
        assert not service.locks_rows or other.result(SECONDS).status_code == 201
    assert (second.status_code, second.headers["retry-after"]) == (409, "1")
    assert (first.result(SECONDS).status_code, other.result(SECONDS).status_code) == (201, 201)
    third = post(process, key).result(SECONDS)
    assert (third.status_code, third.headers["idempotent-replayed"]) == (201, "true")
    assert service.effects()[key["Idempotency-Key"]] == 1


def test_a_process_that_dies_leaves_its_key_to_the_next_request(service, post, holder):
    dies, lives = service.processes(2)
    key = new_key()
    first = post(dies, key | holder.headers)
    with holder.held():
        dies.kill()
        dies.wait(SECONDS)
    assert isinstance(first.exception(SECONDS), httpx.TransportError)
    second = first_not_409(post, lives, key)  # until PostgreSQL has seen that the connection has ended
    assert second.status_code == 201
    assert "idempotent-replayed" not in second.headers
    assert service.effects()[key["Idempotency-Key"]] == 1


def test_a_client_that_leaves_and_comes_back_has_one_effect(service, post, holder):
    (process,) = service.processes(1)
    key = new_key()
    first = post(process, key | holder.headers, timeout=httpx.Timeout(SECONDS, read=0.2))
    with holder.held():
        assert isinstance(first.exception(SECONDS), httpx.ReadTimeout)
    assert first_not_409(post, process, key).status_code == 201
    assert service.effects()[key["Idempotency-Key"]] == 1


def first_not_409(post, process, key):
    ends = time.monotonic() + SECONDS
    while (response := post(process, key).result(SECONDS)).status_code == 409:
        assert time.monotonic() < ends
    return response
