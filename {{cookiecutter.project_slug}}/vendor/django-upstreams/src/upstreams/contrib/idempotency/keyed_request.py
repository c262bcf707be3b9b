"""Runs the view of one key once, and stores its response with its work: both are committed, or neither.

absent ──prepare()──▶ row without a response, committed
                        │ begin(): locked in the transaction of the view; the lock ends with the connection
                        ├── the view raises, the process dies, or the response is not stored ──▶ as before begin()
                        └── end() ──▶ row with the response, until it expires
"""

from datetime import timedelta
from typing import Any

from django.db import connections as databases
from django.db import router
from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from upstreams import conf
from upstreams.asgi.problem_details import problem
from upstreams.contrib.idempotency.keys import HEADER
from upstreams.contrib.idempotency.models import IdempotencyKey
from upstreams.contrib.view_transaction import Ended, ViewTransaction

REPLAYED = "Idempotent-Replayed"
"""The header of a stored response, as Stripe has it."""
NOT_STORED = {401, 408, 409, 423, 425, 429}
"""Statuses that ask the client to try again; so do those from 500 on."""
OF_ONE_RESPONSE = {"connection", "content-length", "date", "set-cookie", "transfer-encoding"}
"""Headers that are not stored."""
RETRY_AFTER = "1"
_in_progress: dict[str, "KeyedRequest"] = {}
"""What this process is doing, by digest, for databases that cannot skip a locked row."""


class KeyedRequest(ViewTransaction):
    """The transaction of a request with a key.

    Args:
        digest: of the client, the route and the key.
        fingerprint: of what else the client sends.
    """

    def __init__(self, digest: str, fingerprint: str) -> None:
        super().__init__(router.db_for_write(IdempotencyKey))
        self._digest = digest
        self._fingerprint = fingerprint

    def prepare(self) -> None:
        """Respond with what is stored, or make sure that there is a row to lock."""
        row = self._rows().first()
        self._replay(row)
        if not self._can_skip() and _in_progress.setdefault(self._digest, self) is not self:
            raise Ended(in_progress())
        if row is None:
            new = IdempotencyKey(digest=self._digest, expires=self._expires())
            IdempotencyKey.objects.using(self.using).bulk_create([new], ignore_conflicts=True)

    def begin(self) -> None:
        """Lock the row. Another request with the key may have come first, and may have ended meanwhile."""
        if self._can_skip():
            row = self._rows().select_for_update(skip_locked=True).first()
        else:
            # A write comes first: SQLite cannot wait for its lock in a transaction that has read before.
            self._rows().update(expires=F("expires"))
            row = self._rows().first()
        if row is None:  # locked, or deleted in this moment because it has expired
            raise Ended(in_progress())
        self._replay(row)

    def end(self, response: Any) -> HttpResponseBase:
        """Store the response, or roll back what the view has done if a client is to try again."""
        if getattr(response, "streaming", True):
            raise TypeError(
                f"@idempotent: a {type(response).__name__} cannot be stored; return an HttpResponse"
            )
        if response.status_code >= 500 or response.status_code in NOT_STORED:
            raise Ended(response)
        if not getattr(response, "is_rendered", True):
            response.render()
        size, limit = len(response.content), conf.current().idempotency.max_response_size
        if size > limit:
            raise ValueError(
                f"@idempotent: a response of {size} bytes is larger than MAX_RESPONSE_SIZE of UPSTREAMS_IDEMPOTENCY, "
                f"{limit}; return a smaller one, such as the id of what was made"
            )
        headers = {name: text for name, text in response.items() if name.lower() not in OF_ONE_RESPONSE}
        self._rows().update(
            fingerprint=self._fingerprint,
            status=response.status_code,
            headers=headers,
            body=response.content,
            expires=self._expires(),
        )
        found: HttpResponseBase = response
        return found

    def release(self) -> None:
        """Let the next request with this key come."""
        if _in_progress.get(self._digest) is self:
            del _in_progress[self._digest]

    def _can_skip(self) -> bool:
        # Called in the thread: on MySQL, this is a query.
        return databases[self.using].features.has_select_for_update_skip_locked

    def _replay(self, row: IdempotencyKey | None) -> None:
        if row is None or not row.is_answered:
            return
        if row.fingerprint != self._fingerprint:
            detail = (
                f"{HEADER}: was sent before with another method, path or body; use a new key for each request"
            )
            raise Ended(problem(422, {"detail": detail}))
        response = HttpResponse(bytes(row.body), status=row.status, headers=row.headers)
        response[REPLAYED] = "true"
        raise Ended(response)

    def _rows(self) -> "QuerySet[IdempotencyKey]":
        return IdempotencyKey.objects.using(self.using).filter(digest=self._digest)

    def _expires(self) -> Any:
        return timezone.now() + timedelta(seconds=conf.current().idempotency.expiry)


def in_progress() -> HttpResponse:
    """Return the response to a key whose first request has not ended."""
    response = problem(409, {"detail": f"{HEADER}: a request with this key is in progress; try again later"})
    response["Retry-After"] = RETRY_AFTER
    return response
