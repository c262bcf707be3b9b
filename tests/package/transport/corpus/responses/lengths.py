"""`Content-Length` (RFC 9112 §6.2, §6.3)."""

from transport.corpus.outcomes import CUT, OK, ONE, Case, closes, refused, whole

SIZE, LIST = "RFC 9112 §6.2", "RFC 9112 §6.3, rule 5"
NUMBER = "field content-length: it is not one number"
DIFFER = "field content-length: two numbers that differ"


def lengths(*values, body=b"a", line=b"\r\n"):
    fields = b"".join(b"content-length: " + value + line for value in values)
    return OK + fields + b"\r\n" + body


CASES = {
    "a length": Case(SIZE, lengths(b"5", body=b"hello"), whole(b"hello")),
    "a length of none": Case(SIZE, lengths(b"0", body=b""), whole()),
    "a length with zeros before it": Case(SIZE, lengths(b"0005", body=b"hello"), whole(b"hello")),
    "white space around a length": Case(SIZE, lengths(b" \t1\t "), whole(b"a")),
    "a length of 100,000": Case(SIZE, lengths(b"100000", body=b"b" * 100000), whole(b"b" * 100000)),
    "a body of zeros": Case(SIZE, lengths(b"3", body=b"\x00\x00\x00"), whole(b"\x00\x00\x00")),
    "a body of line ends": Case(SIZE, lengths(b"4", body=b"\r\n\r\n"), whole(b"\r\n\r\n")),
    "a body that is a response": Case(
        "response splitting", lengths(b"17", body=b"HTTP/1.1 500 A\r\n\n"), whole(b"HTTP/1.1 500 A\r\n\n")
    ),
    "a body in lines like chunks": Case(SIZE, lengths(b"5", body=b"0\r\n\r\n"), whole(b"0\r\n\r\n")),
    "a body that is cut": Case("RFC 9112 §8", lengths(b"5", body=b"hel"), CUT),
    "a body that does not come": Case("RFC 9112 §8", lengths(b"5", body=b""), CUT),
    "a body one byte short": Case("reports: lengths in characters", lengths(b"6", body=b"hello"), CUT),
    "a body that is too long": Case(
        "reports: lengths in characters", lengths(b"5", body=b"hello\xa9"), closes(b"hello")
    ),
    "a line end after the body": Case(
        "reports: scripts that print", lengths(b"1", body=b"a\r\n"), whole(b"a")
    ),
    "a response after the body": Case("response splitting", lengths(b"1") + OK + ONE, closes(b"a")),
    "NUL after the body": Case("response splitting", lengths(b"1") + b"\x00", closes(b"a")),
    "the same length twice": Case(LIST, lengths(b"1", b"1"), whole(b"a")),
    "the same length three times": Case(LIST, lengths(b"1", b"1", b"1"), whole(b"a")),
    "the same length in a list": Case(LIST, lengths(b"1, 1"), whole(b"a")),
    "the same length twice, lines with LF": Case(
        LIST, b"HTTP/1.1 200 OK\ncontent-length: 1\nContent-Length: 1\n\na", whole(b"a")
    ),
    "the same length twice, and more": Case(LIST, lengths(b"1", b"1", body=b"ab"), closes(b"a")),
    "a body that looks like another length": Case(
        LIST, lengths(b"17", b"17", body=b"\ncontent-length: "), whole(b"\ncontent-length: ")
    ),
    "lengths that differ": Case(LIST, lengths(b"1", b"2", body=b"ab"), refused(DIFFER)),
    "lengths that differ, the longer first": Case(LIST, lengths(b"2", b"1", body=b"ab"), refused(DIFFER)),
    "a list of lengths that differ": Case(LIST, lengths(b"1, 2", body=b"ab"), refused(DIFFER)),
    "lengths that differ in their zeros": Case(LIST, lengths(b"01", b"1"), refused(DIFFER)),
    "a length and an empty one": Case(LIST, lengths(b"1", b""), refused(NUMBER)),
    "a length and a comma": Case(LIST, lengths(b"1,"), refused(NUMBER)),
    "a length and a word": Case(LIST, lengths(b"1", b"one"), refused(NUMBER)),
    "a length with a plus": Case(SIZE, lengths(b"+1"), refused(NUMBER)),
    "a negative length": Case(SIZE, lengths(b"-1"), refused(NUMBER)),
    "a length with a fraction": Case(SIZE, lengths(b"1.0"), refused(NUMBER)),
    "a length with an exponent": Case(SIZE, lengths(b"1e0"), refused(NUMBER)),
    "a length in hexadecimal": Case(SIZE, lengths(b"0x1"), refused(NUMBER)),
    "a length with an underscore": Case(
        "reports: int() of Python", lengths(b"1_0", body=b"a" * 10), refused(NUMBER)
    ),
    "a length with a unit": Case("reports: sizes for people", lengths(b"1 bytes"), refused(NUMBER)),
    "a length in quotes": Case(SIZE, lengths(b'"1"'), refused(NUMBER)),
    "two lengths with a space": Case(SIZE, lengths(b"1 2", body=b"a" * 12), refused(NUMBER)),
    "a length in other digits": Case("reports: int() of Python", lengths(b"\xd9\xa1"), refused(NUMBER)),
    "an empty length": Case(SIZE, lengths(b""), refused(NUMBER)),
    "a folded length": Case(
        "RFC 9112 §5.2", lengths(b"1\r\n 2", body=b"a" * 12), refused("field content-length: it is folded")
    ),
    "a length that begins in the next line": Case(
        "RFC 9112 §5.2", lengths(b"\r\n 1"), refused("field content-length: it is folded")
    ),
    "a length of 20 digits": Case(SIZE, lengths(b"9" * 20), refused("field content-length: it is too large")),
    "a length with a control character": Case(SIZE, lengths(b"1\x0b"), refused(NUMBER)),
}
