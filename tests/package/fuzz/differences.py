"""What is odd about a response, by which differences between clients are explained."""

import re

from fuzz import oracle

TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
MANY_FIELDS = 99  # those of h11, and more, with their status line
ODD_HEADS = {
    "a line with LF alone": rb"(?<!\r)\n",
    "CR alone": rb"\r(?!\n)",
    "a control character": rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]",
    "a byte beyond ASCII": rb"[\x80-\xff]",
    "a folded line": rb"\n[ \t]+[^ \t\r\n]",
    "a line of white space": rb"\n[ \t]+\r?\n",
    "another status line": rb"\A(?!(?:HTTP/1\.[01] [1-5][0-9]{2}(?: [^\r\n]*)?\r?\n))",
    "a name that is no token": rb"\n(?!%b:|\r?\n|\Z|[ \t])" % TOKEN,
    "version 1.0": rb"\AHTTP/1\.0",
    "a tab after chunked": rb"(?i)\ntransfer-encoding:[ \t]*chunked[ \t]*\t",
}
ODD_HEADS = {name: re.compile(pattern) for name, pattern in ODD_HEADS.items()}


def oddities(method, data):
    """The names of what is odd."""
    heads, rest = oracle.heads(data)
    found = {
        name for name, pattern in ODD_HEADS.items() for head in heads if pattern.search(head.lstrip(b"\r\n"))
    }
    if any(head[:1] in (b"\r", b"\n") for head in heads):
        found.add("an empty line before it")
    if len(heads) > 1:
        found.add("an interim response")
    if rest is None:
        found.add("no end of the head")
        return found
    if heads[-1].count(b"\n") > MANY_FIELDS:
        found.add("many fields")
    status, fields = oracle.status(heads[-1]), oracle.fields(heads[-1])
    names = [name for name, _ in fields]
    codings = [value.lower() for name, value in fields if name == b"transfer-encoding"]
    lengths = [value for name, value in fields if name == b"content-length"]
    if codings and codings != [b"chunked"]:
        found.add("another coding")
    if codings and lengths:
        found.add("a length and a coding")
    if len(lengths) > 1 or any(not length.isdigit() for length in lengths):
        found.add("several lengths, or none")
    if any(length.isdigit() and int(length) >= 2**63 for length in lengths):
        found.add("a length beyond 64 bits")
    if b"upgrade" in names:
        found.add("an upgrade")
    if status is None or not 200 <= status < 600:
        found.add("an unusual status")
    if method == "HEAD" or status in (204, 304):
        if rest:
            found.add("bytes after it")
    elif codings:
        found |= _odd_chunks(rest)
    elif len(lengths) == 1 and lengths[0].isdigit() and len(rest) > int(lengths[0]):
        found.add("bytes after it")
    return found


def _odd_chunks(data):
    read = oracle.chunks(data)
    if read is None:
        return {"chunks that are not valid"}
    _, end, is_plain = read
    named = {"bytes after it": end < len(data), "trailers or extensions": not is_plain}
    return {name for name, is_so in named.items() if is_so}


EXPLAINED = {
    ("h11", "we refuse"): {
        "another status line",
        "an unusual status",
        "a folded line",
        "a line of white space",
        "a length beyond 64 bits",
        "chunks that are not valid",
        "many fields",
        "trailers or extensions",
    },
    ("h11", "they refuse"): {
        "an empty line before it",
        "a control character",
        "an interim response",
        "trailers or extensions",
    },
    ("h11", "read otherwise"): set(),
    ("aiohttp", "we refuse"): {
        "another status line",
        "an unusual status",
        "another coding",
        "a folded line",
        "a line of white space",
        "a name that is no token",
        "CR alone",
        "chunks that are not valid",
        "trailers or extensions",
        "many fields",
    },
    ("aiohttp", "they refuse"): {
        "bytes after it",
        "several lengths, or none",
        "a length and a coding",
        "an interim response",
        "trailers or extensions",
    },
    ("aiohttp", "read otherwise"): {"a tab after chunked"},
}
"""For each client and kind of difference, what explains it."""
