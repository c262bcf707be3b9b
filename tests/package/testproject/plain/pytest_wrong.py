"""Tests that break a rule each: `pytest pytest_wrong.py`."""

from asgiref.sync import async_to_sync
from upstreams import Upstream
from urls import quotes


def test_call_without_a_mock():
    async_to_sync(quotes.random)()


def test_unexpected_request(client, upstream_mock):
    client.get("/careful")


def test_unknown_upstream():
    async_to_sync(Upstream("qoutes").get)("random")


def test_mock_of_an_unknown_upstream(upstream_mock):
    upstream_mock("qoutes")
