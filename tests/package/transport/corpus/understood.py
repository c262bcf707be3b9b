"""What we read and another client refuses, or reads otherwise, with the reasons."""

from transport.corpus.differences import Difference

READ = [
    Difference(
        "empty lines before it",
        "they are no part of any response, and end nothing",
        ("two empty lines before",),
    ),
    Difference(
        "NUL in the reason phrase",
        "the phrase means nothing to a program; it is left out",
        ("a reason with NUL",),
    ),
    Difference(
        "white space around a value",
        "it is no part of the value (RFC 9110 §5.5); so is the tab after `chunked`",
        ("white space around a value", "white space around a length", "a tab after chunked"),
    ),
    Difference(
        "control characters in a value",
        "a space takes their place, as RFC 9110 §5.5 allows: a value may end up in a log or on a terminal",
        ("an escape in a value", "a control character in a value", "DEL in a value"),
    ),
    Difference(
        "long fields, many fields",
        "policies, cookies and tokens are long; the limits are 100 KiB and 128 fields",
        ("a value of 60,000 bytes", "a value of 98,000 bytes", "a head of 95,000 bytes", "128 fields"),
    ),
    Difference(
        "folded fields",
        "a user agent must read them, with one space for the fold (RFC 9112 §5.2)",
        (
            "a folded value",
            "a value folded with a tab",
            "a value folded twice",
            "a value that begins in the next line",
            "a folded line that is empty",
            "a folded line that looks like a length",
            "a folded value, lines with LF",
            "HEAD with a folded field",
            "100 with a folded field",
        ),
    ),
    Difference(
        "lines that end with LF alone",
        "in a head it can mean nothing else (RFC 9112 §2.2)",
        ("lines that end with LF", "only the last line ends with LF", "100, lines with LF"),
    ),
    Difference(
        "one length, repeated",
        "all readers take the same number (RFC 9112 §6.3)",
        (
            "the same length twice",
            "the same length three times",
            "the same length in a list",
            "the same length twice, lines with LF",
            "the same length twice, and more",
            "a body that looks like another length",
            "HEAD with a length twice",
            "100 and a length twice",
        ),
    ),
    Difference(
        "chunks beside a length",
        "the chunks count (RFC 9112 §6.3), and the connection is closed",
        (
            "chunked before a length",
            "chunked after a length",
            "chunked and a length of none",
            "chunked and a length twice",
            "HEAD with a length and chunked",
            "304 with a length and chunked",
        ),
    ),
    Difference(
        "spaces after a chunk's size",
        "servers pad sizes; the next character is a line end or a semicolon",
        ("a space after a size", "a space before an extension"),
    ),
    Difference(
        "a length among the trailers",
        "trailers frame nothing (RFC 9110 §6.5.1)",
        ("a length among the trailers", "a length among the trailers, and more"),
    ),
    Difference(
        "interim responses",
        "a client must be able to read any number of them before the final one (RFC 9110 §15.2)",
        (
            "100 before",
            "100 twice",
            "100 without a reason",
            "102 before",
            "103 before",
            "103 three times",
            "103 with the same field",
            "104 before",
            "199 before",
            "100 of version 1.0",
            "103 with close",
            "100 with a length of none",
            "100 with a length",
            "100 with chunked",
            "100 before HEAD",
            "100 before 204",
        ),
    ),
    Difference(
        "204 or 304 in chunks",
        "these have no body, whatever their fields say (RFC 9112 §6.3)",
        ("204 with chunked", "304 with chunked"),
    ),
    Difference(
        "bytes after its end",
        "the response is whole; the bytes are dropped, and the connection is closed",
        (
            "a body that is too long",
            "NUL after the body",
            "a byte after the last chunk",
            "HEAD with a body",
            "HEAD with the last chunk",
            "204 with a body",
            "204 with the last chunk",
            "304 with a body",
            "close, and more",
        ),
    ),
]
