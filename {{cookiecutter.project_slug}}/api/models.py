# example: quotes
"""The example of a model that async views read and write."""

from datetime import UTC

from asgiref.sync import async_to_sync
from django.db import models

from services.quotes import Quote, quotes


class Favourite(models.Model):
    """A quote that somebody wanted to keep."""

    text = models.TextField()
    author = models.CharField(max_length=200)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created", "-id")

    def __str__(self) -> str:
        return f"{self.author}: {self.text}"

    def others(self) -> list[Quote]:
        """Return all quotes of the same author: a call from a model method."""
        return async_to_sync(quotes.by)(self.author)

    def as_json(self) -> dict[str, object]:
        """Return what the API shows of it."""
        created = self.created.astimezone(UTC).isoformat()  # with its offset, without USE_TZ, too
        return {"id": self.pk, "text": self.text, "author": self.author, "created": created}
