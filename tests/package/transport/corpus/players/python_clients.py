"""The clients that are Python packages, each with its own way to read a body as it came."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import aiohttp
import httpx2
import requests

from transport.corpus.players.reading import Read

TIMEOUT = 5
AT_ONCE = 8


def in_threads(read_one):
    def play(jobs):
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return dict(zip(jobs, pool.map(lambda job: read_one(*job), jobs.values()), strict=True))

    return play


def with_requests(method, url):
    with requests.Session() as session:
        session.trust_env = False

        def one(method, path):
            more = {"timeout": TIMEOUT, "stream": True, "allow_redirects": False}
            with session.request(method, url + path, **more) as response:
                values = response.raw.headers.getlist("x")
                # It has read the body of a redirect itself.
                parts = [response.content] if response.is_redirect else response.raw.stream(2**16, False)
                body = b"".join(parts)
                return response.status_code, body, ", ".join(values).encode("latin-1", "replace")

        return _both(one, method)


def with_httpx2(method, url):
    with httpx2.Client(trust_env=False, timeout=TIMEOUT) as client:

        def one(method, path):
            with client.stream(method, url + path) as response:
                values = [value for name, value in response.headers.raw if name.lower() == b"x"]
                return response.status_code, b"".join(response.iter_raw()), b", ".join(values)

        return _both(one, method)


def _both(one, method):
    try:
        read = Read(*one(method, "/"))
    except Exception:  # noqa: BLE001 - whichever error it is, the caller has no response
        return Read()
    try:
        return read._replace(following=one("GET", "/next")[1])
    except Exception:  # noqa: BLE001
        return read


def with_aiohttp(jobs):
    return asyncio.run(_with_aiohttp(jobs))


async def _with_aiohttp(jobs):
    slots = asyncio.Semaphore(AT_ONCE)

    async def limited(job):
        async with slots:
            return await _aiohttp(*job)

    return dict(zip(jobs, await asyncio.gather(*map(limited, jobs.values())), strict=True))


async def _aiohttp(method, url):
    timeout = aiohttp.ClientTimeout(TIMEOUT)
    async with aiohttp.ClientSession(auto_decompress=False, timeout=timeout) as session:

        async def one(method, path):
            async with session.request(method, url + path, allow_redirects=False) as response:
                values = [value for name, value in response.raw_headers if name.lower() == b"x"]
                return response.status, await response.read(), b", ".join(values)

        try:
            read = Read(*await one(method, "/"))
        except Exception:  # noqa: BLE001
            return Read()
        try:
            return read._replace(following=(await one("GET", "/next"))[1])
        except Exception:  # noqa: BLE001
            return read
