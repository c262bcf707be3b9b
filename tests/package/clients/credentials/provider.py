"""An API and its token endpoint, which takes each refresh token once, as OAuth 2.1 asks for."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


class Provider(ThreadingHTTPServer):
    """Attributes: `valid`, the token of each kind; `refreshes` and `reused`, how often it was asked with which."""

    daemon_threads = True
    request_queue_size = 200

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.valid = {"access": "a0", "refresh": "r0"}
        self.refreshes, self.reused, self.calls, self.refused = 0, 0, 0, 0
        self.seconds = 0.2
        self.lock = threading.Lock()

    def refresh(self, token):
        with self.lock:
            if token != self.valid["refresh"]:
                self.reused += 1
                return 400, {"error": "invalid_grant"}
            self.refreshes += 1
            self.valid = {"access": f"a{self.refreshes}", "refresh": f"r{self.refreshes}"}
            found = {
                "access_token": self.valid["access"],
                "refresh_token": self.valid["refresh"],
                "expires_in": 3600,
            }
        time.sleep(self.seconds)  # so that others ask meanwhile
        return 200, found

    def call(self, authorization):
        with self.lock:
            self.calls += 1
            if authorization != f"Bearer {self.valid['access']}":
                self.refused += 1
                return 401, {}
        return 200, {"text": "a", "author": "b"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self._respond(*self.server.call(self.headers["Authorization"]))

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        assert form["grant_type"] == ["refresh_token"]
        self._respond(*self.server.refresh(form["refresh_token"][0]))

    def _respond(self, status, body):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass
