# example: quotes
"""What this service responds with, through its lifespan and every layer."""

import json

import pytest

from api.models import Favourite

NEWTON = {"text": "What we know is a drop.", "author": "Isaac Newton"}


async def test_a_quote_comes_from_the_upstream(aclient, upstream_mock):
    upstream_mock("quotes").get("random").json(NEWTON)
    response = await aclient.get("/v1/quotes/random")
    assert response.json() == NEWTON


async def test_three_quotes_are_three_calls(aclient, upstream_mock):
    upstream_mock("quotes").get("random").json(NEWTON)
    response = await aclient.get("/v1/quotes/three")
    assert response.json() == {"quotes": [NEWTON] * 3}
    assert len(upstream_mock("quotes").requests) == 3


async def test_a_sync_view_calls_the_same_upstream(aclient, upstream_mock):
    upstream_mock("quotes").get("authors/Isaac%20Newton").json([NEWTON])
    response = await aclient.get("/v1/quotes/by/Isaac Newton")
    assert response.json() == {"quotes": [NEWTON]}


@pytest.mark.parametrize("path", ["random", "three", "export"])
async def test_head_is_get_without_content(aclient, upstream_mock, path):
    upstream_mock("quotes").get("random").json(NEWTON)
    upstream_mock("quotes").get("export").content(b"{}")
    response = await aclient.head(f"/v1/quotes/{path}")
    assert (response.status_code, response.content) == (200, b"")


async def test_options_names_the_methods(aclient):
    response = await aclient.options("/v1/favourites")
    assert (response.status_code, response.headers["allow"]) == (200, "GET, HEAD, OPTIONS, POST")


async def test_an_author_called_dots_is_refused(aclient):
    response = await aclient.get("/v1/quotes/by/%2e%2e")
    assert response.status_code == 400


async def test_a_stream_is_passed_on(aclient, upstream_mock):
    upstream_mock("quotes").get("export").content(b"{}")
    response = await aclient.get("/v1/quotes/export")
    assert response.content == b"{}"


async def test_a_stream_that_does_not_begin_is_a_problem(aclient, upstream_mock):
    upstream_mock("quotes").get("export").fail("refused")
    response = await aclient.get("/v1/quotes/export")
    assert (response.status_code, response.json()["code"]) == (502, "UpstreamConnectionError")


async def test_a_favourite_is_written_and_read(aclient, bearer):
    created = await aclient.post("/v1/favourites", json=NEWTON, headers=bearer)
    listed = await aclient.get("/v1/favourites")
    assert created.status_code == 201
    assert listed.json() == {"favourites": [created.json()], "next": None}


async def test_a_client_without_a_token_adds_no_favourite(aclient, async_db):
    refused = await aclient.post("/v1/favourites", json=NEWTON)
    listed = await aclient.get("/v1/favourites")
    assert (refused.status_code, listed.json()["favourites"]) == (401, [])


async def test_a_new_favourite_is_announced_with_a_key_of_its_own(aclient, upstream_mock, bearer, tasks):
    upstream_mock("quotes").post("likes").json({})
    await aclient.post("/v1/favourites", json=NEWTON, headers=bearer)
    key = tasks.enqueued[0].id
    await tasks.run()
    (request,) = upstream_mock("quotes").requests
    assert (request.headers["Idempotency-Key"], json.loads(request.content)) == (key, NEWTON)


async def test_a_favourite_that_is_gone_is_not_announced(aclient, upstream_mock, bearer, tasks):
    await aclient.post("/v1/favourites", json=NEWTON, headers=bearer)
    await Favourite.objects.all().adelete()
    await tasks.run()
    assert upstream_mock("quotes").requests == []


async def test_a_favourite_of_one_test_is_not_there_in_the_next(async_db):
    assert await Favourite.objects.acount() == 0


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (b"{", "the body"),
        (b'{"text": "a"}', "author"),
        (b'{"text": "\\u0000", "author": "a"}', "text"),
        (b'{"text": "a", "author": "a", "id": 1}', "id"),
    ],
)
async def test_a_bad_body_is_a_400_that_says_where(aclient, bearer, body, part):
    response = await aclient.post("/v1/favourites", content=body, headers=bearer)
    assert (response.status_code, response.json()["detail"].partition(": ")[0]) == (400, part)


@pytest.fixture
async def many(async_db):
    """Five favourites, by number, and how to add one."""

    async def add(number):
        await Favourite.objects.acreate(text=str(number), author="Isaac Newton")

    for number in range(5):
        await add(number)
    return add


async def texts(aclient, path):
    page = (await aclient.get(path)).json()
    return [favourite["text"] for favourite in page["favourites"]], page["next"]


@pytest.mark.usefixtures("many")
async def test_a_list_ends_with_the_path_of_its_next_page(aclient):
    first, following = await texts(aclient, "/v1/favourites?limit=2&unknown=kept")
    second, after_that = await texts(aclient, following)
    third, end = await texts(aclient, after_that)
    assert (first, second, third, end) == (["4", "3"], ["2", "1"], ["0"], None)
    assert following.startswith("/v1/favourites?limit=2&unknown=kept&before=")


async def test_pages_stay_as_they_are_while_favourites_come_and_go(aclient, many):
    _, following = await texts(aclient, "/v1/favourites?limit=2")
    await many(5)
    await Favourite.objects.filter(text="3").adelete()
    assert (await texts(aclient, following))[0] == ["2", "1"]


@pytest.mark.usefixtures("many")
async def test_a_full_page_that_is_the_last_one_has_none_after_it(aclient):
    assert (await texts(aclient, "/v1/favourites?limit=5"))[1] is None


@pytest.mark.usefixtures("many")
async def test_a_page_may_begin_anywhere(aclient):
    everything = ["4", "3", "2", "1", "0"]
    assert await texts(aclient, f"/v1/favourites?before={10**30}") == (everything, None)
    assert await texts(aclient, "/v1/favourites?before=1") == ([], None)


@pytest.mark.parametrize(
    ("query", "part"), [("limit=0", "limit"), ("limit=101", "limit"), ("before=%00", "before")]
)
async def test_a_bad_query_is_a_400_that_says_where(aclient, query, part):
    response = await aclient.get(f"/v1/favourites?{query}")
    assert (response.status_code, response.json()["detail"].partition(": ")[0]) == (400, part)


async def test_a_model_method_calls_the_upstream(aclient, upstream_mock, async_db):
    favourite = await Favourite.objects.acreate(**NEWTON)
    upstream_mock("quotes").get("authors/Isaac%20Newton").json([NEWTON])
    response = await aclient.get(f"/v1/favourites/{favourite.pk}/others")
    assert response.json() == {"quotes": [NEWTON]}
    assert str(favourite) == "Isaac Newton: What we know is a drop."


@pytest.mark.parametrize("path", ["random", "three", "export"])
async def test_an_async_view_takes_no_thread(aclient, upstream_mock, thread_switches, path):
    upstream_mock("quotes").get("random").json(NEWTON)
    upstream_mock("quotes").get("export").content(b"{}")
    response = await aclient.get(f"/v1/quotes/{path}")
    assert (response.status_code, thread_switches) == (200, [])


async def test_a_missing_token_takes_no_thread_either(aclient, thread_switches):
    response = await aclient.post("/v1/favourites", json=NEWTON)
    assert (response.status_code, thread_switches) == (401, [])
