"""Queries: names and values of parameters (RFC 3986 §3.4, the form encoding of the URL standard)."""

from transport.corpus.requests.asking import asked

FORM = "URL standard, application/x-www-form-urlencoded"
TYPES = "reports: values that are no text"


def query(source, params, written):
    return asked(source, "GET", "s", f"/s?{written}" if written else "/s", params=params)


CASES = {
    "a parameter": query(FORM, {"a": "b"}, "a=b"),
    "parameters in their order": query(FORM, {"b": "1", "a": "2"}, "b=1&a=2"),
    "no parameters": query(FORM, {}, ""),
    "a space in a value": query(FORM, {"a": "b c"}, "a=b+c"),
    "a plus in a value": query("reports: time zones", {"a": "10:00+01:00"}, "a=10%3A00%2B01%3A00"),
    "an ampersand in a value": query(FORM, {"a": "b&c"}, "a=b%26c"),
    "an equals sign in a value": query("reports: base64 in queries", {"a": "YQ=="}, "a=YQ%3D%3D"),
    "a hash in a value": query(FORM, {"a": "#1"}, "a=%231"),
    "a percent sign in a value": query(FORM, {"a": "100%"}, "a=100%25"),
    "an escape in a value": query("reports: escaped twice", {"a": "%20"}, "a=%2520"),
    "a slash in a value": query(FORM, {"a": "b/c"}, "a=b%2Fc"),
    "a question mark in a value": query(FORM, {"a": "b?"}, "a=b%3F"),
    "a comma in a value": query("reports: lists in one value", {"a": "1,2"}, "a=1%2C2"),
    "a tilde in a value": query(FORM, {"a": "~"}, "a=~"),
    "an asterisk in a value": query(FORM, {"a": "*"}, "a=%2A"),
    "an accent in a value": query(FORM, {"a": "é"}, "a=%C3%A9"),
    "an emoji in a value": query(FORM, {"a": "😀"}, "a=%F0%9F%98%80"),
    "a line break in a value": query("request splitting", {"a": "b\r\nc"}, "a=b%0D%0Ac"),
    "an address in a value": query(FORM, {"a": "https://a.test/?b=c"}, "a=https%3A%2F%2Fa.test%2F%3Fb%3Dc"),
    "an empty value": query(FORM, {"a": ""}, "a="),
    "a number in a query": query(TYPES, {"a": 7}, "a=7"),
    "a fraction": query(TYPES, {"a": 0.5}, "a=0.5"),
    "a truth": query(TYPES, {"a": True, "b": False}, "a=true&b=false"),
    "a value that is None": query(TYPES, {"a": None, "b": "1"}, "a=&b=1"),
    "a list of values": query("reports: repeated names", {"a": ["1", "2"]}, "a=1&a=2"),
    "an empty list": query("reports: repeated names", {"a": [], "b": "1"}, "b=1"),
    "a name in brackets": query("reports: filters of JSON:API", {"filter[a]": "1"}, "filter%5Ba%5D=1"),
    "a name with a dollar sign": query("reports: OData", {"$top": "1"}, "%24top=1"),
    "a name with a space": query(FORM, {"a b": "1"}, "a+b=1"),
    "a value of 5,000 characters": query("reports: long filters", {"a": "v" * 5000}, "a=" + "v" * 5000),
}
