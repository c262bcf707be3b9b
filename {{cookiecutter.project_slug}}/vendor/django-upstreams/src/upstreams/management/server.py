"""Runs uvicorn with the settings of this package; imports it, which needs the extra `asgi`."""

import logging
import os
import sys
from contextlib import ExitStack
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE

from upstreams import conf
from upstreams.asgi.http_protocol import HTTPProtocol
from upstreams.asgi.metrics_multiprocess import share_metrics
from upstreams.asgi.open_files import raise_limit
from upstreams.asgi.parent_watch import SERVER_PID
from upstreams.asgi.websocket_refusal import RejectWebSocket
from upstreams.management.worker_processes import Supervisor

logger = logging.getLogger(__name__)


def run(*, host: str, port: int, workers: int, certfile: str | None, keyfile: str | None) -> None:
    """Serve `conf.asgi_application()` until a signal. Exits with 3 if the start-up fails."""
    config: dict[str, Any] = {
        "app": conf.asgi_application(),
        "host": host,
        "port": port,
        "workers": workers,
        "lifespan": "on",
        # upstreams/asgi/access_log.py logs requests, and settings.LOGGING formats every record.
        "access_log": False,
        "log_config": None,
        "server_header": False,
        "http": HTTPProtocol,
        "ws": RejectWebSocket,
        "proxy_headers": False,  # upstreams/asgi/forwarded_headers.py does that on every server
        "ssl_certfile": certfile,
        "ssl_keyfile": keyfile,
        "timeout_keep_alive": conf.current().timeouts.keep_alive,
        "timeout_graceful_shutdown": conf.current().timeouts.graceful_shutdown,
    }
    _log_where_it_listens()
    raise_limit()
    os.environ[SERVER_PID] = str(os.getpid())
    if workers > 1:
        with ExitStack() as sharing:
            try:
                sharing.enter_context(share_metrics(workers))
            except OSError as error:
                logger.error(
                    "start-up failed: the metrics of %d workers have no space: %s", workers, error.strerror
                )
                sys.exit(STARTUP_FAILURE)
            _run_workers(uvicorn.Config(**config))
    else:
        uvicorn.run(**config)


def _log_where_it_listens() -> None:
    """Show uvicorn's messages where `LOGGING` has no handler for them, as Django's default has not."""
    logger = logging.getLogger("uvicorn")
    if not logger.hasHandlers():
        logger.addHandler(logging.StreamHandler())
        logger.setLevel(logging.INFO)


def _run_workers(config: uvicorn.Config) -> None:
    # As uvicorn.run does it, except that uvicorn exits with 0 when the start-up of its workers has failed.
    supervisor = Supervisor(config, [config.bind_socket()], conf.current().timeouts.startup)
    supervisor.run()
    if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
        sys.exit(STARTUP_FAILURE)
