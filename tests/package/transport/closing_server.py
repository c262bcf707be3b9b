"""A server that closes after each response, with or without the goodbye of TLS, as nginx without keep-alive does."""

import socket
import ssl
import threading
from contextlib import suppress

PIECE = 64 * 1024


class ClosingServer:
    """Answers the target `/FRAMING/SIZE/ENDING`, then closes without waiting for its peer.

    Args:
        tls: makes it a TLS server.
    """

    def __init__(self, tls=None):
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = []

    def __enter__(self):
        self._threads.append(threading.Thread(target=self._accept, name="closing server"))
        self._threads[0].start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self):
        with suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self._threads.append(threading.Thread(target=self._serve, args=(sock,)))
                self._threads[-1].start()

    def _serve(self, sock):
        with sock, suppress(OSError):
            peer = Secure(sock, self._tls) if self._tls else Plain(sock)
            framing, size, ending = peer.receive().split(b" ")[1].decode().strip("/").split("/")
            peer.send(HEADS[framing] % int(size) if framing == "length" else HEADS[framing])
            for piece in _pieces(int(size) // 2 if ending == "cut" else int(size)):
                peer.send(b"%x\r\n%b\r\n" % (len(piece), piece) if framing == "chunked" else piece)
            if framing == "chunked" and ending != "cut":
                peer.send(b"0\r\n\r\n")
            if ending == "goodbye":
                peer.say_goodbye()


HEADS = {
    "length": b"HTTP/1.1 200 -\r\nconnection: close\r\ncontent-length: %d\r\n\r\n",
    "chunked": b"HTTP/1.1 200 -\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n",
    "end": b"HTTP/1.1 200 -\r\n\r\n",
}


def body(size):
    """Return the body that is sent."""
    return b"".join(_pieces(size))


def _pieces(size):
    for start in range(0, size, PIECE):
        yield bytes([start // PIECE % 251]) * min(PIECE, size - start)


class Plain:
    def __init__(self, sock):
        self._sock = sock

    def receive(self):
        return self._sock.recv(PIECE)

    def send(self, data):
        self._sock.sendall(data)

    def say_goodbye(self):
        """End; TCP has no goodbye of its own but its end."""


class Secure:
    """TLS in memory: `SSLSocket.unwrap` would wait for the goodbye of the peer."""

    def __init__(self, sock, context):
        self._sock = sock
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._until_done(self._tls.do_handshake)

    def receive(self):
        return self._until_done(self._tls.read)

    def send(self, data):
        self._tls.write(data)
        self._flush()

    def say_goodbye(self):
        with suppress(ssl.SSLWantReadError):
            self._tls.unwrap()
        self._flush()

    def _flush(self):
        self._sock.sendall(self._outgoing.read())

    def _until_done(self, step):
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                self._flush()
                if not (data := self._sock.recv(PIECE)):
                    raise OSError("the peer has closed") from None
                self._incoming.write(data)
            else:
                self._flush()
                return result
