"""Reads environment variables into a typed class."""

import os
from pathlib import Path
from typing import Any, Self, dataclass_transform

import msgspec
from django.core.exceptions import ImproperlyConfigured
from dotenv import dotenv_values
from msgspec import Struct

from upstreams.core.validation import ValidationError, convert


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Variables(Struct, frozen=True, kw_only=True):
    """Environment variables as typed fields: a field `name` with a type and a default is read from `NAME`.

    Variables that the process environment does not set are read from the file that `ENV_FILE` names, by default `.env`.
    """

    @classmethod
    def read(cls) -> Self:
        """Return the variables of this process.

        Raises:
            ImproperlyConfigured: with one sentence for each mistake.
        """
        texts = all_variables()
        given: dict[str, Any] = {}
        problems: list[str] = []
        for field in msgspec.structs.fields(cls):
            name = field.name.upper()
            if name in texts:
                try:
                    given[field.name] = convert(texts[name], field.type)
                except ValidationError as error:
                    problems.append(f"{name}: {error.message}")
        values = cls(**given)
        if problems := [*problems, *values.problems()]:
            raise ImproperlyConfigured("; ".join(problems))
        return values

    def problems(self) -> list[str]:
        """Return one sentence for each mistake that the types do not show. Override it in a subclass."""
        return []


def all_variables() -> dict[str, str]:
    """Return all variables that are not empty, by their names in upper case."""
    both = [*dotenv_values(env_file()).items(), *os.environ.items()]
    return {name.upper(): value for name, value in both if value}


def env_file() -> Path:
    """Return the file of variables that the process environment does not set."""
    return Path(os.environ.get("ENV_FILE", ".env"))
