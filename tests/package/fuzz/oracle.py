"""Which body a response has, read as strictly as RFC 9112 §6 and §7.1 have it, and by no parser that the package uses."""

import re

from fuzz.reading import Read

STATUS_LINE = re.compile(rb"[\r\n]*HTTP/1\.[01] ([0-9]{3})(?: [^\n]*)?\r?\n")
END_OF_HEAD = re.compile(rb"\n\r?\n")
SIZE = re.compile(rb"([0-9a-fA-F]+)[ \t]*(?:;[^\r\n]*)?\r\n")
LINE = re.compile(rb"[^\r\n]*\r\n")


def read(method, data):
    """The only reading that a client may have of a response, after which the connection has ended; None: it has none."""
    found, rest = heads(data)
    if rest is None or any(status(head) is None for head in found) or status(found[-1]) < 200:
        return None
    body = _body(method, status(found[-1]), fields(found[-1]), rest)
    return None if body is None else Read(status(found[-1]), body)


def heads(data):
    """The heads of interim responses and of the final one, each with its empty line; and what follows, if they end."""
    found = []
    while True:
        start = len(data) - len(data.lstrip(b"\r\n"))
        end = END_OF_HEAD.search(data, start)
        if end is None:
            return [*found, data], None
        head, data = data[: end.end()], data[end.end() :]
        found.append(head)
        number = status(head)
        if number is None or not 100 <= number < 200 or number == 101:
            return found, data


def status(head):
    line = STATUS_LINE.match(head)
    return None if line is None else int(line[1])


def fields(head):
    """Names in small letters, and their values, folded lines joined."""
    found = []
    for line in head.lstrip(b"\r\n").split(b"\n")[1:]:
        if line[:1] in (b" ", b"\t") and found:
            found[-1] = found[-1][0], found[-1][1] + b" " + line.strip()
        elif line.strip(b"\r"):
            name, _, value = line.partition(b":")
            found.append((name.lower(), value.strip(b" \t\r")))
    return found


def _body(method, status, fields, data):
    if method == "HEAD" or status in (204, 304):
        return b""
    codings = [value.lower() for name, value in fields if name == b"transfer-encoding"]
    lengths = [value for name, value in fields if name == b"content-length"]
    if codings:  # which override a length
        whole = chunks(data) if codings == [b"chunked"] else None
        return None if whole is None else whole[0]
    if not lengths:
        return data
    numbers = {number.strip(b" \t") for value in lengths for number in value.split(b",")}
    number = numbers.pop()
    if numbers or not number.isdigit() or len(data) < int(number):
        return None
    return data[: int(number)]


def chunks(data):
    """The body in chunks, where they end, and whether they are plain; None if they are not valid, or do not end.

    Plain ones have neither extensions nor trailers.
    """
    at, body, is_plain = 0, b"", True
    while size := SIZE.match(data, at):
        start, length = size.end(), int(size[1], 16)
        is_plain = is_plain and size[0][:-2] == size[1]
        if not length:
            end = _end_of_trailers(data, start)
            return None if end is None else (body, end, is_plain and end == start + 2)
        if data[start + length : start + length + 2] != b"\r\n":
            return None
        body += data[start : start + length]
        at = start + length + 2
    return None


def _end_of_trailers(data, at):
    while line := LINE.match(data, at):
        at = line.end()
        if line[0] == b"\r\n":
            return at
    return None
