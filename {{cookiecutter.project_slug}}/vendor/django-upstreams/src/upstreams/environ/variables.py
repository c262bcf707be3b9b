"""Reads environment variables into a typed class."""

import difflib
import os
from pathlib import Path
from typing import Any, ClassVar, Self, dataclass_transform

import msgspec
from django.core.exceptions import ImproperlyConfigured
from dotenv import dotenv_values
from msgspec import Struct

from upstreams.core.validation import ValidationError, convert

CLOSE = 0.88
"""How similar a variable must be to one of ours: the environment is full of others."""
MIN_LENGTH = 5
FILE = "_FILE"


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Variables(Struct, frozen=True, kw_only=True):
    """Environment variables as typed fields: a field `name` with a type and a default is read from `NAME`.

    If `NAME` is not set, `NAME_FILE` may name a file that holds the value, such as a secret that a platform mounts.

    Attributes:
        last_read: the class whose variables this process has read.

    Variables that the process environment does not set are read from the file that `ENV_FILE` names, by default `.env`.
    """

    last_read: "ClassVar[type[Variables] | None]" = None

    @classmethod
    def read(cls) -> Self:
        """Return the variables of this process.

        Raises:
            ImproperlyConfigured: with one sentence for each mistake.
        """
        texts = all_variables()
        fields = {field.name.upper(): field for field in msgspec.structs.fields(cls)}
        given: dict[str, Any] = {}
        problems: list[str] = []
        for name, field in fields.items():
            file = texts.get(f"{name}{FILE}") if f"{name}{FILE}" not in fields else None
            try:
                if name in texts or file:
                    text = texts[name] if name in texts else Path(str(file)).read_text().rstrip("\r\n")
                    given[field.name] = convert(text, field.type)
            except ValidationError as error:
                problems.append(f"{name}: {error.message}")
            except OSError as error:
                problems.append(f"{name}{FILE}: {file} cannot be read: {error.strerror}")
        values = cls(**given)
        if problems := [*problems, *values.problems()]:
            raise ImproperlyConfigured("; ".join([*problems, *cls.misspelled()]))
        Variables.last_read = cls
        return values

    @classmethod
    def misspelled(cls) -> list[str]:
        """Return one sentence for each variable that is nearly one of these, which is not set itself."""
        names, texts = {field.name.upper() for field in msgspec.structs.fields(cls)}, all_variables()
        from_files = {name.removesuffix(FILE) for name in texts if name.endswith(FILE)}
        missing = {name.replace("_", ""): name for name in names - from_files - set(texts)}
        found = []
        for name in set(texts) - names:
            sought = name.removeprefix("DJANGO_").replace("_", "")
            is_long = len(sought) > MIN_LENGTH  # others are near to anything
            close = difflib.get_close_matches(sought, missing, n=1, cutoff=CLOSE) if is_long else []
            if meant := missing.get(sought) or (close and missing[close[0]]):
                found.append(f"{name}: no such variable; did you mean {meant}?")
        return sorted(found)

    def problems(self) -> list[str]:
        """Return one sentence for each mistake that the types do not show. Override it in a subclass."""
        return []


def all_variables() -> dict[str, str]:
    """Return all variables that are not empty, by their names in upper case."""
    both = [*dotenv_values(env_file(), interpolate=False).items(), *os.environ.items()]
    return {name.upper(): value for name, value in both if value}


def env_file() -> Path:
    """Return the file of variables that the process environment does not set."""
    return Path(os.environ.get("ENV_FILE", ".env"))
