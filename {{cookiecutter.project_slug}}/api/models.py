"""What this service remembers: the example of a model that async views read and write."""

from django.db import models


class Favourite(models.Model):
    """A quote that somebody wanted to keep."""

    text = models.TextField()
    author = models.CharField(max_length=200)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created", "-id")

    def __str__(self) -> str:
        return f"{self.author}: {self.text}"

    def as_json(self) -> dict[str, object]:
        """What the API says of it."""
        return {"id": self.pk, "text": self.text, "author": self.author, "created": self.created.isoformat()}
