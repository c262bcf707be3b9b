from io import StringIO

from django.core import mail
from django.core.management import call_command
from django.test import TestCase
from django.urls import reverse

from shop.models import Category, Product, Profile, User


class ProductTests(TestCase):
    fixtures = ["products.json"]

    @classmethod
    def setUpTestData(cls):
        cls.category = Category.objects.create(name="Garden", slug="garden")
        cls.product = Product.objects.create(name="Spade", price=20, stock=3, category=cls.category)
        cls.user = User.objects.create_user("ada", password="secret")

    def test_was_published_recently(self):
        self.assertIs(self.product.was_published_recently(), True)
        self.assertTrue(self.product.is_available)
        self.assertEqual(str(self.product), "Spade")

    def test_index(self):
        response = self.client.get(reverse("shop:index") + "?q=spade")
        self.assertContains(response, "Spade")
        self.assertEqual(response["X-Version"], "1")
        self.assertQuerySetEqual(response.context["products"], [self.product])

    def test_detail_and_stock(self):
        self.assertContains(self.client.get(self.product.get_absolute_url()), "Spade")
        response = self.client.get(reverse("shop:stock", args=[self.product.pk]))
        self.assertEqual(response.json(), {"stock": 3})

    def test_buy(self):
        url = reverse("shop:buy", args=[self.product.pk])
        self.assertEqual(self.client.get(url).status_code, 302)
        self.client.force_login(self.user)
        self.assertEqual(self.client.get(url).status_code, 200)
        response = self.client.post(url)
        self.assertRedirects(response, self.product.get_absolute_url())
        self.product.refresh_from_db()
        self.assertEqual(self.product.stock, 2)

    def test_create(self):
        self.client.login(username="ada", password="secret")
        data = {"name": "Rake", "price": "-1", "category": self.category.pk}
        self.assertContains(self.client.post(reverse("shop:new"), data), "Too low")
        self.assertRedirects(self.client.post(reverse("shop:new"), data | {"price": "1"}), "/shop/")

    def test_contact_sends_mail(self):
        self.client.get(reverse("shop:contact"))
        self.client.post(reverse("shop:contact"), {"subject": "spam", "email": "a@example.com"})
        self.assertEqual(len(mail.outbox), 0)
        self.client.post(reverse("shop:contact"), {"subject": "Hi", "email": "a@example.com"})
        self.assertEqual(len(mail.outbox), 1)

    def test_signup(self):
        data = {"username": "bob", "email": "b@example.com", "password1": "dr7ghZZ3", "password2": "dr7ghZZ3"}
        response = self.client.post(reverse("shop:signup"), data)
        self.assertRedirects(response, reverse("shop:index"))
        self.assertTrue(Profile.objects.filter(user__username="bob").exists())

    def test_webhook(self):
        response = self.client.post("/shop/webhook/", {"items": [{"id": 1}]}, content_type="application/json")
        self.assertEqual(response.json(), {"items": [1]})
        self.assertEqual(self.client.post("/shop/webhook/", "x", content_type="text/plain").status_code, 400)

    async def test_async_count(self):
        response = await self.async_client.get("/shop/count/")
        self.assertEqual(response.content, b"2")

    def test_restock(self):
        out = StringIO()
        call_command("restock", self.product.pk, "--count", "2", stdout=out)
        self.assertIn("Restocked", out.getvalue())

    def test_admin(self):
        admin = User.objects.create_superuser("root", password="secret")
        self.client.force_login(admin)
        self.assertContains(self.client.get("/admin/shop/product/"), "Spade")
        data = {"action": "publish", "_selected_action": [self.product.pk]}
        response = self.client.post("/admin/shop/product/", data, follow=True)
        self.assertContains(response, "1 products were published.")
