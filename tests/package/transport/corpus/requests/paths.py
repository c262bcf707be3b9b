"""Paths, with path parameters and without (RFC 3986 §3.3)."""

from uuid import UUID

from transport.corpus.requests.asking import asked

PATH, RESERVED = "RFC 3986 §3.3", "RFC 3986 §2.2"
ESCAPED = "RFC 3986 §2.1"
NAMES = "reports: names of things in paths"


def parameter(source, value, written):
    return asked(source, "GET", "items/{item}/tags", f"/items/{written}/tags", parameters={"item": value})


def template(source, path, written=None):
    return asked(source, "GET", path, f"/{written or path}")


def based(source, base, path, target):
    return asked(source, "GET", path, target, base=base)


CASES = {
    "a path": template(PATH, "items"),
    "a path of several segments": template(PATH, "a/b/c"),
    "a slash at the end": template("reports: frameworks that redirect without it", "items/"),
    "no path": asked("RFC 9112 §3.2.1", "GET", "", "/"),
    "no path below a base": based(PATH, "/v1", "", "/v1"),
    "a path below a base": based(PATH, "/v1", "items", "/v1/items"),
    "a base with a slash at its end": based("reports: two slashes in a row", "/v1/", "items", "/v1/items"),
    "a base of two segments": based(PATH, "/api/v1", "items/1", "/api/v1/items/1"),
    "a base with an escape": based("reports: spaces in a base", "/a%20b", "items", "/a%20b/items"),
    "a base with an at sign": based("reports: scopes of registries", "/@scope", "items", "/@scope/items"),
    "a base with a colon": based("reports: verbs of model APIs", "/v1:beta", "items", "/v1:beta/items"),
    "a verb after a colon": template("reports: verbs of model APIs", "models/gemini:generateContent"),
    "a colon in the first segment": template("RFC 3986 §4.2", "gemini:generateContent"),
    "a number": parameter(PATH, 7, "7"),
    "a UUID": parameter(PATH, UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    "a slash in a parameter": parameter(NAMES, "a/b", "a%2Fb"),
    "a space in a parameter": parameter(NAMES, "a b", "a%20b"),
    "a plus in a parameter": parameter("reports: addresses with a plus", "a+b", "a%2Bb"),
    "a percent sign in a parameter": parameter(ESCAPED, "100%", "100%25"),
    "an escape in a parameter": parameter("reports: escaped twice", "a%20b", "a%2520b"),
    "a question mark in a parameter": parameter(RESERVED, "why?", "why%3F"),
    "a hash in a parameter": parameter(RESERVED, "c#", "c%23"),
    "an ampersand in a parameter": parameter(RESERVED, "a&b", "a%26b"),
    "an equals sign in a parameter": parameter(RESERVED, "a=b", "a%3Db"),
    "a colon in a parameter": parameter(RESERVED, "a:b", "a%3Ab"),
    "an at sign in a parameter": parameter(NAMES, "ada@a.test", "ada%40a.test"),
    "a semicolon in a parameter": parameter(RESERVED, "a;b", "a%3Bb"),
    "a comma in a parameter": parameter(RESERVED, "a,b", "a%2Cb"),
    "a tilde in a parameter": parameter("RFC 3986 §2.3", "~ada", "~ada"),
    "marks in a parameter": parameter("RFC 3986 §2.3", "a-b_c.d", "a-b_c.d"),
    "quotes in a parameter": parameter(NAMES, "'a\"", "%27a%22"),
    "brackets in a parameter": parameter(RESERVED, "a[0](1)*", "a%5B0%5D%281%29%2A"),
    "a backslash in a parameter": parameter("reports: paths of Windows", "a\\b", "a%5Cb"),
    "an accent in a parameter": parameter("RFC 3987 §3.1", "café", "caf%C3%A9"),
    "Japanese in a parameter": parameter("RFC 3987 §3.1", "日本", "%E6%97%A5%E6%9C%AC"),
    "an emoji in a parameter": parameter("RFC 3987 §3.1", "😀", "%F0%9F%98%80"),
    "three dots in a parameter": parameter("RFC 3986 §5.2.4", "...", "..."),
    "an address in a parameter": parameter(NAMES, "https://a.test/b?c", "https%3A%2F%2Fa.test%2Fb%3Fc"),
    "a line break in a parameter": parameter("request splitting", "a\r\nb", "a%0D%0Ab"),
    "a parameter of 4,000 characters": parameter("reports: tokens in paths", "t" * 4000, "t" * 4000),
    "a key in parentheses": template("reports: OData", "Products(1)/Name"),
    "a list in a path": template(RESERVED, "sum(a,b)"),
    "a parameter of a segment": template(PATH, "items;v=1"),
    "a dollar sign": template("reports: OData, FHIR", "$metadata"),
    "an underscore first": template("reports: search servers", "index/_search"),
    "a plus in a path": template(RESERVED, "a+b"),
    "an apostrophe in a path": template("reports: OData", "items('a')"),
    "a dot first": template("RFC 8615 §3", ".well-known/openid-configuration"),
    "an escape in a path": template(ESCAPED, "a%20b"),
    "an escaped comma in a path": template(ESCAPED, "a%2Cb"),
    "an accent in a path": template("RFC 3987 §3.1", "café", "caf%C3%A9"),
}
