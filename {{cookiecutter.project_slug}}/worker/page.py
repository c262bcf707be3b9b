"""What a worker answers if it is given a port: the probes and the metrics of server/, and nothing else."""

import threading
from collections.abc import Callable

import uvicorn
from django.conf import settings

from server.metrics_page import MetricsPage
from server.probes import Probes
from server.types import Receive, Scope, Send
from services.core import connections, sampling


def serve(host: str, port: int, is_ready: Callable[[], bool]) -> None:
    """Answer `/livez`, `/readyz` and, to those who may, `/metrics`, in a thread, as long as the process lives.

    Args:
        host: address to listen on.
        port: port to listen on.
        is_ready: whether the worker can take tasks.
    """
    page = MetricsPage(_nothing, token=settings.METRICS_TOKEN, public=settings.DEBUG, sample=_sample)
    config = uvicorn.Config(
        Probes(page, is_ready),
        interface="asgi3",  # it is no coroutine function, by which uvicorn would know
        host=host,
        port=port,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
    )
    threading.Thread(target=uvicorn.Server(config).run, name="page", daemon=True).start()


def _sample() -> None:
    if owner := connections.running_owner():
        owner[1].call_soon_threadsafe(sampling.sample)


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})
