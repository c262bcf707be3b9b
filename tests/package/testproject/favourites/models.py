"""A row that a request writes."""

from django.db import models


class Favourite(models.Model):
    text = models.TextField()
    author = models.CharField(max_length=200)
