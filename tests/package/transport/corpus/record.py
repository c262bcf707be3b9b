"""Play the corpus to every client that is installed, record the outcomes, and write the tables of the documentation.

Run it in tests/package: python -m transport.corpus.record.
"""

import json
import shutil
import subprocess
from zlib import crc32

import aiohttp
import httpx2
import requests

from transport.corpus.players.asking import ask, expected
from transport.corpus.players.programs import with_curl, with_node
from transport.corpus.players.python_clients import in_threads, with_aiohttp, with_httpx2, with_requests
from transport.corpus.players.reading import describe
from transport.corpus.players.server import CorpusServer
from transport.corpus.request_tables import REQUEST_RECORD, with_request_tables
from transport.corpus.requests import REQUESTS
from transport.corpus.responses import RESPONSES
from transport.corpus.tables import PAGE, RECORD, with_tables

CLIENTS = {
    "curl": with_curl,
    "requests": in_threads(with_requests),
    "httpx2": in_threads(with_httpx2),
    "aiohttp": with_aiohttp,
    "node http": with_node("http"),
    "node fetch": with_node("fetch"),
}


def versions():
    """Return the versions of the clients that are installed."""
    found = {"requests": requests.__version__, "httpx2": httpx2.__version__, "aiohttp": aiohttp.__version__}
    if shutil.which("curl"):
        found["curl"] = _output("curl", "--version").split()[1]
    if shutil.which("node"):
        found["node http"] = found["node fetch"] = _output("node", "--version").strip().lstrip("v")
    return {client: found[client] for client in CLIENTS if client in found}


def _output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def play(client, cases):
    """Return the outcomes of a client, by the names of the cases."""
    with CorpusServer({name: case.raw for name, case in cases.items()}) as server:
        jobs = {name: (case.method, f"http://127.0.0.1:{server.ports[name]}") for name, case in cases.items()}
        read = CLIENTS[client](jobs)
        outcomes = {name: describe(read[name]) for name in cases}
    for name in cases:
        if read[name].status and name in server.reused and read[name].following != b"next":
            outcomes[name] += f", then {read[name].following!r}"
    return outcomes


def sent(case):
    """Return a checksum of what is played, which the record has, too."""
    return f"{crc32(case.method.encode() + case.raw):08x}"


def main():
    found = versions()
    played = {client: play(client, RESPONSES) for client in found}
    RECORD.write_text(as_lines(found, played, {name: sent(case) for name, case in RESPONSES.items()}))
    asked = {client: ask(client, REQUESTS) for client in found}
    REQUEST_RECORD.write_text(
        as_lines(found, asked, {name: expected(case) for name, case in REQUESTS.items()})
    )
    PAGE.write_text(with_request_tables(with_tables(PAGE.read_text())))


def as_lines(found, played, ours):
    lines = (
        json.dumps(name) + ": " + json.dumps({"sent": sent} | {one: played[one][name] for one in found})
        for name, sent in ours.items()
    )
    return f'{{"versions": {json.dumps(found)},\n"outcomes": {{\n' + ",\n".join(lines) + "\n}}\n"


if __name__ == "__main__":
    main()
