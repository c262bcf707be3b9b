"""Keys that a transport cannot honour are refused, and packages that it lacks are named."""

import subprocess
import sys

import pytest
from upstreams.core import contradictions
from upstreams.core.definition import parse

SECURE = "https://a.test"
NAMES = (
    'write one of "http1" (HTTP/1.1 of this package), "http2" (HTTP/2 of the HTTP library), '
    '"httpx" (HTTP/1.1 of the HTTP library, also through SOCKS), "aiohttp" (HTTP/1.1 of aiohttp)'
)
HTTP = "write a URL such as http://user:password@proxy.example.com:3128"


def problems(**keys):
    return [one.removeprefix('UPSTREAMS["a"]') for one in parse({"a": {"BASE_URL": SECURE, **keys}})[1]]


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"TRANSPORT": "h2"}, f'["TRANSPORT"]: {NAMES}'),
        ({"HTTP2": True}, '["HTTP2"]: unknown key; write "TRANSPORT": "http2"'),
        (
            {"PROXY": "socks5://p.test:1080"},
            '["PROXY"]: "TRANSPORT": "http1" speaks no SOCKS; write "TRANSPORT": "httpx"',
        ),
        (
            {"PROXY": "socks5h://p.test:1080", "TRANSPORT": "aiohttp"},
            '["PROXY"]: "TRANSPORT": "aiohttp" speaks no SOCKS; write "TRANSPORT": "httpx"',
        ),
        (
            {"PROXY": "socks4://p.test:1080", "TRANSPORT": "httpx"},
            f'["PROXY"]: of SOCKS, version 5 is supported: write socks5://proxy.example.com:1080; or, for HTTP, {HTTP}',
        ),
        (
            {"REUSE_CONNECTIONS": False, "TRANSPORT": "http2"},
            '["REUSE_CONNECTIONS"]: HTTP/2 carries all calls over one connection; write "TRANSPORT": "http1" or "httpx"',
        ),
        (
            {"BASE_URL": "http://127.0.0.1", "PROXY": "http://p.test", "TRANSPORT": "http2"},
            '["PROXY"]: HTTP/2 passes a proxy for HTTP only within TLS; write https:// in BASE_URL',
        ),
        (
            {"UDS": "/run/a", "TRANSPORT": "aiohttp"},
            '["UDS"]: aiohttp speaks no TLS over it; write http:// in BASE_URL, or "TRANSPORT": "http1"',
        ),
    ],
)
def test_what_a_transport_cannot_do_is_one_sentence(keys, problem):
    assert problems(**keys) == [problem]


@pytest.mark.parametrize(
    ("keys", "module", "extra"),
    [
        ({"TRANSPORT": "http2"}, "h2", "http2"),
        ({"TRANSPORT": "aiohttp"}, "aiohttp", "aiohttp"),
        ({"TRANSPORT": "httpx", "PROXY": "socks5://p.test"}, "socksio", "socks"),
    ],
)
def test_a_missing_package_is_named_with_its_command(monkeypatch, keys, module, extra):
    monkeypatch.setattr(contradictions, "find_spec", lambda name: None if name == module else name)
    (problem,) = problems(**keys)
    assert problem.endswith(f"needs an extra: scripts/uv add 'django-upstreams[{extra}]'")


@pytest.mark.parametrize(
    "keys",
    [
        {"TRANSPORT": "http2", "PROXY": "socks5://u:p@p.test:1080"},
        {"TRANSPORT": "httpx", "PROXY": "socks5h://p.test", "REUSE_CONNECTIONS": False},
        {"TRANSPORT": "httpx", "UDS": "/run/a"},
        {"TRANSPORT": "aiohttp", "PROXY": "http://p.test"},
    ],
)
def test_what_a_transport_can_do_is_accepted(keys):
    assert problems(**keys) == []


@pytest.mark.processes
def test_no_other_library_is_imported_without_the_key():
    code = (
        "import sys, upstreams.clients.pools, upstreams.clients.metrics_sampler;"
        "print(sorted({'aiohttp', 'anyio', 'h2', 'httpcore2', 'httpcore', 'socksio'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
