"""The peers of `make bench-growth` and `make bench-memory`: in peers/growing/ and ours/bench_growing_urls.py."""

from catalogue import BOLT, DJANGO, FASTAPI_AIOHTTP, HTTPX2, MANAGE, OURS, STOCK_BOLT, UVICORN, Peer

PEERS = {
    OURS: Peer((*MANAGE, "serve", "--port={port}"), "bench_growing_settings", in_project=True),
    FASTAPI_AIOHTTP: Peer((*UVICORN, "growing.fastapi_aiohttp:application")),
    BOLT: Peer(STOCK_BOLT, "bolt.settings", "growing.bolt_pyqwest:api"),
    HTTPX2: Peer(DJANGO, urls="growing.django_httpx2"),
}
