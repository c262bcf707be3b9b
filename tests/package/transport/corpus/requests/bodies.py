"""Methods, bodies and their framing (RFC 9110 §8, §9; RFC 9112 §6)."""

from transport.corpus.requests.asking import asked

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
LENGTH, METHOD = "RFC 9112 §6.2", "RFC 9110 §9"


def post(source, body, kind=None, **call):
    fields = {"content-length": str(len(body)), "content-type": kind, "transfer-encoding": None}
    return asked(source, "POST", "items", "/items", body=body, fields=fields, **call)


def bare(source, method, length=None):
    fields = {"content-length": length, "transfer-encoding": None}
    return asked(source, method, "items", "/items", fields=fields)


CASES = {
    "GET": bare(METHOD, "GET"),
    "HEAD": bare(METHOD, "HEAD"),
    "OPTIONS": bare(METHOD, "OPTIONS"),
    "DELETE": bare(METHOD, "DELETE"),
    "POST without a body": bare("RFC 9110 §8.6", "POST", "0"),
    "PUT without a body": bare("RFC 9110 §8.6", "PUT", "0"),
    "PATCH without a body": bare("RFC 5789 §2", "PATCH", "0"),
    "PURGE": bare("reports: caches", "PURGE"),
    "PROPFIND": bare("RFC 4918 §9.1", "PROPFIND"),
    "an object": post(LENGTH, b'{"a":1}', JSON, json={"a": 1}),
    "a list": post(LENGTH, b"[1,2]", JSON, json=[1, 2]),
    "an empty object": post("reports: empty bodies left out", b"{}", JSON, json={}),
    "an empty list in the body": post("reports: empty bodies left out", b"[]", JSON, json=[]),
    "zero": post("reports: false values left out", b"0", JSON, json=0),
    "text in JSON": post("RFC 8259 §8.1", '"é"'.encode(), JSON, json="é"),
    "an emoji in JSON": post("RFC 8259 §8.1", '{"a":"😀"}'.encode(), JSON, json={"a": "😀"}),
    "nested JSON": post("RFC 8259", b'{"a":{"b":[null,true,0.5]}}', JSON, json={"a": {"b": [None, True, 0.5]}}),
    "JSON with DELETE": asked(
        "reports: bulk deletes", "DELETE", "items", "/items",
        json={"ids": [1]}, body=b'{"ids":[1]}', fields={"content-length": "11", "content-type": JSON},
    ),
    "JSON with GET": asked(
        "reports: search servers", "GET", "_search", "/_search",
        json={"q": 1}, body=b'{"q":1}', fields={"content-length": "7", "content-type": JSON},
    ),
    "JSON of another type": post(
        "RFC 7396 §4", b'{"a":null}', "application/merge-patch+json",
        json={"a": None}, headers={"Content-Type": "application/merge-patch+json"},
    ),
    "a form": post("HTML, form submission", b"a=1&b=2", FORM, data={"a": "1", "b": "2"}),
    "a form with a list": post("HTML, form submission", b"a=1&a=2", FORM, data={"a": ["1", "2"]}),
    "a form with marks": post("HTML, form submission", b"a=b+c%26d%2B", FORM, data={"a": "b c&d+"}),
    "a form with an accent": post("HTML, form submission", b"a=%C3%A9", FORM, data={"a": "é"}),
    "a form with an empty value": post("HTML, form submission", b"a=", FORM, data={"a": ""}),
    "bytes": post(LENGTH, b"\x00\xff\r\n", None, content=b"\x00\xff\r\n"),
    "bytes of a type": post(
        LENGTH, b"<a/>", "application/xml", content=b"<a/>", headers={"Content-Type": "application/xml"}
    ),
    "no bytes": post("RFC 9110 §8.6", b"", None, content=b""),
    "bytes that look like a request": post("request splitting", b"GET / HTTP/1.1\r\n\r\n", None, content=b"GET / HTTP/1.1\r\n\r\n"),
    "100,000 bytes": post(LENGTH, b"b" * 100000, None, content=b"b" * 100000),
}  # fmt: skip
