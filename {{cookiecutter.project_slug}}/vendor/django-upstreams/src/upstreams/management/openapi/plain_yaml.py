"""YAML as JSON: maps, lists, text, numbers, true, false and null; no dates, no `yes` and `no`, no Python."""

import re
from typing import Any

import yaml

from upstreams.management.openapi.errors import SchemaError

BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Loader(BASE):  # type: ignore[misc]
    """Resolves scalars as YAML 1.2 does: NO is a country, and 2024-01-01 is text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - as in yaml

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[str, Any]:
        found: dict[str, Any] = super().construct_mapping(node, deep)
        return {key if isinstance(key, str) else _text(key): value for key, value in found.items()}


def _text(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) or key is None else str(key)


for tag, pattern, first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), first)


def _int(loader: Any, node: Any) -> int | str:
    text: str = node.value
    return int(text) if len(text) < 1000 else text  # 010 is ten, as in YAML 1.2


def _float(loader: Any, node: Any) -> float:
    return float(node.value)


Loader.add_constructor("tag:yaml.org,2002:int", _int)
Loader.add_constructor("tag:yaml.org,2002:float", _float)


def load(text: str) -> Any:
    """Return the only document of a YAML text.

    Raises:
        SchemaError: it is not YAML, or asks for other values than those of JSON.
    """
    try:
        return yaml.load(text, Loader)  # noqa: S506 - a subclass of the safe loader # nosec B506
    except yaml.MarkedYAMLError as error:
        line = f": line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise SchemaError(f"the schema is not YAML with the values of JSON{line}") from None
    except (yaml.YAMLError, ValueError, TypeError):
        raise SchemaError("the schema is not YAML with the values of JSON") from None
