"""A cache in the memory of a process, and one in Redis that all processes share: who gets whose response."""

import time

import pytest
from testproject.quotes import quotes
from upstreams import open_clients
from upstreams.core.metrics import CACHED

FRESH = {"cache-control": "public, max-age=60"}


def numbered(upstream_mock, headers, number=4):
    route = upstream_mock("quotes").get("random")
    for n in range(1, number + 1):
        route.content(str(n), headers=headers)


async def texts(*calls):
    """The text that each of these calls gets: keyword arguments, or an upstream bound to a tenant."""
    found = []
    for one in calls:
        response = await (quotes.get("random", **one) if isinstance(one, dict) else one.get("random"))
        found.append(response.text)
    return found


KINDS = {
    "authorization": lambda who: {"headers": {"Authorization": f"Bearer {who}"}},
    "cookie": lambda who: {"headers": {"Cookie": f"session={who}"}},
    "own header": lambda who: {"headers": {"X-Api-Key": who}},
    "query": lambda who: {"params": {"api_key": who}},
    "tenant": lambda who: quotes.using(auth={"BEARER": who}),
    "tenant's header": lambda who: quotes.using(headers={"X-Tenant": who}),
    "nobody": lambda who: {},
}
CONTROLS = [
    "public, max-age=60",
    "s-maxage=60",
    "max-age=60, must-revalidate",
    "max-age=60",
    "private, max-age=60",
]
CONTROLS += ["no-store", "public, no-store, max-age=60", "public, max-age=0", "no-cache", ""]
KEPT = CONTROLS[:3]
"""Those that allow a shared cache to keep the response to a credential (RFC 9111 §3.5)."""


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize("kind", KINDS)
async def test_whose_response_is_returned_to_whom(upstream_mock, keep, kind, control):
    numbered(upstream_mock, {"cache-control": control} if control else {})
    keep(quotes={})
    alice, bob = KINDS[kind]("alice"), KINDS[kind]("bob")
    async with open_clients():
        found = await texts(alice, bob, alice)
    if kind == "nobody":
        assert found == (["1"] * 3 if control in [*KEPT, "max-age=60"] else ["1", "2", "3"])
    else:
        is_kept = control in KEPT or (kind == "query" and control == "max-age=60")  # a URL is no credential
        assert found == (["1", "2", "1"] if is_kept else ["1", "2", "3"])


@pytest.mark.parametrize("kind", KINDS)
async def test_what_sets_a_cookie_is_returned_to_one(upstream_mock, keep, kind):
    numbered(upstream_mock, FRESH | {"set-cookie": "session=alice"})
    keep(quotes={})
    call = KINDS[kind]("alice")
    async with open_clients():
        assert await texts(call, call) == ["1", "2"]


@pytest.mark.parametrize("name", ["Accept-Language", "Cookie", "X-Request-ID", "*"])
async def test_what_varies_is_returned_for_the_same_headers(upstream_mock, keep, name):
    numbered(upstream_mock, FRESH | {"vary": name})
    keep(quotes={})
    header = "X-Other" if name == "*" else name
    async with open_clients():
        found = await texts(*({"headers": {header: value}} for value in ("a", "b")))
        again = await texts({"headers": {header: "b"}})
    assert found == ["1", "2"]
    assert again == (["3"] if name == "*" else ["2"])


@pytest.mark.parametrize("keys", [{"AUTH": {"BEARER": "a"}}, {"HEADERS": {"X-Api-Key": "a"}}], ids=str)
async def test_a_credential_of_the_settings_counts(upstream_mock, keep, keys):
    numbered(upstream_mock, {"cache-control": "max-age=60"})
    keep(quotes=keys)
    async with open_clients():
        assert await texts({}, {}) == ["1", "2"]


async def test_a_response_without_a_date_does_not_stay_fresh_forever(upstream_mock, keep, monkeypatch):
    numbered(upstream_mock, FRESH)
    keep(quotes={})
    async with open_clients():
        assert await texts({}, {}) == ["1", "1"]
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + 61)
        assert await texts({}) == ["2"]


async def test_the_response_and_the_metrics_say_where_it_comes_from(upstream_mock, keep):
    numbered(upstream_mock, FRESH)
    keep(quotes={})
    hits = CACHED.labels("quotes", "hit")._value
    before = hits.get()
    async with open_clients():
        found = [(await quotes.get("random")).extensions["cache"] for _ in range(3)]
    assert (found, hits.get() - before) == (["miss", "hit", "hit"], 2)


async def test_a_write_is_seen_by_reads(upstream_mock, keep):
    numbered(upstream_mock, FRESH)
    upstream_mock("quotes").post("random").content("")
    keep(quotes={})
    async with open_clients():
        assert await texts({}, {}) == ["1", "1"]
        await quotes.post("random")
        assert await texts({}, {}) == ["2", "2"]
