"""What is asked of a server, and which response is right."""

import os
from dataclasses import dataclass, field
from email.utils import formatdate
from itertools import count

FILES = 6
BIG = 10_000_000
WRITTEN = 1_700_000_000
numbers = count()


@dataclass
class Call:
    method: str
    path: str
    status: int
    body: bytes | None
    """None: the server's own words."""
    content: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def is_right(self, status, body):
        return status == self.status and (self.body is None or body == self.body)

    def sent(self):
        """A key by which a client may send the call again, whatever its method."""
        return self.headers | {"Idempotency-Key": f"key-{next(numbers)}"}


def text(number):
    """A file of its own, which gzip makes smaller."""
    return b"".join(b"file %d, line %d\n" % (number, line) for line in range(number * number * 40 + 1))


def write_files(folder):
    for number in range(FILES):
        (folder / f"{number}.txt").write_bytes(text(number))
    (folder / "big.txt").write_bytes(big())
    for file in folder.iterdir():
        os.utime(file, (WRITTEN, WRITTEN))


def big():
    return b"0123456789abcdef" * (BIG // 16)


def of_origin(turn):
    """Calls of one turn to what sends the files in each framing."""
    number = turn % FILES
    name, data = f"{number}.txt", text(number)
    sent = b"turn %d " % turn * (1 + turn * 37 % 3000)
    yield Call("GET", f"length/{name}", 200, data)
    yield Call("GET", f"chunked/{name}", 200, data)
    yield Call("POST", f"echo/{name}", 200, sent, sent)
    yield Call("GET", f"gzip/{name}", 200, data, headers={"Accept-Encoding": "gzip"})
    yield Call("HEAD", f"length/{name}", 200, b"")
    yield Call("HEAD", f"chunked/{name}", 200, b"")
    yield Call("GET", f"none/{name}", 204, b"")
    yield Call("GET", f"same/{name}", 304, b"", headers={"If-None-Match": '"a"'})
    yield Call("GET", f"end/{name}", 200, data)
    yield Call("PUT", f"echo/{name}", 200, sent, sent)
    yield Call("GET", f"error/{name}", 500, data)
    if turn % 4 == 0:
        yield Call("GET", f"{['length', 'chunked', 'end'][turn // 4 % 3]}/big.txt", 200, big())


def of_files(turn):
    """Calls of one turn to a server of files."""
    number = turn % FILES
    name, data = f"{number}.txt", text(number)
    yield Call("GET", f"static/{name}", 200, data)
    yield Call("GET", f"static/{name}", 200, data, headers={"Accept-Encoding": "gzip"})
    yield Call("HEAD", f"static/{name}", 200, b"")
    yield Call("GET", "static/missing.txt", 404, None)
    yield Call(
        "GET", f"static/{name}", 304, b"", headers={"If-Modified-Since": formatdate(WRITTEN, usegmt=True)}
    )
    yield Call("GET", f"static/{name}", 200, data)
    if turn % 4 == 0:
        yield Call("GET", "static/big.txt", 200, big())
