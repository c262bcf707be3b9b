"""The HTTP port of a worker: `/livez`, `/readyz` and `/metrics`, and 404 for everything else."""

import threading
from collections.abc import Callable

import uvicorn
from django.conf import settings

from upstreams import conf
from upstreams.asgi.health import HealthProbes
from upstreams.asgi.http_protocol import HTTPProtocol
from upstreams.asgi.metrics_endpoint import MetricsEndpoint
from upstreams.clients import metrics_sampler, registry
from upstreams.core.asgi_types import Receive, Scope, Send
from upstreams.tasks import forks


def serve(host: str, port: int, is_ready: Callable[[], bool]) -> None:
    """Serve the probes and the metrics in a daemon thread.

    Args:
        host: address to listen on.
        port: port to listen on.
        is_ready: returns whether the worker takes tasks.
    """
    metrics = MetricsEndpoint(
        _not_found, token=conf.current().metrics_token, public=settings.DEBUG, sample=_sample
    )
    probes = HealthProbes(metrics, is_ready)
    no_fork = forks.lock()

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        with no_fork:
            await probes(scope, receive, send)

    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        http=HTTPProtocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
    )
    threading.Thread(target=uvicorn.Server(config).run, name="health server", daemon=True).start()


def _sample() -> None:
    if owner := registry.running_owner():
        owner[1].call_soon_threadsafe(metrics_sampler.sample)


async def _not_found(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})
