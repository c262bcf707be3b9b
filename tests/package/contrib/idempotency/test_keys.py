"""What a key looks like, and that it has the same meaning with and without quotes."""

import pytest
from upstreams.contrib.idempotency.keys import digest, parse


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("8e03978e-40d5", "8e03978e-40d5"),
        ('"8e03978e-40d5"', "8e03978e-40d5"),
        (' "a" ', "a"),
        (r'"a \"b\" \\ c"', r'a "b" \ c'),
        ("a" * 255, "a" * 255),
        ("pay:1/2=+~!#", "pay:1/2=+~!#"),
    ],
)
def test_a_key(header, key):
    assert parse(header) == key


@pytest.mark.parametrize(
    "header",
    [
        *(
            "",
            '""',
            '"',
            " ",
            "a b",
            "a,b",
            '"a","b"',
            '"a',
            'a"',
            '"a";b=1',
            "a;b",
            r"a\b",
            r'"a\b"',
            r'"a\"',
        ),
        *("é", '"é"', "a\x7f", "a\0", "a" * 256, f'"{"a" * 256}"'),
    ],
)
def test_no_key(header):
    assert parse(header) is None


def test_a_digest_keeps_its_parts_apart():
    assert digest("a", "bc") != digest("ab", "c")
    assert digest("a", "1:b") != digest("a1", ":b")
    assert digest("\ud800") != digest("")
