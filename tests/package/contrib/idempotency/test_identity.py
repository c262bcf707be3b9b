"""Whose key it is: keys of two clients never meet, however a client is known."""

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from testproject.favourites.models import Favourite
from upstreams.contrib.idempotency.models import IdempotencyKey
from upstreams.contrib.tokens import tokens

from contrib.idempotency.conftest import KEY, made


async def test_keys_of_two_users_never_meet(aclient, bearer):
    tim = await User.objects.acreate_user("tim")
    others = {"Authorization": f"Bearer {await sync_to_async(tokens.create)(tim, 'a test')}"}
    renewed = {"Authorization": f"Bearer {await sync_to_async(tokens.create)(tim, 'a newer one')}"}
    responses = [
        await aclient.post("/own", json={}, headers=KEY | who) for who in (bearer, others, bearer, renewed)
    ]
    assert [response.headers.get("idempotent-replayed") for response in responses] == [
        None,
        None,
        "true",
        "true",
    ]
    assert responses[3].content == responses[1].content != responses[0].content
    assert [row.author async for row in Favourite.objects.order_by("pk")] == ["ada", "tim"]


async def test_users_of_a_session_are_told_apart(aclient, async_db):
    aclient.cookies = {}
    for name in ("ada", "tim"):
        user = await User.objects.acreate_user(name)
        aclient.cookies["sessionid"] = await sync_to_async(session_of)(user)
        for path in ("/async/ada", "/sync/ada"):
            assert "idempotent-replayed" not in (await aclient.post(path, json={}, headers=KEY)).headers
            assert "idempotent-replayed" in (await aclient.post(path, json={}, headers=KEY)).headers


def session_of(user):
    from django.test import Client

    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


@pytest.mark.parametrize("path", ["/misplaced", "/misplaced-sync"])
async def test_a_view_that_authenticates_inside_is_named(aclient, bearer, caplog, path):
    assert (await aclient.post(path, json={}, headers=KEY | bearer)).status_code == 500
    name = path.strip("/").replace("-", "_")
    assert f"@idempotent: contrib.idempotency.repeated.{name} authenticates its client itself" in caplog.text
    assert await made() == 0


@pytest.mark.usefixtures("async_db")
async def test_an_identity_of_ones_own(aclient):
    first, other, again = [
        await aclient.post("/tenant", json={}, headers=KEY | {"X-Tenant": tenant})
        for tenant in ("a", "b", "a")
    ]
    assert first.content == again.content != other.content


@pytest.mark.usefixtures("async_db")
async def test_clients_of_another_authorization_are_told_apart(aclient):
    for who in ("Basic YTpi", "Basic YzpkCg=="):
        response = await aclient.post("/async/ada", json={}, headers=KEY | {"Authorization": who})
        assert "idempotent-replayed" not in response.headers


@pytest.mark.usefixtures("async_db")
async def test_a_class_of_views_is_decorated_in_the_urlconf(aclient):
    first, second = [await aclient.post("/class", json={}, headers=KEY) for _ in range(2)]
    assert (second.content, await made()) == (first.content, 1)


@pytest.mark.usefixtures("async_db")
async def test_the_row_knows_neither_key_nor_client(aclient, bearer):
    await aclient.post("/own", json={}, headers={"Idempotency-Key": "k-secret"} | bearer)
    (row,) = [row async for row in IdempotencyKey.objects.values()]
    assert "k-secret" not in str(row)


@pytest.mark.usefixtures("async_db")
async def test_a_form_whose_token_was_looked_for_in_it(aclient, caplog):
    forms = {"urlencoded": {"data": {"a": "b"}}, "multipart": {"data": {"a": "b"}, "files": {"c": b"d"}}}
    token = "a" * 32
    aclient.cookies["csrftoken"] = token
    responses = {}
    for kind, form in forms.items():
        form["data"] |= {"csrfmiddlewaretoken": token}
        responses[kind] = (await aclient.post("/form", headers={"Idempotency-Key": kind}, **form)).status_code
    assert responses == {"urlencoded": 200, "multipart": 500}
    assert "@idempotent: the body was read as a form before the view" in caplog.text


async def test_an_operation_of_ninja_is_repeated(aclient, bearer, settings):
    settings.ROOT_URLCONF = "contrib.idempotency.operations"
    first, second = [await aclient.post("/own", headers=KEY | bearer) for _ in range(2)]
    assert (first.status_code, second.content, await made()) == (200, first.content, 1)
    assert second.headers["idempotent-replayed"] == "true"
    for _ in range(2):
        assert (await aclient.post("/own", headers=KEY)).status_code == 401
