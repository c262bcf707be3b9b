"""An upstream that speaks something else than HTTP/1.1, or that is reached by something else than a port."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer

import pytest
from target import Target
from upstreams.testing.loopback import Loopback

Start = Callable[..., Target]
SETTINGS_FRAME = b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64"
GOAWAY_FRAME = b"\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"


@pytest.mark.row("F78", "an upstream that speaks HTTP/2 only", plain="fails: nothing says what is wrong")
def test_http2_only(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", SETTINGS_FRAME + GOAWAY_FRAME, "close")
    target = start()
    got = target.get()
    assert (got.status, got.seconds < 1) == (502, True)
    assert '"TRANSPORT": "http2"' in target.log().replace('\\"', '"')


class Server(ThreadingMixIn, UnixStreamServer):
    """Responds over a Unix socket, and forgets its connections when it ends."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, path: str) -> None:
        self.accepted: list[object] = []
        super().__init__(path, Handler)

    def process_request(self, request: object, client_address: object) -> None:
        self.accepted.append(request)
        super().process_request(request, client_address)  # type: ignore[arg-type]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b'{"n": "1"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass

    def address_string(self) -> str:
        return "unix"


@contextmanager
def serving(path: Path) -> Iterator[None]:
    """A server that is killed at the end of the block: its connections end, and its file stays."""
    path.unlink(missing_ok=True)
    with Server(str(path)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield
        server.shutdown()
        thread.join()
        for connection in server.accepted:
            server.shutdown_request(connection)  # type: ignore[arg-type]


@pytest.mark.row(
    "F79", "the server of a Unix socket restarts", plain="passes: its client opens the socket again, too"
)
def test_unix_socket_restarts(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "http.sock"
    target = start("http://app.test", UDS=str(path))
    for _ in range(5):
        with serving(path):
            assert [target.get().status for _ in range(3)] == [200] * 3
        gone = target.get()
        assert (gone.status, gone.seconds < 1) == (502, True)
    path.unlink()
    assert target.get().status == 502
