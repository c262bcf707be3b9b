"""What a view raises to refuse a client that asks too often."""

from django.core.exceptions import BadRequest


class TooManyRequests(BadRequest):
    """`ProblemDetailsMiddleware` makes it a 429; Django alone, a 400.

    Args:
        detail: one sentence, which the client reads.
        retry_after: seconds until the client may try again, if they are known.
    """

    def __init__(self, detail: str, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
