"""The peers of `make bench-growth` and `make bench-memory`: in peers/growing/ and ours/bench_growing_urls.py."""

import resource

from catalogue import BOLT, DJANGO, FASTAPI_AIOHTTP, HTTPX2, MANAGE, OURS, STOCK_BOLT, UVICORN, Peer

PEERS = {
    OURS: Peer((*MANAGE, "serve", "--port={port}"), "bench_growing_settings", in_project=True),
    FASTAPI_AIOHTTP: Peer((*UVICORN, "growing.fastapi_aiohttp:application")),
    BOLT: Peer(STOCK_BOLT, "bolt.settings", "growing.bolt_pyqwest:api"),
    HTTPX2: Peer(DJANGO, urls="growing.django_httpx2"),
}


def raise_open_files() -> None:
    """To the hard limit, for this process and those that it starts: 1,000 connections are 2,000 files."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
