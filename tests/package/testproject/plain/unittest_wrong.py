"""Tests that break a rule each: `manage.py test unittest_wrong`."""

import socket
import urllib.request

from django.test import LiveServerTestCase, SimpleTestCase
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

    def test_other_routes(self):
        mock = self.enterContext(mock_upstream("quotes"))
        mock.get("randm").json({})
        mock.post("likes").json({})
        self.client.get("/careful")

    def test_call_that_a_view_catches(self):
        self.assertEqual(self.client.get("/careful").status_code, 418)

    async def test_call_of_a_development_server(self):
        await Upstream("local").get("one")

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


class WrongLive(LiveServerTestCase):
    def test_call_in_a_live_server(self):
        urllib.request.urlopen(f"{self.live_server_url}/async").read()


class Connections(SimpleTestCase):
    def test_connection(self):
        with socket.socket() as connection:
            connection.connect(("192.0.2.1", 80))

    def test_lookup(self):
        socket.getaddrinfo("example.com", 80)
