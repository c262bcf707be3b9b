"""Header fields: names, values, white space, line folding (RFC 9110 §5, RFC 9112 §5)."""

from transport.corpus.outcomes import OK, ONE, Case, refused, whole

NAME, VALUE, FOLD, LINE = "RFC 9110 §5.1", "RFC 9110 §5.5", "RFC 9112 §5.2", "RFC 9112 §5"
CONTROL = "field x: a control character"


def field(line):
    return OK + line + b"\r\n" + ONE


CASES = {
    "white space around a value": Case(VALUE, field(b"x: \t b c \t"), whole(b"a", 200, b"b c")),
    "no space after the colon": Case(VALUE, field(b"x:b"), whole(b"a", 200, b"b")),
    "an empty value": Case(VALUE, field(b"x:"), whole(b"a", 200, b"")),
    "a value of spaces": Case(VALUE, field(b"x:   "), whole(b"a", 200, b"")),
    "a name in capitals": Case(NAME, field(b"X: b"), whole(b"a", 200, b"b")),
    "a field twice": Case("RFC 9110 §5.3", field(b"x: b\r\nx: c"), whole(b"a", 200, b"b", b"c")),
    "a field twice, once empty": Case("RFC 9110 §5.3", field(b"x:\r\nx: c"), whole(b"a", 200, b"", b"c")),
    "a value in Latin-1": Case(VALUE, field(b"x: caf\xe9"), whole(b"a", 200, b"caf\xe9")),
    "a value in UTF-8": Case(
        "reports: file names in Content-Disposition",
        field(b"x: filename=\xc3\xa9.pdf"),
        whole(b"a", 200, b"filename=\xc3\xa9.pdf"),
    ),
    "a value with a colon": Case(
        VALUE, field(b"x: http://a:1/?b=c;d"), whole(b"a", 200, b"http://a:1/?b=c;d")
    ),
    "a value with a tab": Case(VALUE, field(b"x: b\tc"), whole(b"a", 200, b"b\tc")),
    "a value with quotes": Case("RFC 9110 §5.6.4", field(b'x: "b\\"c", d'), whole(b"a", 200, b'"b\\"c", d')),
    "a name of all punctuation": Case(
        "RFC 9110 §5.6.2", field(b"!#$%&'*+-.^_`|~: b\r\nx: c"), whole(b"a", 200, b"c")
    ),
    "a name with an underscore": Case(
        "reports: proxies that drop underscores", field(b"a_b: c\r\nx: d"), whole(b"a", 200, b"d")
    ),
    "a value of 8,000 bytes": Case(
        "reports: policies and cookies", field(b"x: " + b"v" * 8000), whole(b"a", 200, b"v" * 8000)
    ),
    "a value of 60,000 bytes": Case(
        "reports: tokens in headers", field(b"x: " + b"v" * 60000), whole(b"a", 200, b"v" * 60000)
    ),
    "a value of 98,000 bytes": Case(
        "reports: tokens in headers", field(b"x: " + b"v" * 98000), whole(b"a", 200, b"v" * 98000)
    ),
    "a value of 200,000 bytes": Case(
        "RFC 9110 §5.4",
        field(b"x: " + b"v" * 200000),
        refused("the head is longer than 102400 bytes, most of it in field x"),
    ),
    "a head of 95,000 bytes": Case(
        "reports: many cookies", field(b"\r\n".join([b"set-cookie: " + b"v" * 950] * 95)), whole(b"a")
    ),
    "a head of 200,000 bytes": Case(
        "RFC 9110 §5.4",
        field(b"\r\n".join([b"set-cookie: " + b"v" * 2500] * 80)),
        refused("the head is longer than 102400 bytes, most of it in field set-cookie"),
    ),
    "99 fields": Case("reports: many cookies", field(b"\r\n".join([b"set-cookie: v"] * 98)), whole(b"a")),
    "128 fields": Case("reports: many cookies", field(b"\r\n".join([b"set-cookie: v"] * 127)), whole(b"a")),
    "300 fields": Case(
        "RFC 9110 §5.4",
        field(b"\r\n".join([b"set-cookie: v"] * 299)),
        refused("more than 128 fields, most of them set-cookie"),
    ),
    "an escape in a value": Case(VALUE, field(b"x: b\x1bc"), whole(b"a", 200, b"b c")),
    "a control character in a value": Case(
        "reports: binary data in a field", field(b"x: b\x01c"), whole(b"a", 200, b"b c")
    ),
    "DEL in a value": Case(VALUE, field(b"x: b\x7fc"), whole(b"a", 200, b"b c")),
    "NUL in a value": Case(VALUE, field(b"x: b\x00c"), refused(f"{CONTROL} 0x00 in its value")),
    "a carriage return in a value": Case(
        VALUE, field(b"x: b\rc: d"), refused(f"{CONTROL} 0x0d in its value")
    ),
    "a carriage return after a value": Case(
        "RFC 9112 §2.2", field(b"x: b\r"), refused(f"{CONTROL} 0x0d in its value")
    ),
    "a folded value": Case(FOLD, field(b"x: b\r\n c"), whole(b"a", 200, b"b c")),
    "a value folded with a tab": Case(FOLD, field(b"x: b\r\n\tc"), whole(b"a", 200, b"b c")),
    "a value folded twice": Case(FOLD, field(b"x: b\r\n c\r\n  d"), whole(b"a", 200, b"b c d")),
    "a value that begins in the next line": Case(
        "reports: mail software as HTTP server", field(b"x:\r\n b"), whole(b"a", 200, b"b")
    ),
    "a folded line that is empty": Case(FOLD, field(b"x: b\r\n \r\ny: c"), whole(b"a", 200, b"b")),
    "a folded line that looks like a length": Case(
        FOLD, field(b"x: b\r\n content-length: 9"), whole(b"a", 200, b"b content-length: 9")
    ),
    "a folded value, lines with LF": Case(
        FOLD, b"HTTP/1.1 200 OK\nx: b\n c\ncontent-length: 1\n\na", whole(b"a", 200, b"b c")
    ),
    "white space before the first field": Case(
        "RFC 9112 §2.2", field(b" x: b"), refused("white space before the first field")
    ),
    "a space before the colon": Case(
        "RFC 9112 §5.1", field(b"x : b"), refused("field x: white space before its colon")
    ),
    "a space in a name": Case(NAME, field(b"x y: b"), refused("a field's name has a space")),
    "no name": Case(NAME, field(b": b"), refused("a field without a name")),
    "a line without a colon": Case(
        "reports: lines that scripts print", field(b"nocolon"), refused("a line without a colon")
    ),
    "a name that is not ASCII": Case(
        NAME, field(b"caf\xe9: b"), refused("a field's name has the character 0xe9")
    ),
    "a name in brackets": Case(
        "reports: names of templates", field(b"x[1]: b"), refused("a field's name has the character 0x5b")
    ),
    "a name with an at sign": Case(NAME, field(b"x@y: b"), refused("a field's name has the character 0x40")),
    "NUL in a name": Case(NAME, field(b"x\x00: b"), refused("a field's name has the character 0x00")),
    "a status line twice": Case(
        "reports: gateways to scripts", OK + b"HTTP/1.1 200 OK\r\n" + ONE, refused("a field's name has")
    ),
    "lines that end with LF": Case(
        "RFC 9112 §2.2", b"HTTP/1.1 200 OK\nx: b\ncontent-length: 1\n\na", whole(b"a", 200, b"b")
    ),
    "only the last line ends with LF": Case(
        "RFC 9112 §2.2", OK + b"x: b\r\ncontent-length: 1\r\n\na", whole(b"a", 200, b"b")
    ),
    "no LF at the end": Case(
        "RFC 9112 §2.2", OK + b"content-length: 1\r\n\ra", refused("a field's name has the character 0x0d")
    ),
}
