"""How environment variables are read, and the kinds of value that they take."""

import os
import re
from collections.abc import Callable, Iterable
from ipaddress import ip_network
from typing import Annotated, Any, Self

import msgspec
from django.core.exceptions import ImproperlyConfigured
from dotenv import dotenv_values
from msgspec import Meta, Struct

FILE = os.environ.get("ENV_FILE", ".env")
ORIGIN = re.compile(r"\*|https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[1-9][0-9]{0,4})?")
WORDS = {"`bool`": "true or false", "`int`": "a whole number", "`float`": "a number"}
Count = Annotated[int, Meta(ge=1)]


class Names(tuple[str, ...]):
    """Written with commas: `a.example.com,b.example.com`."""

    __slots__ = ()

    def __new__(cls, value: str | Iterable[str]) -> Self:
        parts = value.split(",") if isinstance(value, str) else value  # the latter when it is unpickled
        return super().__new__(cls, filter(None, map(str.strip, parts)))


class Networks(Names):
    """Addresses and networks, or `*`."""

    __slots__ = ()

    def __new__(cls, value: str | Iterable[str]) -> Self:
        names = super().__new__(cls, value)
        for name in names:
            if name != "*":
                ip_network(name)
        return names


class Origins(Names):
    """As browsers write them, or they would match none: lower case, no path, no port that goes without saying."""

    __slots__ = ()

    def __new__(cls, value: str | Iterable[str]) -> Self:
        names = super().__new__(cls, value)
        for name in names:
            if not ORIGIN.fullmatch(name) or re.fullmatch("http:.*:80|https:.*:443", name):
                raise ValueError(
                    f"write origins such as https://app.example.com,http://localhost:3000, or *; not {name}"
                )
        return names


class LogLevel(str):
    """In capitals, as `logging` has it."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("write DEBUG, INFO, WARNING or ERROR")
        return super().__new__(cls, value.upper())


class Variables(Struct, frozen=True, kw_only=True):
    """Read from the process environment, and from `.env` for what is not set there."""

    def problems(self) -> list[str]:
        """A sentence for each thing that is wrong with the values together."""
        return []


def parsed[V: Variables](kind: type[V]) -> V:
    """The variables that a class declares.

    Raises:
        ImproperlyConfigured: with one sentence for each thing that is wrong.
    """
    texts = written()
    given: dict[str, Any] = {}
    problems: list[str] = []
    for field in msgspec.structs.fields(kind):
        name = field.name.upper()
        if name in texts:
            try:
                given[field.name] = msgspec.convert(texts[name], field.type, strict=False, dec_hook=_made)
            except msgspec.ValidationError as error:
                problems.append(f"{name}: {_clause(error)}")
    values = kind(**given)
    if problems := [*problems, *values.problems()]:
        raise ImproperlyConfigured("; ".join(problems))
    return values


def written() -> dict[str, str]:
    """All variables that are not empty, by names in capitals."""
    both = [*dotenv_values(FILE).items(), *os.environ.items()]
    return {name.upper(): value for name, value in both if value}


def _made(kind: Callable[[str], Any], value: str) -> Any:
    return kind(value)


def _clause(error: msgspec.ValidationError) -> str:
    said = str(error).removesuffix(", got `str`")
    for word, plain in WORDS.items():
        said = said.replace(word, plain)
    return said
