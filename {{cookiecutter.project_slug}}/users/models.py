from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """Ours from the first migration on: Django cannot change the user model of a filled database."""


class Token(models.Model):
    """Lets a program act as a user, see tokens.py."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100, help_text="What it is for.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField(null=True, blank=True, help_text="Empty: it holds until it is deleted.")

    key = ""
    """What its owner sends; known of a token that was just made, and never to the database."""

    class Meta:
        ordering = ("-created", "-id")

    def __str__(self) -> str:
        return self.name
