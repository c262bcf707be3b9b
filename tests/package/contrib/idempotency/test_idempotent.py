"""Requests that a client repeats under one key: the view runs once, and the response is the first one."""

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone
from upstreams.contrib.idempotency.models import IdempotencyKey
from upstreams.tasks.prune import prune

from contrib.idempotency.conftest import KEY, made


@pytest.fixture(params=["async", "sync"])
def send(request, async_db, aclient):
    async def send(does=None, headers=KEY, method="POST", path="ada", **more):
        json = {} if does is None else {"does": does}
        return await aclient.request(method, f"/{request.param}/{path}", json=json, headers=headers, **more)

    return send


async def test_a_repeated_request_gets_the_stored_response(send):
    first, second = await send(), await send()
    assert (first.status_code, second.status_code, await made()) == (201, 201, 1)
    assert second.content == first.content
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    for name in ("content-type", "content-length", "location", "x-a"):
        assert second.headers[name] == first.headers[name]
    assert "set-cookie" in first.headers
    assert "set-cookie" not in second.headers


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k-2"}], ids=["no key", "another key"])
async def test_other_requests_run_the_view(send, headers):
    await send()
    assert (await send(headers=headers)).status_code == 201
    assert await made() == 2


async def test_quotes_belong_to_no_key(send):
    await send()
    assert (await send(headers={"Idempotency-Key": '"k-1"'})).headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize(
    "other",
    [{"does": 200}, {"method": "PATCH"}, {"path": "tim"}, {"params": {"a": "b"}}],
    ids=["body", "method", "path", "query"],
)
async def test_a_key_of_another_request_is_a_422(send, other):
    await send()
    response = await send(**other)
    assert (response.status_code, await made()) == (422, 1)
    assert response.json()["detail"].startswith(
        "Idempotency-Key: was sent before with another method, path or body"
    )
    assert (await send()).headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize("status", [200, 302, 400, 403, 404, 422])
async def test_a_refusal_is_stored_like_a_success(send, status):
    first, second = await send(status), await send(status)
    assert (first.status_code, second.status_code, await made()) == (status, status, 1)
    assert (second.content, second.headers["idempotent-replayed"]) == (first.content, "true")


@pytest.mark.parametrize("status", [401, 408, 409, 423, 425, 429, 500, 503])
async def test_what_asks_to_try_again_is_rolled_back(send, status):
    assert ((await send(status)).status_code, await made()) == (status, 0)
    assert ((await send(status)).status_code, await made()) == (status, 0)
    assert ((await send()).status_code, await made()) == (201, 1)


async def test_what_raises_is_rolled_back(send):
    assert ((await send("raise")).status_code, await made()) == (500, 0)
    assert ((await send()).status_code, await made()) == (201, 1)


@pytest.mark.parametrize(
    ("does", "message"),
    [
        ("stream", "@idempotent: a StreamingHttpResponse cannot be stored; return an HttpResponse"),
        ("nothing", "@idempotent: a NoneType cannot be stored; return an HttpResponse"),
        (
            "large",
            "@idempotent: a response of 2000 bytes is larger than MAX_RESPONSE_SIZE of UPSTREAMS_IDEMPOTENCY",
        ),
    ],
)
async def test_what_cannot_be_stored_is_an_error_that_changes_nothing(send, settings, caplog, does, message):
    settings.UPSTREAMS_IDEMPOTENCY = {"MAX_RESPONSE_SIZE": 1999}
    assert ((await send(does)).status_code, await made()) == (500, 0)
    assert message in caplog.text


async def test_a_template_is_rendered_once(send):
    first, second = await send("template"), await send("template")
    assert (second.content, second.headers["idempotent-replayed"]) == (first.content, "true")
    assert first.content


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_methods_that_are_idempotent_by_themselves_pass(send, method):
    await send(method=method)
    await send(method=method)
    assert (await made(), await IdempotencyKey.objects.acount()) == (2, 0)


@pytest.mark.parametrize("key", ["", "a b", "a,b", "a" * 256])
async def test_what_is_no_key_is_a_400(send, key):
    response = await send(headers={"Idempotency-Key": key})
    assert (response.status_code, await made()) == (400, 0)
    assert response.json()["detail"].startswith("Idempotency-Key: must be one key of 1 to 255 visible ASCII")


@pytest.mark.usefixtures("async_db")
async def test_a_key_may_be_required(aclient):
    response = await aclient.post("/strict", json={})
    assert (response.status_code, response.headers["content-type"]) == (400, "application/problem+json")
    assert response.json()["detail"].startswith("Idempotency-Key: is missing; must be one key")
    assert (await aclient.post("/strict", json={}, headers=KEY)).status_code == 201


async def test_a_key_expires(send, settings):
    await send()
    await IdempotencyKey.objects.aupdate(expires=timezone.now() - timedelta(seconds=1))
    assert (await send(200)).status_code == 200  # another body: it is a new key
    assert (await send(200)).headers["idempotent-replayed"] == "true"
    assert await made() == 2
    await sync_to_async(prune.func)()
    assert await IdempotencyKey.objects.acount() == 1
    await IdempotencyKey.objects.aupdate(expires=timezone.now() - timedelta(seconds=1))
    await sync_to_async(prune.func)()
    assert await IdempotencyKey.objects.acount() == 0


async def test_a_row_that_a_dead_process_left_is_taken_over(send):
    await send("raise")  # as if it had died there
    assert [row.status async for row in IdempotencyKey.objects.all()] == [None]
    assert (await send()).status_code == 201


async def test_the_time_until_a_key_expires_is_a_setting(send, settings):
    settings.UPSTREAMS_IDEMPOTENCY = {"EXPIRY": 60}
    await send()
    (row,) = [row async for row in IdempotencyKey.objects.all()]
    assert timedelta(0) < row.expires - timezone.now() <= timedelta(seconds=60)
