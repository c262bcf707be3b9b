"""The other clients, asked for the requests of the corpus as their own documentation writes them."""

import asyncio
import json
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, quote_plus

import aiohttp
import httpx2
import requests

from transport.corpus.players.capture import CaptureServer, parsed

NODE = Path(__file__).with_name("node_requests.mjs")
TIMEOUT = 10
AT_ONCE = 8


class Job:
    """Args:
    case: of the corpus.
    port: of the server.
    """

    def __init__(self, case, port):
        more = dict(case.call)
        self.method, path = more.pop("method"), more.pop("path")
        filled = path.format(
            **{name: quote(str(one), "") for name, one in more.pop("parameters", {}).items()}
        )
        base = f"http://127.0.0.1:{port}{case.base.rstrip('/')}"
        self.url = f"{base}/{filled}" if filled else base
        self.headers = dict(more.pop("headers", {}))
        auth = case.keys.get("AUTH", {})
        if "BEARER" in auth:
            self.headers["Authorization"] = f"Bearer {auth['BEARER']}"
        self.basic = tuple(auth["BASIC"]) if "BASIC" in auth else None
        self.more = more  # params, json, data, content


def with_requests(job):
    more = dict(job.more)
    if "content" in more:
        more["data"] = more.pop("content")
    with requests.Session() as session:
        session.trust_env = False
        session.request(job.method, job.url, headers=job.headers, auth=job.basic, timeout=TIMEOUT, **more)


def with_httpx2(job):
    with httpx2.Client(trust_env=False, timeout=TIMEOUT) as client:
        client.request(job.method, job.url, headers=job.headers, auth=job.basic, **job.more)


def with_aiohttp(job):
    async def ask():
        more = dict(job.more)
        if "content" in more:
            more["data"] = more.pop("content")
        headers = dict(job.headers)
        if job.basic:
            headers["Authorization"] = aiohttp.encode_basic_auth(*job.basic, encoding="utf-8")
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(TIMEOUT)) as session,
            session.request(job.method, job.url, headers=headers, **more) as response,
        ):
            await response.read()

    asyncio.run(ask())


def with_curl(job):
    command = ["curl", "--silent", "--http1.1", "--noproxy", "*", "--max-time", str(TIMEOUT)]
    command += ["--head"] if job.method == "HEAD" else ["--request", job.method]
    given = b""
    for name, value in pairs(job.more.get("params") or {}):
        command += ["--url-query", f"{quote_plus(name)}={value}"]  # of which curl encodes the value alone
    for name, value in job.headers.items():
        command += ["--header", f"{name}: {value}" if value else f"{name};"]
    if job.basic:
        command += ["--user", ":".join(job.basic)]
    if "json" in job.more:
        command += ["--json", "@-"]
        given = json.dumps(job.more["json"], ensure_ascii=False).encode()
    for name, value in pairs(job.more.get("data", {})):
        command += ["--data-urlencode", f"{name}={value}"]
    if "content" in job.more:
        command += ["--data-binary", "@-"]
        given = job.more["content"]
    subprocess.run([*command, "--globoff", job.url], input=given, capture_output=True, check=False)


def pairs(values):
    """Return names and values as text, one for each of a list."""
    every = [(name, one if isinstance(one, list) else [one]) for name, one in values.items()]
    return [
        (name, value if isinstance(value, str) else json.dumps(value)) for name, one in every for value in one
    ]


def with_node(kind):
    def ask(job):
        content = job.more.get("content")
        given = {
            "method": job.method,
            "url": job.url,
            "headers": job.headers,
            "basic": job.basic,
            "params": pairs(job.more.get("params") or {}),
            "form": pairs(job.more["data"]) if "data" in job.more else None,
            "content": None if content is None else content.hex(),
        } | ({"json": job.more["json"]} if "json" in job.more else {})
        command = ["node", "--no-warnings", NODE, kind]
        subprocess.run(
            command, input=json.dumps(given).encode(), capture_output=True, check=False, timeout=60
        )

    return ask


ASKING = {
    "curl": with_curl,
    "requests": with_requests,
    "httpx2": with_httpx2,
    "aiohttp": with_aiohttp,
    "node http": with_node("http"),
    "node fetch": with_node("fetch"),
}


def ask(client, cases):
    """Return what a client sends for each case, as text; `error` if it sends nothing."""
    with CaptureServer(cases) as server:

        def one(name):
            try:
                ASKING[client](Job(cases[name], server.ports[name]))
            except Exception:  # noqa: BLE001 - whichever error it is, nothing may have been sent
                return

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(one, cases))
        found = {name: parsed(server.received[name]) for name in cases if name in server.received}
        return {
            name: written(case, *found[name]) if name in found else "error" for name, case in cases.items()
        }


def expected(case):
    """Return what we send, as text."""
    return written(case, case.call["method"], case.target, case.fields, case.body)


def written(case, method, target, fields, body):
    """Return a request as text: with the fields that matter for the case, and JSON as what it means."""
    named = {
        name: fields.get(name) for name in case.fields if name not in ("transfer-encoding", "content-type")
    }
    if "json" in case.call:
        named.pop("content-length", None)
        try:
            body = json.dumps(json.loads(body)).encode()
        except ValueError:
            named["body"] = "not JSON"
    target = re.sub("%..", lambda escape: escape[0].upper(), target)  # RFC 3986 §6.2.2.1
    text = f"{method} {target} {json.dumps(named)} {body.decode('latin-1')}"
    return text if len(text) < 300 else f"{text[:200]}... {len(text)} characters"
