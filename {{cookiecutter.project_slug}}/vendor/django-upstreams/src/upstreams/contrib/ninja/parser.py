"""Parses JSON bodies for django-ninja."""

from codecs import BOM_UTF8
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from ninja.parser import Parser
from pydantic_core import from_json

MAX_VALUES = 100_000


class Json(Parser):
    """Parses bodies as strictly as pydantic's JSON mode, and reports where the JSON is invalid.

    Args:
        max_values: values of a body, also in lists and objects; one more is refused before the body is parsed. Each
            takes up to 500 bytes: an object of Python, and a fault if it does not fit.
    """

    def __init__(self, max_values: int = MAX_VALUES) -> None:
        self.max_values = max_values

    def parse_body(self, request: HttpRequest) -> Any:
        body = request.body.removeprefix(BOM_UTF8)
        if has_more_values(body, self.max_values):
            raise BadRequest(f"the body: more than {self.max_values} values; send fewer in a request")
        try:
            return from_json(body, allow_inf_nan=False)
        except ValueError as error:
            raise BadRequest(f"the body: Invalid JSON: {error}") from None


def has_more_values(body: bytes, limit: int) -> bool:
    """Return whether JSON has more values than a limit, in a fraction of the time that it takes to parse it."""
    if _separators(body) <= limit:  # those in text are counted, too
        return False
    plain = body.replace(rb"\\", b"").replace(rb"\"", b"")
    if plain.count(b'"') > 4 * limit:  # each value has a name and a text at most
        return True
    return _separators(b"".join(plain.split(b'"')[::2])) > limit


def _separators(json: bytes) -> int:
    """Return the number of commas and opening brackets: one for each value in a list or an object that is not empty."""
    return sum(map(json.count, (b",", b"[", b"{")))
