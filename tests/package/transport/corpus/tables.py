"""The recorded outcomes, compared with ours, as the tables of the documentation."""

import json
import re
from functools import cache
from pathlib import Path

from testproject.paths import PACKAGE

from transport.corpus.players.reading import Read, describe
from transport.corpus.refused import REFUSED
from transport.corpus.responses import RESPONSES, TOPICS
from transport.corpus.understood import READ

RECORD = Path(__file__).with_name("outcomes.json")
PAGE = PACKAGE / "docs" / "responses.md"
CLIENTS = ("curl", "requests", "httpx2", "aiohttp", "node http", "node fetch")
WRONG = ", then "


@cache
def recorded():
    return json.loads(RECORD.read_text())


def result(outcome):
    """Return an outcome without what was read as the next response."""
    return outcome.partition(WRONG)[0]


def ours(case):
    return describe(Read(case.outcome.status, case.outcome.body, b", ".join(case.outcome.x)))


def agreeing(client, names):
    outcomes = recorded()["outcomes"]
    return [name for name in names if result(outcomes[name][client]) == ours(RESPONSES[name])]


def desynchronised(client):
    """Return the responses after which a client took other bytes for the next response of the connection."""
    return [name for name, found in recorded()["outcomes"].items() if WRONG in found[client]]


def topics():
    rows = [("", "responses", *CLIENTS)]
    for topic, cases in TOPICS.items():
        rows.append((topic, len(cases), *(len(agreeing(client, cases)) for client in CLIENTS)))
    rows.append(("**all**", len(RESPONSES), *(len(agreeing(client, RESPONSES)) for client in CLIENTS)))
    wrong = (len(desynchronised(client)) for client in CLIENTS)
    return table([*rows, ("the next response is wrong after", 0, *wrong)])


def differences(groups, verb):
    rows = [(f"{verb} with", *CLIENTS, "why")]
    for what, why, names in groups:
        same = (f"{len(agreeing(client, names))}/{len(names)}" for client in CLIENTS)
        rows.append((what, *same, why))
    return table(rows)


def table(rows):
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]])


def with_tables(page):
    """Return a page with the tables between its markers."""
    versions = ", ".join(f"{client} {version}" for client, version in recorded()["versions"].items())
    made = {
        "clients": f"{len(RESPONSES)} responses, played to {versions}.",
        "topics": topics(),
        "refused": differences(REFUSED, "refused"),
        "read": differences(READ, "read"),
    }
    return filled(page, made)


def filled(page, made):
    """Return a page with each text between its markers."""
    for name, text in made.items():
        page = re.sub(
            rf"(?s)(<!-- {name} -->\n\n).*?(\n\n<!-- end -->)", lambda m, t=text: m[1] + t + m[2], page
        )
    return page
