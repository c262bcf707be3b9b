"""Reads a schema from a file or a URL, within limits, and runs nothing of it."""

import json
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from upstreams.core.extras import needed
from upstreams.core.httpx import httpx
from upstreams.management.openapi.errors import SchemaError
from upstreams.management.openapi.text import printable

MAX_SIZE = 32 * 1024 * 1024
"""Bytes of a schema; that of GitHub has 12 million."""
MAX_VALUES = 5_000_000
"""Values in a schema, each alias of YAML counted as what it repeats."""
MAX_DEPTH = 200
TIMEOUT = 30.0
"""Seconds for fetching a schema."""


def read(source: str) -> dict[str, Any]:
    """Return the schema in a file or at a URL.

    Args:
        source: a path, or a URL: `https://`, or `http://` of this machine.

    Raises:
        SchemaError: it cannot be read, is too large, or is no object.
    """
    content = fetched(source) if "://" in source else from_file(source)
    try:
        schema = parsed(content)
        if not isinstance(schema, dict):
            raise SchemaError("the schema must be an object with the key `openapi`")
        count(schema)
    except RecursionError:
        raise SchemaError("the schema is nested too deeply") from None
    return schema


def fetched(url: str) -> bytes:
    """Fetch a schema. The message of a failure names its host alone: the rest may hold a secret.

    Raises:
        SchemaError: it cannot be fetched.
    """
    try:
        parts = urlsplit(url)
        host, is_open = parts.hostname or "", parts.scheme == "http"
    except ValueError:
        host, is_open = "", False
    if not host or parts.scheme not in ("https", "http"):
        raise SchemaError("write the URL of the schema as https://…, or the path of a file")
    if is_open and host not in ("localhost", "127.0.0.1", "::1"):
        raise SchemaError("plain HTTP beyond this machine: anybody on the way could write code; use https://")
    body = bytearray()
    ends = time.monotonic() + TIMEOUT
    try:
        with httpx.stream("GET", url, timeout=TIMEOUT, follow_redirects=False, trust_env=False) as response:
            if response.status_code != 200:
                where = "; write the URL that it redirects to" if response.is_redirect else ""
                raise SchemaError(f"{printable(host)} responded with status {response.status_code}{where}")
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MAX_SIZE:
                    raise too_large()
                if time.monotonic() > ends:
                    raise SchemaError(f"{printable(host)} has not sent the schema within {TIMEOUT:g} s")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SchemaError(f"{printable(host)}: {type(error).__name__}: the schema was not fetched") from None
    return bytes(body)


def from_file(name: str) -> bytes:
    """Read a schema from a file.

    Raises:
        SchemaError: there is none, or it is too large.
    """
    try:
        with Path(name).open("rb") as file:
            content = file.read(MAX_SIZE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "is no name of a file"
        raise SchemaError(f"{printable(name)}: {reason}") from None
    if len(content) > MAX_SIZE:
        raise too_large()
    return content


def too_large() -> SchemaError:
    return SchemaError(f"the schema is larger than {MAX_SIZE // 1024**2} MB")


def parsed(content: bytes) -> Any:
    """Return JSON or YAML as values.

    Raises:
        SchemaError: it is neither.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SchemaError("the schema is not UTF-8") from None
    if text.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise SchemaError(f"the schema is not JSON: line {error.lineno}") from None
        except ValueError:  # a number of too many digits
            raise SchemaError("the schema is not JSON") from None
    if find_spec("yaml") is None:
        raise SchemaError(needed("a schema in YAML", "openapi"))
    from upstreams.management.openapi.plain_yaml import load

    return load(text)


def count(schema: Any) -> None:
    """Refuse a schema that would be too large once each alias is written out, or that contains itself.

    Raises:
        SchemaError: it is.
    """
    sizes: dict[int, int] = {}
    open_now: set[int] = set()

    def size(value: Any, depth: int) -> int:
        if not isinstance(value, dict | list):
            return 1
        if id(value) in open_now:
            raise SchemaError("an alias of the schema contains itself")
        if depth > MAX_DEPTH:
            raise SchemaError("the schema is nested too deeply")
        if id(value) not in sizes:
            open_now.add(id(value))
            inner = value.values() if isinstance(value, dict) else value
            sizes[id(value)] = 1 + sum(size(one, depth + 1) for one in inner)
            open_now.discard(id(value))
        if sizes[id(value)] > MAX_VALUES:
            raise SchemaError(f"the schema has more than {MAX_VALUES:,} values")
        return sizes[id(value)]

    size(schema, 0)
