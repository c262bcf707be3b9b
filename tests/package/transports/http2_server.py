"""An upstream that speaks HTTP/2 only, over TLS or without it, and responds as a test says."""

import asyncio
from contextlib import suppress

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, RequestReceived, StreamEnded, StreamReset, WindowUpdated
from h2.exceptions import ProtocolError, StreamClosedError


class Http2Server:
    """Serves in the event loop of the test.

    Attributes:
        requests: method, path and body of each.
        heads: the headers of each.
        accepted: the number of connections.
        open: those that are open.
        scripts: path -> status, headers, body and what happens after it: `end`, `hang`, `reset`, `cut` or `goaway`.
    """

    def __init__(self, tls=None):
        self.requests, self.heads = [], []
        self.accepted = self.open = 0
        self.scripts = {}
        self._tls = tls
        self._connections = set()

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", ssl=self._tls)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http{'s' if self._tls else ''}://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_):
        self._server.close()
        self.end_connections()

    def end_connections(self):
        for connection in tuple(self._connections):
            connection.writer.close()

    async def _serve(self, reader, writer):
        self.accepted += 1
        self.open += 1
        connection = _Connection(self, writer)
        self._connections.add(connection)
        with suppress(ConnectionError, ProtocolError):
            await connection.run(reader)
        self._connections.discard(connection)
        self.open -= 1
        writer.close()


class _Connection:
    def __init__(self, server, writer):
        self.writer = writer
        self._server = server
        self._h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self._bodies, self._pending = {}, {}

    async def run(self, reader):
        self._h2.initiate_connection()
        self._flush()
        while data := await reader.read(65536):
            for event in self._h2.receive_data(data):
                self._handle(event)
            self._flush()

    def _flush(self):
        self.writer.write(self._h2.data_to_send())

    def _handle(self, event):
        match event:
            case RequestReceived():
                self._bodies[event.stream_id] = dict(event.headers), bytearray()
            case DataReceived():
                self._bodies[event.stream_id][1].extend(event.data)
                self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            case StreamEnded():
                self._respond(event.stream_id)
            case WindowUpdated():
                for stream_id in tuple(self._pending):
                    self._send(stream_id)
            case StreamReset():
                self._pending.pop(event.stream_id, None)

    def _respond(self, stream_id):
        head, body = self._bodies.pop(stream_id)
        path = head[":path"].partition("?")[0]
        self._server.requests.append((head[":method"], path, bytes(body)))
        self._server.heads.append(head)
        status, headers, content, then = self._server.scripts.get(path, (404, {}, b"none", "end"))
        if then in ("close", "goaway", "reset") and not content:
            return self._break(stream_id, then)
        if then == "hang" and status == 0:
            return None
        self._h2.send_headers(stream_id, [(":status", str(status)), *headers.items()])
        self._pending[stream_id] = content, then
        self._send(stream_id)
        return None

    def _send(self, stream_id):
        content, then = self._pending[stream_id]
        with suppress(StreamClosedError):
            while content:
                size = min(self._h2.local_flow_control_window(stream_id), self._h2.max_outbound_frame_size)
                if not size:
                    self._pending[stream_id] = content, then
                    return
                self._h2.send_data(stream_id, content[:size])
                content = content[size:]
            del self._pending[stream_id]
            if then == "end":
                self._h2.end_stream(stream_id)
            else:
                self._break(stream_id, then)

    def _break(self, stream_id, then):
        if then == "reset":
            self._h2.reset_stream(stream_id, ErrorCodes.INTERNAL_ERROR)
        elif then == "goaway":
            self._h2.close_connection(ErrorCodes.ENHANCE_YOUR_CALM)
        elif then == "close":
            self._flush()
            self.writer.close()
