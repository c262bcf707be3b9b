"""A project with the code of docs/frameworks.md, and the servers of the frameworks."""

import shutil
from pathlib import Path

from testproject.paths import PACKAGE

from docs.blocks import blocks, write

FILES = Path(__file__).with_name("in_frameworks")
PAGE = PACKAGE / "docs" / "frameworks.md"
BOLT = "python manage.py runbolt --host 127.0.0.1"
SERVERS = {
    "fastapi": "python -m django serve",
    "starlette": "uvicorn --lifespan on mysite.of_starlette:application",
    "django-bolt": f"{BOLT} --processes 1",
    "two processes of django-bolt": f"{BOLT} --processes 2",
}
SETTINGS = """

import os

UPSTREAMS["quotes"]["BASE_URL"] = os.environ["QUOTES_URL"]
"""
LIFESPAN = """

import asyncio
import json
import os
from pathlib import Path

from upstreams import UpstreamClosed, UpstreamTimeout, request_timeout
from upstreams.clients import registry

from mysite.quotes import quotes

lifespan_of_the_page = lifespan


@asynccontextmanager
async def lifespan(app):
    async with lifespan_of_the_page(app):
        yield
    open_clients = [alias for clients in registry.all_clients() for alias in clients.by_alias]
    try:
        await quotes.random()
    except UpstreamClosed as error:
        Path(os.environ["NOTES"], str(os.getpid())).write_text(json.dumps([open_clients, str(error)]))


@request_timeout(0.2)
async def limit():
    try:
        await quotes.random()
    except UpstreamTimeout as error:
        return {"limit": error.limit.key}


async def process():
    return {"id": os.getpid(), "owns": asyncio.get_running_loop() in registry.clients_by_loop}
"""
"""Notes what is open when the lifespan of the page has ended, and the error of a call then; has two views for all."""
FASTAPI = """

from asgiref.sync import async_to_sync

from mysite.calls import limit, process
from prometheus_client import make_asgi_app

application.mount("/metrics", make_asgi_app())
application.get("/limit")(limit)
application.get("/process")(process)


@application.get("/quote-sync")
def quote_sync() -> Quote:
    return async_to_sync(quotes.random)()
"""
BOLT_VIEWS = """

from asgiref.sync import async_to_sync, sync_to_async

from mysite.calls import limit, process
from prometheus_client import make_asgi_app

api.mount_asgi("/metrics", make_asgi_app())
api.get("/limit")(limit)
api.get("/process")(process)


@api.get("/quote-sync")
async def quote_sync() -> Quote:
    return await sync_to_async(async_to_sync(quotes.random))()
"""
ADDED = {
    "settings.py": SETTINGS,
    "calls.py": LIFESPAN,
    "asgi.py": FASTAPI,
    "api.py": BOLT_VIEWS,
}
COPIED = {
    "configured.py": "configured.py",
    "kit.py": "test_kit.py",
    "of_starlette.py": "mysite/of_starlette.py",
}


def write_project(project):
    """Write the files of the page, and what the tests need beside them."""
    for block in blocks(PAGE):
        if block.path:
            write(project, block)
    for name, text in ADDED.items():
        file = project / "mysite" / name
        file.write_text(file.read_text() + text)
    for name, file in COPIED.items():
        shutil.copy(FILES / name, project / file)
    return project
