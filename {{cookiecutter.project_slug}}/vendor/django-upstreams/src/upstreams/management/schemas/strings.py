"""Texts that a schema allows."""

from typing import Any

from upstreams.management.schemas.patterns import matching

FORMATS = {
    "byte": "dGV4dA==",
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "duration": "P1D",
    "email": "one@example.com",
    "hostname": "example.com",
    "idn-email": "one@example.com",
    "idn-hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "iri": "https://example.com/one",
    "iri-reference": "/one",
    "json-pointer": "/one",
    "regex": "one",
    "relative-json-pointer": "1",
    "time": "12:00:00Z",
    "uri": "https://example.com/one",
    "uri-reference": "https://example.com/one",
    "uri-template": "https://example.com/{one}",
    "url": "https://example.com/one",
    "uuid": "00000000-0000-4000-8000-000000000001",
}
MAX_LENGTH = 10_000


def string(keywords: dict[str, Any], name: str) -> str:
    """Return a text.

    Args:
        keywords: of the schema.
        name: of the property, which is the text where the schema says no more.
    """
    shortest = min(int(keywords.get("minLength") or 0), MAX_LENGTH)
    longest = int(keywords.get("maxLength", MAX_LENGTH))
    if isinstance(pattern := keywords.get("pattern"), str):
        return matching(pattern, shortest, longest)
    if (form := keywords.get("format")) in FORMATS:
        return FORMATS[form]
    text = name or "text"
    return (text * (shortest // len(text) + 1) if len(text) < shortest else text)[
        : min(longest, max(shortest, 30))
    ]
