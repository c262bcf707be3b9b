"""What comes from outside, made a value of a type, or one clause that says what is wrong with it.

A type is anything that msgspec knows: dataclasses, typed dicts, its own `Struct`, and lists of them. A class that it
does not know is called with the value, and refuses it with a `ValueError`; a pydantic model validates it.
"""

import functools
import re
from typing import Any

import msgspec

PLACE = re.compile(r"(?P<what>.*) - at (?:`key` in )?`\$(?P<where>.*)`", re.DOTALL)
FIELD = re.compile(r"Object (?P<what>missing required|contains unknown) field `(?P<name>.*)`", re.DOTALL)
FIELDS = {"missing required": "is missing", "contains unknown": "unknown field"}


class Mismatch(ValueError):
    """What does not fit its type.

    Args:
        where: the place, such as `items.3.name`; empty for the whole. Of a mapping no key is told.
        what: what is wrong there, without the value.
    """

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where
        self.what = what


def decoded(content: bytes, into: Any, *, quoting: bool = False) -> Any:
    """JSON, as a value of a type; text is taken for a number where one is asked for.

    Args:
        content: the JSON.
        into: the type.
        quoting: tell what a class says of a value that it refuses, which may have the value in it.

    Raises:
        Mismatch: it is not JSON, or does not fit.
    """
    try:
        return _decoder(into, quoting).decode(content)
    except RecursionError:
        raise Mismatch("", "nested too deeply") from None
    except ValueError as error:
        raise _mismatch(error) from None


def converted(value: Any, into: Any) -> Any:
    """What settings, variables and queries hold, as a value of a type.

    Raises:
        Mismatch: it does not fit.
    """
    try:
        return msgspec.convert(value, into, strict=False, dec_hook=_made)
    except ValueError as error:
        mismatch = _mismatch(error)
        # That it is text goes without saying: variables and queries are nothing else.
        raise Mismatch(mismatch.where, mismatch.what.removesuffix(", got `str`")) from None


@functools.cache
def _decoder(into: Any, quoting: bool) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(into, strict=False, dec_hook=_made if quoting else _made_in_silence)


def _made_in_silence(kind: Any, value: Any) -> Any:
    try:
        return _made(kind, value)
    except (TypeError, ValueError):
        raise ValueError(f"is no {kind.__name__}") from None


def _made(kind: Any, value: Any) -> Any:
    if hasattr(kind, "model_validate"):
        return kind.model_validate(value)
    if issubclass(kind, str) and not isinstance(value, str):
        raise TypeError("write text")
    return kind(value)


def _mismatch(error: ValueError) -> Mismatch:
    where, what = "", str(error)
    if isinstance(error, UnicodeDecodeError):
        what = "is not UTF-8"
    if place := PLACE.fullmatch(what):
        where, what = (
            re.sub(r"\[(.*?)\]", r".\1", place["where"].replace("...", "…")).lstrip("."),
            place["what"],
        )
    if field := FIELD.fullmatch(what):
        where, what = ".".join(filter(None, [where, field["name"]])), FIELDS[field["what"]]
    what = re.sub(r"^Invalid (enum )?value .*", "is none of the values there are", what, flags=re.DOTALL)
    return Mismatch(where, what if what.startswith("JSON") else what[:1].lower() + what[1:])
