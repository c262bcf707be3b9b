"""What an operation of django-ninja refuses: cheaply, and with the first fault named."""

import json
import tracemalloc

import pytest
from django.http import HttpRequest
from django.urls import path
from ninja import Form, Schema
from upstreams.contrib.ninja import api as ninja_api
from upstreams.contrib.ninja.api import Api
from upstreams.contrib.ninja.parser import Json, has_more_values
from upstreams.core.validation import MAX_NAME


class Order(Schema, extra="forbid"):
    words: list[int]


class Named(Schema, extra="forbid"):
    name: str


api = Api(title="refuses", version="1", urls_namespace="refuses", parser=Json(max_values=10_000))


@api.post("orders")
async def orders(request: HttpRequest, order: Order) -> int:
    return len(order.words)


@api.post("two")
async def two(request: HttpRequest, order: Order, named: Named) -> int:
    return 2


@api.post("form")
async def form(request: HttpRequest, named: Form[Named]) -> str:
    return named.name


urlpatterns = [path("", api.urls)]


@pytest.fixture(autouse=True)
def urls(settings):
    settings.ROOT_URLCONF = __name__


def unknown(number):
    return {f"key{n}": n for n in range(number)}


FAULTS = [
    ("/orders", {"words": ["a"] * 200}, "words.0: Input should be a valid integer, unable to parse"),
    ("/orders", {"words": [], **unknown(200)}, "key0: Extra inputs are not permitted"),
    ("/two", {"order": {"words": []}, "named": unknown(200)}, "name: Field required"),
    ("/orders", {"words": [], "k" * 1000: 1}, f"{'k' * MAX_NAME}…: Extra inputs are not permitted"),
]


@pytest.mark.parametrize("listed", [ninja_api.MAX_FAULTS, 1000])
@pytest.mark.parametrize(("where", "body", "detail"), FAULTS)
async def test_of_many_faults_the_first_is_named(aclient, monkeypatch, listed, where, body, detail):
    monkeypatch.setattr(ninja_api, "MAX_FAULTS", listed)
    response = await aclient.post(where, json=body)
    assert (response.status_code, response.json()["detail"][: len(detail)]) == (400, detail)


async def test_a_byte_order_mark_is_ignored(aclient):
    response = await aclient.post("/orders", content=b'\xef\xbb\xbf{"words": [1]}')
    assert (response.status_code, response.json()) == (200, 1)


async def test_of_many_faults_of_a_form_the_first_is_named(aclient):
    response = await aclient.post("/form", data=unknown(200))
    assert (response.status_code, response.json()["detail"]) == (400, "name: Field required")


async def test_many_faults_take_little_memory(aclient):
    content = json.dumps(unknown(9_000)).encode()
    await aclient.post("/orders", content=content)
    tracemalloc.start()
    try:
        await aclient.post("/orders", content=content)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 4e6  # the body, its object and its text; 8 MB where each fault is listed


async def test_a_body_with_more_values_is_not_parsed(aclient, monkeypatch):
    monkeypatch.setattr("upstreams.contrib.ninja.parser.from_json", None)
    response = await aclient.post("/orders", json=unknown(10_001))
    detail = "the body: more than 10000 values; send fewer in a request"
    assert (response.status_code, response.json()["detail"]) == (400, detail)


JSONS = [
    [1] * 4,
    [[1], [2]],
    dict.fromkeys("abcd", ""),
    ["a,[{,b"] * 4,
    ['a\\",[{"'] * 4,
    ["\\"] * 4,
    {"a": {"b": {"c": {"d": ","}}}},
    {'"': ["\\\\", '\\"', "é,"]},
]


@pytest.mark.parametrize("limit", [3, 4, 5])
@pytest.mark.parametrize("value", JSONS, ids=str)
def test_values_are_counted(value, limit):
    assert has_more_values(json.dumps(value).encode(), limit) == (limit < 4)
