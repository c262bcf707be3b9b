from django.conf import settings
from django.db import models


class Token(models.Model):
    """Lets a program act as a user."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="upstreams_tokens")
    name = models.CharField(max_length=100, help_text="What the token is for.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField(
        null=True, blank=True, help_text="Leave it empty for a token that never expires."
    )

    key = ""
    """What the client sends. Known only of a token that was just created, and never stored."""

    class Meta:
        ordering = ("-created", "-id")

    def __str__(self) -> str:
        return self.name
