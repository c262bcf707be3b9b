"""The tests of a team that uses `manage.py test`, with cassettes."""

import os
from contextlib import aclosing

from asgiref.sync import async_to_sync
from django.test import SimpleTestCase
from upstreams import UpstreamConnectionError, UpstreamStatusError
from upstreams.testing import upstream_cassette
from urls import down, rates


class ViewTests(SimpleTestCase):
    @upstream_cassette("rates")
    def test_view(self):
        response = self.client.get("/eur")
        self.assertEqual(response.json(), {"eur": 1.25, "name": "Euro €"})

    @upstream_cassette("rates")
    async def test_async_view(self):
        response = await self.async_client.get("/eur")
        self.assertEqual(response.json()["eur"], 1.25)

    def test_without_a_cassette(self):
        with self.assertRaisesMessage(AssertionError, "rates was called without a mock"):
            async_to_sync(rates.get)("eur")
        from upstreams.testing import complaints

        complaints.take()


@upstream_cassette("rates", remove=["customer"])
class CallTests(SimpleTestCase):
    async def test_request(self):
        params = {"base": os.environ.get("BASE", "eur")}
        body = {"amount": 1, "customer": os.environ.get("CUSTOMER", "x")}
        response = await rates.post("convert", params=params, json=body)
        self.assertEqual(response.json(), {"amount": 1.25})

    async def test_error(self):
        with self.assertRaises(UpstreamStatusError) as caught:
            await rates.get("refused", params={"token": os.environ.get("RATES_TOKEN", "token-of-the-replay")})
        self.assertEqual(caught.exception.response.status_code, 403)

    async def test_chunks(self):
        async with rates.stream("GET", "chunks") as response:
            chunks = [chunk async for chunk in response.aiter_bytes()]
        self.assertEqual(b"".join(chunks), b"onetwo \xffthree")

    async def test_events(self):
        async with aclosing(rates.events("GET", "events")) as events:
            found = [(await anext(events)).data for _ in range(2)]
        self.assertEqual(found, ["1", "2"])

    @upstream_cassette("down")
    async def test_two_upstreams(self):
        await rates.get("eur")
        with self.assertRaises(UpstreamConnectionError):
            await down.get("eur")
