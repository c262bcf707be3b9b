"""The responses of the corpus, by name."""

from transport.corpus.responses import (
    bodiless,
    chunks,
    connections,
    fields,
    interim,
    lengths,
    servers,
    status_lines,
    transfer_codings,
)

TOPICS = {
    "Status lines": status_lines.CASES,
    "Header fields": fields.CASES,
    "Lengths": lengths.CASES,
    "Transfer codings": transfer_codings.CASES,
    "Chunks": chunks.CASES,
    "Interim responses": interim.CASES,
    "Responses without a body": bodiless.CASES,
    "Connections": connections.CASES,
    "Kinds of server": servers.CASES,
}
RESPONSES = {name: case for cases in TOPICS.values() for name, case in cases.items()}
