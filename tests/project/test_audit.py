"""`make audit` of a generated project, against a database of vulnerabilities."""

import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from generation import INSTALLED, name_of
from processes import attempt, environment, free_port


@pytest.fixture
def vulnerable(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of vulnerabilities that knows one of each package of the given names."""

    class Database(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))["queries"]
            names = [query["package"]["name"] for query in asked]
            self.answer({"results": [{"vulns": [ENTRY]} if name in request.param else {} for name in names]})

        def do_GET(self) -> None:
            self.answer({**ENTRY, "summary": "it is bad", "affected": []})

        def answer(self, data: object) -> None:
            body = json.dumps(data).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Database) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


ENTRY = {"id": "PYSEC-2026-1", "modified": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize("installed", INSTALLED[:1], indirect=True, ids=name_of)
@pytest.mark.parametrize(
    ("vulnerable", "last"),
    [([], "Found no known vulnerabilities"), (["django"], "audit: vulnerable")],
    indirect=["vulnerable"],
    ids=["none", "django"],
)
def test_the_audit_fails_for_a_known_vulnerability(installed: Path, vulnerable: str, last: str) -> None:
    done = audit(installed, vulnerable)
    is_vulnerable = last == "audit: vulnerable"
    assert (done.returncode != 0, "it is bad" in done.stdout) == (is_vulnerable, is_vulnerable)
    assert last in done.stderr


@pytest.mark.parametrize("installed", INSTALLED[:1], indirect=True, ids=name_of)
def test_an_audit_that_could_not_look_says_so(installed: Path) -> None:
    done = audit(installed, f"http://127.0.0.1:{free_port()}")
    assert (done.returncode != 0, "audit: not done" in done.stderr) == (True, True)
    assert "vulnerable" not in done.stderr


def audit(project: Path, source: str) -> subprocess.CompletedProcess[str]:
    return attempt(
        ["make", "audit", f"OPTIONS=--service-url {source}"], project, environment(NO_PROXY="127.0.0.1")
    )
