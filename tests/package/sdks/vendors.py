"""A server on this machine that speaks as OpenAI, Anthropic, Stripe and S3 do, as far as the recipes need it."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

WORDS = ["Simple ", "is ", "better."]
OBJECT = b"the content of an object\n" * 1000
LIST = b"""<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>reports</Name><KeyCount>1</KeyCount>
<MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated><Contents><Key>a/../july.txt</Key><Size>25000</Size></Contents>
</ListBucketResult>"""


class Vendors(ThreadingHTTPServer):
    """All vendors on one port.

    Attributes:
        seen: method, path and headers of each request, in order.
        statuses: of the next responses, instead of the right ones.
        may_go_on: is awaited before each answer, and in the middle of each stream.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen = []
        self.statuses = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def serving_vendors():
    with Vendors() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.may_go_on.set()
            server.shutdown()
            thread.join()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Vendors

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.seen.append((self.command, self.path, dict(self.headers.items())))
        if self.server.statuses:
            return self._json(
                {"error": {"message": "not now", "type": "overloaded"}}, self.server.statuses.pop(0)
            )
        match self.path.partition("?")[0]:
            case "/chat/completions":
                return self._chat(json.loads(body))
            case "/v1/messages":
                return self._messages(json.loads(body))
            case "/v1/customers":
                return self._customer(parse_qs(body.decode()))
            case path if path.startswith("/reports"):
                return self._bucket(path, body)
        return self._json({"error": {"message": f"{self.path}: not here"}}, 404)

    do_GET = do_PUT = do_POST

    def _chat(self, asked):
        assert self.headers["authorization"].startswith("Bearer ")
        shared = {"id": "c", "created": 0, "model": asked["model"]}
        if not asked.get("stream"):
            self.server.may_go_on.wait(60)
            message = {"role": "assistant", "content": "".join(WORDS)}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            return self._json({**shared, "object": "chat.completion", "choices": [choice]})
        events = [
            {
                **shared,
                "object": "chat.completion.chunk",
                "choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}],
            }
            for word in WORDS
        ]
        return self._events([f"data: {json.dumps(event)}\n\n" for event in events] + ["data: [DONE]\n\n"])

    def _messages(self, asked):
        assert self.headers["authorization"].startswith("Bearer ")
        assert self.headers["anthropic-version"]
        message = {
            "id": "m",
            "type": "message",
            "role": "assistant",
            "model": asked["model"],
            "stop_sequence": None,
        }
        usage = {"input_tokens": 1, "output_tokens": 3}
        if not asked.get("stream"):
            content = [{"type": "text", "text": "".join(WORDS)}]
            return self._json({**message, "content": content, "stop_reason": "end_turn", "usage": usage})
        started = {**message, "content": [], "stop_reason": None, "usage": usage}
        block = {"type": "text", "text": ""}
        events = [
            {"type": "message_start", "message": started},
            {"type": "content_block_start", "index": 0, "content_block": block},
            *(
                {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}}
                for word in WORDS
            ),
            {"type": "content_block_stop", "index": 0},
            {
                "type": "message_delta",
                "delta": {"stop_reason": "end_turn", "stop_sequence": None},
                "usage": usage,
            },
            {"type": "message_stop"},
        ]
        return self._events([f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events])

    def _customer(self, form):
        if self.command == "GET":
            return self._json({"object": "list", "url": "/v1/customers", "has_more": False, "data": []})
        assert self.headers["idempotency-key"]
        return self._json({"id": "cus_1", "object": "customer", "email": form["email"][0]})

    def _bucket(self, path, body):
        assert self.headers["authorization"].startswith("AWS4-HMAC-SHA256 ")
        if self.command == "PUT":
            self.server.stored = body
            return self._send(200, b"", {"ETag": '"e"'})
        if "list-type=2" in self.path:
            return self._send(200, LIST, {"Content-Type": "application/xml"})
        return self._send(200, OBJECT, {"Content-Type": "binary/octet-stream", "ETag": '"e"'})

    def _json(self, data, status=200):
        return self._send(status, json.dumps(data).encode(), {"Content-Type": "application/json"})

    def _send(self, status, body, headers):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body)), "retry-after": "0"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _events(self, events):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        half = len(events) // 2
        for position, event in enumerate(events):
            if position == half:
                self.server.may_go_on.wait(60)
            self.wfile.write(f"{len(event):x}\r\n{event}\r\n".encode())
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        pass
