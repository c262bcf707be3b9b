from io import StringIO

from channels.layers import get_channel_layer
from django.core import mail
from django.core.management import call_command
from django.test import TestCase

from depot.models import Box
from users.models import User


class DepotTests(TestCase):
    def test_filter(self):
        Box.objects.create(label="light", weight=1)
        Box.objects.create(label="heavy", weight=9)
        response = self.client.get("/depot/list/?lighter_than=5")
        self.assertContains(response, "light")
        self.assertNotContains(response, "heavy")

    def test_history(self):
        self.client.force_login(User.objects.create_superuser("root"))
        self.client.post("/admin/depot/box/add/", {"label": "new", "weight": 1})
        self.assertEqual(Box.objects.get().history.get().history_user.username, "root")

    def test_extensions(self):
        out = StringIO()
        call_command("show_urls", stdout=out)
        self.assertIn("/depot/list/", out.getvalue())

    def test_htmx(self):
        self.assertContains(self.client.get("/depot/panel/"), "Boxes", status_code=422)
        response = self.client.get("/depot/panel/", headers={"HX-Request": "true"})
        self.assertEqual(response.content, b"<p>Enter a number.</p>\n")

    def test_sign_up(self):
        data = {
            "email": "bob@example.com",
            "username": "bob",
            "password1": "dr7ghZZ3",
            "password2": "dr7ghZZ3",
        }
        response = self.client.post("/accounts/signup/", data)
        self.assertRedirects(response, "/depot/list/")
        self.assertIn("confirm", mail.outbox[0].body)


async def test_async_views(aclient, async_db):
    await Box.objects.acreate(label="first", weight=4)
    assert (await aclient.get("/depot/weight/")).json() == {"weight": 4}
    assert (await aclient.get("/depot/boxes/")).json() == [{"id": 1, "label": "first", "weight": 4}]
    assert (await aclient.post("/depot/boxes/", json={"label": "second"})).status_code == 403


async def test_announce(aclient):
    layer = get_channel_layer()
    await layer.group_add("news", "specific.test")
    assert (await aclient.get("/depot/announce/")).text == "sent"
    assert await layer.receive("specific.test") == {"type": "news"}


async def test_quote_without_upstream(aclient, upstream_mock):
    upstream_mock("quotes").get("random").fail("refused")
    response = await aclient.get("/depot/quote/")
    assert (response.status_code, response.json()["code"]) == (502, "UpstreamConnectionError")
