"""What a client, an upstream or the environment wrote takes time in proportion to its size."""

import ast
import json
import re
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
import upstreams
from upstreams.asgi.forwarded_headers import ForwardedHeaders
from upstreams.asgi.heads import content_length
from upstreams.clients.excerpt import excerpt
from upstreams.contrib.json_api import parse_body, parse_query
from upstreams.core.errors import UnsafeRequest
from upstreams.core.httpx import Request, Response
from upstreams.core.urls import header_values, url

from core.linear import attacks, is_linear

SOURCE = Path(upstreams.__file__).parent
OWN_FILES = ("management/", "contrib/welcome/", "testing/cassettes/", "vendored.py")
"""Where patterns read what a developer has written, started or recorded."""


def patterns():
    """Yield each pattern of the package with its place."""
    for file in sorted(SOURCE.rglob("*.py")):
        if str(file.relative_to(SOURCE)).startswith(OWN_FILES):
            continue
        tree = ast.parse(file.read_text())
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_of_re(node.func)]
        names = vars(import_module(_module(file))) if calls else {}
        for call in calls:
            flags = [one.value for one in call.keywords if one.arg == "flags"]
            flags += call.args[1:2] if call.func.attr == "compile" else []
            pattern, *flags = [
                eval(compile(ast.Expression(one), "", "eval"), names) for one in (call.args[0], *flags)
            ]
            place = f"{file.relative_to(SOURCE)}: {pattern!r}"
            yield pytest.param(re.compile(pattern, *flags), id=place[:120])


def _is_of_re(called):
    return (
        isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "re"
    )


def _module(file):
    parts = file.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


PATTERNS = list(patterns())


def test_all_patterns_are_found():
    assert len(PATTERNS) > 20


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_is_linear(pattern):
    slow = [attack(40) for attack in attacks(pattern) if not is_linear(pattern.search, attack)]
    assert slow == []


@pytest.mark.parametrize("pattern", [r"\[.*?\]", "a.*b", r"\s+$", rb"[a-z]+@"])
def test_a_pattern_that_is_not_linear_is_found(pattern):
    compiled = re.compile(pattern)
    assert not all(is_linear(compiled.search, attack) for attack in attacks(compiled))


class Known(msgspec.Struct, forbid_unknown_fields=True):
    text: str = ""


def sent(body=b"", query=None):
    return SimpleNamespace(body=body, GET=SimpleNamespace(dict=lambda: query))


def ask(parse, request):
    with pytest.raises(parse.__globals__["BadRequest"]):
        parse(request, Known)


def template(path):
    with pytest.raises(UnsafeRequest):
        url("http://a.test", path, {})


def forwarded(text):
    scope = {"headers": [(b"x-forwarded-for", text.encode())], "client": ("10.0.0.1", 1), "type": "http"}
    ForwardedHeaders(lambda *_: None, ["*"])(scope, None, None)


def body_of_an_upstream(text):
    excerpt(Response(500, content=text.encode()), Request("GET", "http://a.test"))


WORK = {
    "an unknown key": lambda text: ask(parse_body, sent(json.dumps({text: 1}).encode())),
    "a wrong value": lambda text: ask(parse_body, sent(json.dumps({"text": [text]}).encode())),
    "an unknown parameter": lambda text: ask(parse_query, sent(query={text: "1"})),
    "a path template": lambda text: template(text + "?"),
    "a header of a call": lambda text: header_values({"x-a": text}),
    "a forwarded address": forwarded,
    "a length": lambda text: content_length(
        {"http_version": "1.1", "headers": [(b"content-length", text.encode())]}
    ),
    "a body of an upstream": body_of_an_upstream,
}
UNITS = [
    "a",
    "1",
    " ",
    "[",
    "]",
    "`",
    " - at `$[",
    " - at `$",
    "%25",
    "25",
    "../",
    "{",
    ",",
    "1.1.1.1,",
    "secret:",
    '"',
    "\\",
]


@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
@pytest.mark.parametrize("begin", ["", " - at `$", "%"])
def test_work_with_a_text_is_linear(work, begin):
    slow = [
        unit
        for unit in UNITS
        if not is_linear(work, lambda size, unit=unit: begin + unit * (size // len(unit)))
    ]
    assert slow == []
