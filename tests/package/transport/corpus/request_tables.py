"""The recorded requests of other clients, compared with ours, as tables of the documentation."""

import json
from functools import cache
from pathlib import Path

from transport.corpus.differences import Difference
from transport.corpus.players.asking import expected
from transport.corpus.requests import REQUEST_TOPICS, REQUESTS
from transport.corpus.tables import CLIENTS, filled, table

REQUEST_RECORD = Path(__file__).with_name("sent.json")
DIFFERENCES = [
    Difference(
        "a mark that may be escaped or not",
        "all but letters, digits and `-._~` is escaped, so that a value cannot end early on any server (RFC 3986 §2.2)",
        (
            "an ampersand in a parameter",
            "an equals sign in a parameter",
            "a colon in a parameter",
            "an at sign in a parameter",
            "a semicolon in a parameter",
            "a comma in a parameter",
            "quotes in a parameter",
            "brackets in a parameter",
            "an address in a parameter",
            "an escaped comma in a path",
            "a plus in a value",
            "a slash in a value",
            "a question mark in a value",
            "a comma in a value",
            "a tilde in a value",
            "an asterisk in a value",
            "an address in a value",
            "a name with a dollar sign",
        ),
    ),
    Difference(
        "a value that is no text",
        "`true` and `false` as in JSON, nothing for `None`; other clients write Python's names, leave it out or refuse",
        ("a truth", "a value that is None"),
    ),
    Difference(
        "a method without a body",
        "`Content-Length: 0` for POST, PUT and PATCH, where a body is expected, and none for others (RFC 9110 §8.6)",
        (
            "OPTIONS",
            "DELETE",
            "PURGE",
            "PROPFIND",
            "POST without a body",
            "PUT without a body",
            "PATCH without a body",
        ),
    ),
    Difference("a body with GET", "search servers ask for it; fetch refuses it", ("JSON with GET",)),
    Difference(
        "a password beyond ASCII",
        "in UTF-8 (RFC 7617 §2.1); requests takes Latin-1",
        ("a password with an accent",),
    ),
]


@cache
def recorded_requests():
    return json.loads(REQUEST_RECORD.read_text())


def sent_alike(client, names):
    outcomes = recorded_requests()["outcomes"]
    return [name for name in names if outcomes[name][client] == expected(REQUESTS[name])]


def with_request_tables(page):
    """Return a page with the tables between its markers."""
    rows = [("", "requests", *CLIENTS)]
    for topic, cases in [*REQUEST_TOPICS.items(), ("**all**", REQUESTS)]:
        rows.append((topic, len(cases), *(len(sent_alike(client, cases)) for client in CLIENTS)))
    differences = [("sent with", *CLIENTS, "what we send")]
    for what, why, names in DIFFERENCES:
        same = (f"{len(sent_alike(client, names))}/{len(names)}" for client in CLIENTS)
        differences.append((what, *same, why))
    return filled(page, {"requests": table(rows), "sent": table(differences)})
