"""Tests that pass: `manage.py test unittest_good`."""

import asyncio
import socket

from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.test import SimpleTestCase, TestCase, override_settings
from upstreams import UpstreamDecodeError, UpstreamStatusError, open_clients
from upstreams.testing import Loopback, complaints, http_response, mock_upstream
from upstreams.testing.mocks import close_portal
from urls import quotes, rates

QUOTE = {"text": "a"}


class WithStatement(SimpleTestCase):
    def test_sync(self):
        with mock_upstream("quotes") as upstream:
            upstream.get("random").json(QUOTE)
            self.assertEqual(self.client.get("/sync").json(), QUOTE)
            self.assertEqual(self.client.get("/async").json(), QUOTE)
        self.assertEqual([request.url.path for request in upstream.requests], ["/v1/random"] * 2)
        self.assertEqual(upstream.events, ["opened", "closed"])

    async def test_async(self):
        with mock_upstream("quotes") as upstream:
            upstream.get("random").json(QUOTE)
            self.assertEqual((await self.async_client.get("/async")).json(), QUOTE)
            self.assertEqual((await self.async_client.get("/sync")).json(), QUOTE)
            self.assertEqual(await quotes.random(), QUOTE)
        self.assertEqual(len(upstream.requests), 3)


class EnterContext(TestCase):
    def setUp(self):
        self.quotes = self.enterContext(mock_upstream("quotes"))
        self.rates = self.enterContext(mock_upstream("rates"))

    def test_each_test_has_its_own_mock(self):
        self.quotes.get("random").json(QUOTE)
        self.assertEqual(self.client.get("/async").json(), QUOTE)
        self.assertEqual(len(self.quotes.requests), 1)

    def test_what_a_test_has_opened_is_not_used_by_the_next(self):
        self.quotes.get("random").json({"text": "b"})
        self.assertEqual(self.client.get("/async").json(), {"text": "b"})
        self.assertEqual(len(self.quotes.requests), 1)

    async def test_several_upstreams_and_the_database(self):
        self.quotes.get("random").json(QUOTE)
        self.rates.get("eur").json(1)
        await User.objects.acreate(username="a")
        self.assertEqual(await quotes.random(), QUOTE)
        self.assertEqual(await rates.get("eur", into=int), 1)

    async def test_in_clients_that_the_test_opens(self):
        self.quotes.get("random").json(QUOTE)
        async with open_clients():
            self.assertEqual(await quotes.random(), QUOTE)
        self.assertEqual(self.quotes.events, ["opened", "closed"])

    def test_everything_above_the_transport_is_real(self):
        self.quotes.get("random").fail("reset_before_first_byte").json(QUOTE)
        self.assertEqual(self.client.get("/async").json(), QUOTE)  # at the second attempt
        self.assertEqual(len(self.quotes.requests), 2)

    def test_errors(self):
        self.quotes.get("random").json({"text": 1}).content("no", 404)
        with self.assertRaises(UpstreamDecodeError):
            async_to_sync(quotes.random)()
        with self.assertRaises(UpstreamStatusError):
            async_to_sync(quotes.random)()

    def test_settings_may_change(self):
        self.quotes.get("random").fail("hang")
        with override_settings(UPSTREAMS={"quotes": {"BASE_URL": "https://b.test", "TIMEOUT": 0.05}}):
            self.assertEqual(self.client.get("/failing").json(), {"error": "UpstreamTimeout"})


class OpenClients(SimpleTestCase):
    async def test_mocks_that_come_and_go_while_clients_are_open(self):
        async with open_clients():
            with mock_upstream("quotes") as first:
                first.get("random").json(QUOTE)
                self.assertEqual(await quotes.random(), QUOTE)
                with mock_upstream("quotes") as second:
                    second.get("random").json({"text": "b"})
                    self.assertEqual(await quotes.random(), {"text": "b"})
                self.assertEqual(await quotes.random(), QUOTE)
            with self.assertRaisesMessage(AssertionError, 'mock_upstream("quotes")'):
                await quotes.random()
            complaints.take()  # or they would fail this test

    def test_in_a_loop_of_its_own(self):
        with mock_upstream("quotes") as upstream:
            upstream.get("random").json(QUOTE)
            self.assertEqual(asyncio.run(quotes.random()), QUOTE)


class Offline(SimpleTestCase):
    async def test_a_call_without_a_mock_is_refused(self):
        with self.assertRaisesMessage(AssertionError, 'ask for mock_upstream("quotes")'):
            await quotes.random()
        complaints.take()  # or they would fail this test

    def test_a_server_of_the_test_is_called(self):
        with Loopback() as server:
            server.on("/random", http_response(QUOTE))
            with override_settings(UPSTREAMS={"quotes": {"BASE_URL": server.url}}):
                self.assertEqual(async_to_sync(quotes.random)(), QUOTE)
                close_portal()

    def test_a_connection_is_refused(self):
        with (
            self.assertRaisesMessage(OSError, "tests may not connect to 192.0.2.1"),
            socket.socket() as connection,
        ):
            connection.connect(("192.0.2.1", 80))


class ClassContext(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream = cls.enterClassContext(mock_upstream("quotes"))
        cls.upstream.get("random").json(QUOTE)

    def test_one(self):
        self.assertEqual(self.client.get("/async").json(), QUOTE)

    def test_two(self):
        self.assertEqual(self.client.get("/sync").json(), QUOTE)
