"""Tests that break a rule each: `pytest pytest_wrong.py`."""

from asgiref.sync import async_to_sync
from django.test import SimpleTestCase
from upstreams import Upstream
from urls import quotes


def test_call_without_a_mock():
    async_to_sync(quotes.random)()


def test_call_that_a_view_catches(client):
    assert client.get("/careful").status_code == 418


def test_call_with_the_client(client):
    client.get("/async")


def test_unexpected_request(client, upstream_mock):
    upstream_mock("quotes")
    client.get("/careful")


def test_other_routes(client, upstream_mock):
    upstream_mock("quotes").get("randm").json({})
    upstream_mock("quotes").post("likes").json({})
    client.get("/careful")


class Wrong(SimpleTestCase):
    def test_call_that_a_view_catches(self):
        self.client.get("/careful")


def test_unknown_upstream():
    async_to_sync(Upstream("qoutes").get)("random")


def test_mock_of_an_unknown_upstream(upstream_mock):
    upstream_mock("qoutes")
