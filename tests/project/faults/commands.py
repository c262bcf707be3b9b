"""How each server runs a target: by its own command."""

from collections.abc import Mapping
from typing import Any

PACKAGES = ["granian>=2.8,<3", "gunicorn>=27,<28", "hypercorn>=0.18,<0.19"]
SERVERS = ("uvicorn", "granian", "gunicorn", "hypercorn")
TWO_WORKERS = "uvicorn, 2 workers"
PLAIN = "plain"
COMMANDS = {
    "serve": "manage.py serve --port {port} --workers {workers}",
    "serve --reload": "manage.py serve --port {port} --reload",
    "reload": "-m uvicorn {app} --port {port} --reload --lifespan on --timeout-graceful-shutdown {grace}",
    "uvicorn": "-m uvicorn {app} --port {port} --workers {workers} --lifespan on --timeout-graceful-shutdown {grace}",
    "without a lifespan": "-m uvicorn {app} --port {port} --lifespan off --no-access-log",
    "granian": "-m granian --interface asgi --port {port} --workers {workers} --respawn-failed-workers "
    # What fails twice within it is not started again, and granian ends.
    "--respawn-interval 20 --workers-kill-timeout {kill} {app}",
    # Its control socket would lie in the home directory.
    "gunicorn": "-m gunicorn --worker-class asgi --asgi-lifespan on --bind 127.0.0.1:{port} --workers {workers} "
    "--graceful-timeout {kill} --no-control-socket {app}",
    "hypercorn": "-m hypercorn --bind 127.0.0.1:{port} --workers {workers} --graceful-timeout {grace} {app}",
}
GRACE = 15


def command(target: str, server: str, port: int, workers: int, settings: Mapping[str, Any]) -> list[str]:
    """Return the arguments with which Python runs this target on this server."""
    timeouts = settings.get("UPSTREAMS_TIMEOUTS", {})
    grace = timeouts.get("GRACEFUL_SHUTDOWN", GRACE)
    # Where a server knows one grace only, closing is a part of it.
    kill = grace + timeouts.get("CLIENT_DRAIN", 2) + timeouts.get("CLIENT_CLOSE", 2)
    is_plain = target == PLAIN
    served = {"uvicorn": "serve", "reload": "serve --reload"}
    name = server if is_plain else served.get(server, server)
    app = "plain:application" if is_plain else "config.asgi:application"
    return COMMANDS[name].format(app=app, port=port, workers=workers, grace=grace, kill=round(kill)).split()
