"""What `manage.py serve` gives its server, and how its connections end."""

import socket
import ssl
import time

import pytest
import trustme
import uvicorn
from testproject.processes import serving
from upstreams.asgi.http_protocol import MAX_HEAD_SIZE, HTTPProtocol
from upstreams.management import server
from upstreams.testing.loopback import http_response

SECONDS = 30
LIVEZ = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"


def test_connections_are_kept_as_long_as_the_setting_says(monkeypatch, settings):
    found = {}
    monkeypatch.setattr(uvicorn, "run", lambda **config: found.update(config))
    settings.UPSTREAMS_TIMEOUTS = {"KEEP_ALIVE": 620}
    server.run(host="127.0.0.1", port=0, workers=1, certfile=None, keyfile=None)
    assert (found["http"], found["timeout_keep_alive"]) == (HTTPProtocol, 620)


def connect(process):
    """Workers begin to listen a moment after the lines that say where and that they have started."""
    port = int(process.url.rpartition(":")[2])
    ends = time.monotonic() + SECONDS
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        except ConnectionRefusedError:
            assert time.monotonic() < ends
            time.sleep(0.02)


def read(connection):
    received = b""
    while part := connection.recv(65536):
        received += part
    return received


@pytest.mark.processes
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_long_head_is_refused_and_a_client_of_1_0_gets_no_chunks(loopback, workers):
    loopback.on("/export", http_response(b"a row"))
    with serving(loopback, "--workers", workers) as process:
        with connect(process) as long:
            long.sendall(b"GET /livez HTTP/1.1\r\nX: " + b"a" * MAX_HEAD_SIZE)
            assert read(long).startswith(b"HTTP/1.1 431 ")
        with connect(process) as old:
            old.sendall(b"GET /quotes/export HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
            start, _, body = read(old).partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in start
    assert body == b"a row"


@pytest.mark.processes
@pytest.mark.parametrize("tls", [False, True])
def test_idle_connections_do_not_delay_the_end(loopback, tmp_path, tls):
    authority, arguments = trustme.CA(), []
    if tls:
        issued = authority.issue_cert("127.0.0.1")
        issued.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "own.pem"))
        arguments = ["--certfile", str(tmp_path / "own.pem")]
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with serving(loopback, *arguments) as process:
        connection = connect(process)
        if tls:
            connection = context.wrap_socket(connection, server_hostname="127.0.0.1")
        connection.sendall(LIVEZ)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        process.terminate()
        process.wait(SECONDS)
        connection.close()
    assert "Waiting for connections to close" not in process.rest
