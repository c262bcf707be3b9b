# example: quotes
"""The example upstream, for `make dev`: a service that knows a few quotes."""

import itertools
import json
import os
import sys
from urllib.parse import unquote, urlsplit

import uvicorn
from django.conf import settings
from django.core.management import CommandError
from upstreams.core.asgi_types import Receive, Scope, Send
from upstreams.management.port import check_port

QUOTES = [
    {"text": "What we know is a drop, what we do not know is an ocean.", "author": "Isaac Newton"},
    {"text": "Nothing in life is to be feared, it is only to be understood.", "author": "Marie Curie"},
    {"text": "The most dangerous phrase is: we have always done it this way.", "author": "Grace Hopper"},
    {"text": "Simplicity is prerequisite for reliability.", "author": "Edsger Dijkstra"},
]
rotation = itertools.cycle(QUOTES)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Respond to `/random`, `/authors/NAME`, `/export` and `/likes`."""
    match scope["path"].strip("/").split("/"):
        case ["random"]:
            await respond(send, 200, next(rotation))
        case ["export"]:
            await respond(send, 200, *QUOTES)
        case ["likes"]:
            await respond(send, 200, {})
        case ["authors", author]:
            await respond(send, 200, [quote for quote in QUOTES if quote["author"] == unquote(author)])
        case _:
            await respond(send, 404, {"detail": "not found"})


async def respond(send: Send, status: int, *lines: object) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": "\n".join(map(json.dumps, lines)).encode()})


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    url = urlsplit(sys.argv[1] if sys.argv[1:] else settings.UPSTREAMS["quotes"]["BASE_URL"])
    host, port = url.hostname or "127.0.0.1", url.port or 8001
    try:
        check_port(host, port)
    except CommandError as error:
        sys.exit(f"{str(error).partition(';')[0]}; UPSTREAMS__QUOTES__BASE_URL in .env takes another one")
    uvicorn.run(app, host=host, port=port, lifespan="off", log_level="warning")


if __name__ == "__main__":
    main()
