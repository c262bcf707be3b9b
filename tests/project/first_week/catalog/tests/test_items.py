from rest_framework.test import APITestCase

from catalog.models import Item


class ItemTests(APITestCase):
    def test_create_and_list(self):
        response = self.client.post("/catalog/items/", {"name": "Spade", "price": -1}, format="json")
        self.assertEqual(response.data, {"price": ["too low"]})
        response = self.client.post("/catalog/items/", {"name": "Spade", "price": 5}, format="json")
        self.assertEqual(response.status_code, 201)
        self.assertEqual(str(Item.objects.get()), "Spade")
        self.assertEqual(len(self.client.get("/catalog/items/").json()), 1)

    def test_ping(self):
        self.assertEqual(self.client.get("/catalog/ping/").data, {"ping": "pong"})


async def test_greeting(aclient, async_db):
    response = await aclient.get("/catalog/greeting/", headers={"Accept-Language": "en"})
    assert response.text == "<body>Yes, 0</body>"


async def test_quote(aclient, upstream_mock):
    upstream_mock("quotes").get("random").json({"text": "a", "author": "b"})
    assert (await aclient.get("/catalog/quote/")).json() == {"text": "a"}


async def test_quote_without_upstream(aclient, upstream_mock):
    upstream_mock("quotes").get("random").fail("refused")
    response = await aclient.get("/catalog/quote/")
    assert (response.status_code, response.json()["code"]) == (502, "UpstreamConnectionError")
