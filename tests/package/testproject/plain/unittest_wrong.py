"""Tests that break a rule each: `manage.py test unittest_wrong`."""

import socket

from django.test import SimpleTestCase
from upstreams import Upstream
from upstreams.testing import mock_upstream
from urls import quotes, rates


class Wrong(SimpleTestCase):
    async def test_unexpected_request(self):
        with mock_upstream("quotes"):
            await quotes.random()

    def test_unexpected_request_that_a_view_catches(self):
        self.enterContext(mock_upstream("quotes"))
        self.client.get("/careful")

    async def test_call_without_a_mock(self):
        await quotes.random()

    async def test_call_beside_a_mock(self):
        with mock_upstream("quotes"):
            await rates.get("eur")

    async def test_unknown_upstream(self):
        await Upstream("qoutes").get("random")

    async def test_mock_of_an_unknown_upstream(self):
        with mock_upstream("qoutes"):
            pass


class Connections(SimpleTestCase):
    def test_connection(self):
        with socket.socket() as connection:
            connection.connect(("192.0.2.1", 80))

    def test_lookup(self):
        socket.getaddrinfo("example.com", 80)
