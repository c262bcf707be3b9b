"""Receives the webhook of one id once, whatever is sent again and wherever the process is killed."""

from typing import Any

from django.db import IntegrityError, router
from django.http import HttpResponse
from django.http.response import HttpResponseBase

from upstreams.contrib.view_transaction import Ended, ViewTransaction
from upstreams.contrib.webhooks.models import ReceivedWebhook


class Delivery(ViewTransaction):
    """Commits an id together with what the view has done: its queries, and the tasks that it has enqueued.

    Args:
        source: who sent it.
        webhook_id: the same for each attempt of the sender.
    """

    def __init__(self, source: str, webhook_id: str) -> None:
        super().__init__(router.db_for_write(ReceivedWebhook))
        self._row = ReceivedWebhook(source=source, webhook_id=webhook_id)

    def begin(self) -> None:
        """Record the id. While another request is about the same one, the database has this one wait for it."""
        try:
            self._row.save(using=self.using, force_insert=True)
        except IntegrityError:
            raise Ended(HttpResponse(status=202)) from None

    def end(self, response: Any) -> HttpResponseBase:
        """Return the response, a 202 if the view has none. An error is rolled back, for the sender to try again."""
        found: HttpResponseBase = HttpResponse(status=202) if response is None else response
        if found.status_code >= 400:
            raise Ended(found)
        return found
