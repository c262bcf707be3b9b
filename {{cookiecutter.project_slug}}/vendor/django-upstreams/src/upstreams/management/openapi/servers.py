"""The entry of the settings that a schema asks for: its server, and its credentials."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from upstreams.core.definition import parse
from upstreams.management.openapi.document import Document, items, mapping, text
from upstreams.management.openapi.operations import Operation
from upstreams.management.openapi.text import literal, printable

INDENT = " " * 8
HERE = {"127.0.0.1", "::1", "localhost"}


@dataclass
class Entry:
    """The entry of an upstream.

    Attributes:
        lines: to be added to `UPSTREAMS`.
        notes: lines about what it cannot say.
    """

    lines: list[str]
    notes: list[str]


def entry(document: Document, name: str, url: str | None, origin: str, operations: list[Operation]) -> Entry:
    """Return the entry of an upstream.

    Args:
        document: the schema.
        name: the alias.
        url: its BASE_URL, if it is known.
        origin: the URL that the schema is from; empty if it is from a file.
        operations: those that are called, by whose security schemes credentials are chosen.
    """
    notes: list[str] = []
    base = url or _base_url(document, name, origin, notes)
    keys = [f'"BASE_URL": {literal(base)}']
    keys += _credentials(document, name, base, operations, notes)
    one = f"{INDENT}{literal(name)}: {{{', '.join(keys)}}},"
    if len(keys) == 1:
        return Entry([one], notes)
    return Entry(
        [f"{INDENT}{literal(name)}: {{", *(f"{INDENT}    {key}," for key in keys), f"{INDENT}}},"], notes
    )


def _base_url(document: Document, name: str, origin: str, notes: list[str]) -> str:
    server = mapping(next(iter(items(document.root.get("servers"))), {}))
    address = text(server.get("url"))
    for variable, spec in mapping(server.get("variables")).items():
        address = address.replace(f"{{{variable}}}", text(mapping(spec).get("default")))
    try:
        found = urljoin(origin, address) if origin else address
        is_relative = not urlsplit(found).netloc
    except ValueError:
        found, is_relative = "", True
    if is_relative:
        notes.append("The schema names no host: write that of the upstream into BASE_URL.")
        path = "" if re.match(r"[a-zA-Z][\w+.-]*:", found) else found.lstrip("/")
        found = f"https://{name.replace('_', '-')}.example.com/{path}"
    found = found.rstrip("/")
    if found.startswith("http://") and urlsplit(found).hostname not in HERE:
        notes.append("The schema names http://, which would show credentials: BASE_URL has https:// instead.")
        found = found.replace("http://", "https://", 1)
    _, problems = parse({name: {"BASE_URL": found}})
    if problems or not found.isascii() or not found.isprintable() or re.search(r"[\"\\{}]", found):
        notes.append("The schema's server is no BASE_URL: write that of the upstream.")
        return f"https://{name.replace('_', '-')}.example.com"
    return found


def _credentials(
    document: Document, name: str, base: str, operations: list[Operation], notes: list[str]
) -> list[str]:
    """Return the keys for the first security scheme that has some; the others are notes."""
    found: list[str] = []
    for scheme in _schemes(document, operations):
        spec = document.resolved(document.components("securitySchemes").get(scheme))
        keys, note = _keys(spec, name.upper(), base)
        if keys and not found:
            found = keys
        elif keys:
            notes.append(f"The schema knows another kind of credentials, too: {printable(scheme)[:60]}.")
        elif note:
            notes.append(note)
    return found


def _schemes(document: Document, operations: list[Operation]) -> list[str]:
    """Return the names of the schemes that the operations ask for, in the order of the schema."""
    found: dict[str, None] = {}
    whole = items(document.root.get("security"))
    for operation in operations:
        own = operation.spec.get("security")
        for requirement in items(own) if own is not None else whole:
            found |= dict.fromkeys(mapping(requirement))
    return list(found)


def _keys(spec: dict[str, Any], prefix: str, base: str) -> tuple[list[str], str]:
    kind, scheme = text(spec.get("type")), text(spec.get("scheme")).lower()
    if kind == "http" and scheme == "bearer":
        return [f'"AUTH": {{"BEARER": os.environ["{prefix}_TOKEN"]}}'], ""
    if kind == "http" and scheme == "basic":
        pair = f'[os.environ["{prefix}_USER"], os.environ["{prefix}_PASSWORD"]]'
        return [f'"AUTH": {{"BASIC": {pair}}}'], ""
    if kind == "oauth2":
        return _oauth2(mapping(spec.get("flows")), prefix, base)
    if kind == "apiKey" and spec.get("in") == "header" and _is_header(name := text(spec.get("name"))):
        value = f'os.environ["{prefix}_API_KEY"]'
        if name.lower() == "authorization":
            return [f'"AUTH": {{"BEARER": os.environ["{prefix}_TOKEN"]}}'], ""
        return [f'"HEADERS": {{{literal(name)}: {value}}}'], ""
    where = f"{kind} {scheme or text(spec.get('in'))}".strip()
    return (
        [],
        f"Credentials of the kind {printable(where)[:60] or 'unknown'} are yours to send, in a method of the class.",
    )


def _is_header(name: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9_-]{1,60}", name) is not None


def _oauth2(flows: dict[str, Any], prefix: str, base: str) -> tuple[list[str], str]:
    flow = mapping(flows.get("clientCredentials"))
    try:
        url = urljoin(f"{base}/", text(flow.get("tokenUrl")))
        is_safe = urlsplit(url).scheme == "https"
    except ValueError:
        is_safe = False
    if not flow or not is_safe or not url.isascii() or not url.isprintable():
        return [f'"AUTH": {{"BEARER": os.environ["{prefix}_TOKEN"]}}'], ""
    parts = [f'"TOKEN_URL": {literal(url)}']
    parts += [f'"{key}": os.environ["{prefix}_{key}"]' for key in ("CLIENT_ID", "CLIENT_SECRET")]
    return [f'"AUTH": {{"OAUTH2": {{{", ".join(parts)}}}}}'], ""
