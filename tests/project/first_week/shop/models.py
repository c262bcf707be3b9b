import datetime
import os
import uuid

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

User = get_user_model()


def upload_to(instance, filename):
    name, ext = os.path.splitext(filename)
    return os.path.join("products", str(uuid.uuid4()) + ext)


class Category(models.Model):
    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(unique=True)
    description = models.CharField(max_length=500, blank=True, null=True)

    class Meta:
        verbose_name_plural = _("categories")
        ordering = ["name"]

    def __str__(self):
        return self.name


class ProductQuerySet(models.QuerySet):
    def available(self):
        return self.filter(stock__gt=0)


class Product(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")

    SIZES = [("s", "Small"), ("l", "Large")]

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="products")
    tags = models.ManyToManyField("Tag", blank=True)
    name = models.CharField(max_length=200)
    size = models.CharField(max_length=1, choices=SIZES, default="s")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    stock = models.PositiveIntegerField(default=0)
    image = models.FileField(upload_to=upload_to, blank=True)
    pub_date = models.DateTimeField("date published", default=timezone.now)

    objects = ProductQuerySet.as_manager()

    class Meta:
        ordering = ["-pub_date"]
        indexes = [models.Index(fields=["status", "pub_date"])]
        constraints = [models.UniqueConstraint(fields=["category", "name"], name="unique_name")]
        permissions = [("can_restock", "Can restock")]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        if not self.name:
            self.name = "unnamed"
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("shop:detail", kwargs={"pk": self.pk})

    def was_published_recently(self):
        now = timezone.now()
        return now - datetime.timedelta(days=1) <= self.pub_date <= now

    @property
    def is_available(self):
        if self.stock > 0:
            return True
        else:
            return False


class Tag(models.Model):
    name = models.CharField(max_length=50)

    def __str__(self):
        return self.name


class Profile(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    bio = models.TextField(blank=True)
