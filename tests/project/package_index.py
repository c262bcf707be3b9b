"""A package index of a company's own, on this machine: PyPI's packages by HTTPS, for those who have the password."""

import base64
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme

USER, PASSWORD = "reader", "this-must-not-get-into-a-lock-or-an-image"
PYPI, FILES = "https://pypi.org", "https://files.pythonhosted.org"
PASSED_ON = ("content-type", "content-range", "accept-ranges")


@dataclass
class Index:
    """An index that runs.

    Attributes:
        address: without the password.
        url: with it.
        authority: the file with the certificate of the one authority that vouches for it.
        served: paths that it was asked for, with the password.
    """

    address: str
    url: str
    authority: Path
    served: list[str]


class Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Says nothing: uv closes a connection when it has read the part of a wheel that it needs."""


@contextmanager
def own_index(folder: Path) -> Iterator[Index]:
    """Runs an index.

    Args:
        folder: for its certificate.
    """
    served: list[str] = []
    word = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Mirror(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.headers["authorization"] != word:
                self.answer(401, b"", {"www-authenticate": 'Basic realm="packages"'})
                return
            served.append(self.path)
            host = PYPI if self.path.startswith("/simple/") else FILES
            asked = {name: self.headers[name] for name in ("accept", "range") if self.headers[name]}
            request = urllib.request.Request(host + self.path, headers=asked)
            try:
                with urllib.request.urlopen(request, timeout=60) as response:
                    kept = {name: response.headers[name] for name in PASSED_ON if response.headers[name]}
                    body = (
                        response.read().replace(FILES.encode(), address.encode())
                        if host is PYPI
                        else response.read()
                    )
                    self.answer(response.status, body, kept)
            except urllib.error.HTTPError as error:
                self.answer(error.code, b"", {})

        do_HEAD = do_GET

        def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    authority = trustme.CA()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(tls)
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    with Server(("127.0.0.1", 0), Mirror) as server:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        address = f"https://localhost:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = address.replace("//", f"//{USER}:{PASSWORD}@")
        yield Index(f"{address}/simple", f"{url}/simple", folder / "authority.pem", served)
        server.shutdown()
