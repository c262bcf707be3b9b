"""Converts JSON and settings to typed values, or says in one clause what is wrong.

Types are those of msgspec: dataclasses, typed dicts, its own `Struct`, and lists of them. Any other class is called
with the value, and refuses it by a `ValueError`; pydantic models validate it.
"""

import functools
import re
from codecs import BOM_UTF8
from typing import Any

import msgspec

FIELD_PROBLEM = re.compile(
    r"Object (?P<message>missing required|contains unknown) field `(?P<name>.*)`", re.DOTALL
)
TYPE_NAME = re.compile(r"`([^`]*)`")
TYPE_WORDS = {
    "array": "a list",
    "bool": "true or false",
    "float": "a number",
    "int": "a whole number",
    "object": "an object",
    "str": "text",
}
"""msgspec's names of types -> plain words for settings, variables and JSON alike."""
MAX_NAME = 100
"""Characters of a client's key in a message."""
FIELD_MESSAGES = {"missing required": "is missing", "contains unknown": "unknown field"}


class ValidationError(ValueError):
    """A value does not fit its type.

    Args:
        path: the place, such as `items.3.name`; empty for the whole value. Keys of a mapping are left out.
        message: what is wrong there; it does not contain the value.
    """

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


def decode_json(content: bytes, into: Any, *, quoting: bool = False) -> Any:
    """Decode JSON into a type. Text converts to a number where the type asks for one; a byte order mark is ignored.

    Args:
        content: the JSON.
        into: the type.
        quoting: repeat the message of a class that refuses a value; it may contain the value.

    Raises:
        ValidationError: the content is not JSON, or does not fit the type.
    """
    try:
        return _decoder(into, quoting).decode(content.removeprefix(BOM_UTF8))  # RFC 8259 §8.1
    except RecursionError:
        raise ValidationError("", "nested too deeply") from None
    except ValueError as error:
        raise _validation_error(error) from None


def convert(value: Any, into: Any) -> Any:
    """Convert the value of a setting, a variable or a query to a type.

    Raises:
        ValidationError: the value does not fit the type.
    """
    try:
        return msgspec.convert(value, into, strict=False, dec_hook=_make)
    except ValueError as error:
        found = _validation_error(error)
        # Variables and queries hold nothing but text: that would be no news.
        raise ValidationError(found.path, found.message.removesuffix(", got text")) from None


@functools.cache
def _decoder(into: Any, quoting: bool) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(into, strict=False, dec_hook=_make if quoting else _make_quietly)


def _make_quietly(kind: Any, value: Any) -> Any:
    try:
        return _make(kind, value)
    except (TypeError, ValueError):
        raise ValueError(f"is not a valid {kind.__name__}") from None


def _make(kind: Any, value: Any) -> Any:
    if hasattr(kind, "model_validate"):
        return kind.model_validate(value)
    if issubclass(kind, str) and not isinstance(value, getattr(kind, "accepted", str)):
        msgspec.convert(value, str)  # raises its own words for it
    return kind(value)


def _validation_error(error: ValueError) -> ValidationError:
    path, message = "", str(error)
    if isinstance(error, UnicodeDecodeError):
        message = "is not UTF-8"
    # No pattern finds the place: the message may hold a key that a client wrote, as long as a body.
    before, mark, place = message.rpartition("`$")
    before, at, _ = before.rpartition(" - at ")
    if mark and at and place.endswith("`"):
        path, message = place[:-1].replace("...", "…").replace("[", ".").replace("]", "").lstrip("."), before
    if field := FIELD_PROBLEM.fullmatch(message):
        name = field["name"] if len(field["name"]) <= MAX_NAME else f"{field['name'][:MAX_NAME]}…"
        path, message = ".".join(filter(None, [path, name])), FIELD_MESSAGES[field["message"]]
    if message.startswith(("Invalid value ", "Invalid enum value ")):
        message = "is not one of the allowed values"
    message = TYPE_NAME.sub(
        lambda found: " or ".join(TYPE_WORDS.get(word, word) for word in found[1].split(" | ")), message
    )
    return ValidationError(path, message if message.startswith("JSON") else message[:1].lower() + message[1:])
