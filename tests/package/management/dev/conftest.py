"""A small service of its own, and its `make dev`."""

import os
import pty
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from contextlib import suppress

import psutil
import pytest
from testproject.processes import SECONDS
from upstreams.core.httpx import httpx
from upstreams.management.dev.output import COLOURS

FILES = {
    "manage.py": """
        import os, sys
        from django.core.management import execute_from_command_line
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        execute_from_command_line(sys.argv)
        """,
    "config/__init__.py": "",
    "config/settings.py": """
        from upstreams.environ import Env
        from upstreams.telemetry.logging import logging_config
        env = Env.read()
        DEBUG = env.debug
        SECRET_KEY = env.secret_key
        INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "upstreams", "shop"]
        ROOT_URLCONF = "config.urls"
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
        DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
        ALLOWED_HOSTS = ["*"]
        UPSTREAMS = env.upstreams({"quotes": {"BASE_URL": "http://127.0.0.1:1", "TIMEOUT": 1}})
        UPSTREAMS_TIMEOUTS = {"SHUTDOWN_DELAY": 0, "REQUEST": 2, "GRACEFUL_SHUTDOWN": 15}
        UPSTREAMS_LIMITS = {"BODY_TIMEOUT": 1}
        TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
        LOGGING = logging_config("INFO", readable=True)
        """,
    "config/urls.py": """
        from django.urls import path
        from shop import views
        urlpatterns = [path("", views.index), path("page", views.page), path("wait", views.wait),
                       path("events", views.events)]
        """,
    "config/asgi.py": """
        from upstreams.asgi.application import get_asgi_application
        application = get_asgi_application()
        """,
    "shop/__init__.py": "",
    "shop/models.py": "",
    "shop/views.py": """
        import asyncio
        from django.conf import settings
        from django.http import HttpResponse, StreamingHttpResponse
        from django.shortcuts import render

        async def index(request):
            print("printed by the view")
            return HttpResponse("first " + settings.UPSTREAMS["quotes"]["BASE_URL"])

        def page(request):
            return render(request, "page.html")

        async def wait(request):
            await asyncio.sleep(600)

        async def events(request):
            async def silent():
                await asyncio.sleep(600)
                yield b""
            return StreamingHttpResponse(silent(), content_type="text/event-stream")
        """,
    "shop/templates/page.html": "first page",
    # Something beside the service: it prints a line when it starts, and starts a process that nobody ends.
    "other.py": """
        import subprocess, time
        subprocess.Popen(["sleep", "600"])
        print("the other one runs")
        time.sleep(600)
        """,
    "Procfile": "web: python manage.py serve --port $PORT\nother: env python other.py # not restarted\n",
    ".env": "SECRET_KEY=short\nDEBUG=true\n",
}


class Dev:
    """A running command, with a terminal of its own, and all that it has started."""

    def __init__(self, root, command, port, **env):
        self.root, self.port = root, port
        self.mark = uuid.uuid4().hex
        self.shown = ""
        kept = {
            name: os.environ[name] for name in ("HOME", "PATH", "PYTHONPYCACHEPREFIX") if name in os.environ
        }
        self.terminal, inside = pty.openpty()
        self.process = subprocess.Popen(
            command,
            cwd=root,
            env={**kept, "DEV_MARK": self.mark, "TERM": "xterm", **env},
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
            preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # noqa: PLW1509 - now it is the controlling one
        )
        os.close(inside)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            try:
                self.shown += os.read(self.terminal, 65536).decode(errors="replace").replace("\r\n", "\n")
            except OSError:
                return

    @property
    def text(self):
        """What the terminal shows, without colours."""
        return COLOURS.sub("", self.shown)

    def type(self, text):
        os.write(self.terminal, text.encode())

    def says(self, words, since=0):
        """Wait for words, and return the position behind them."""
        self.until(lambda: words in self.text[since:])
        return self.text.index(words, since) + len(words)

    def until(self, holds, within=30):
        ends = time.monotonic() + within
        while not holds():
            assert time.monotonic() < ends, self.text
            time.sleep(0.02)

    def get(self, path="/"):
        """The text of a response; None while nobody listens."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=SECONDS, trust_env=False).text
        except (httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError):
            return None

    def serves(self, text, path="/"):
        self.until(lambda: text in (self.get(path) or ""))

    def write(self, name, text):
        """Save as many editors do: a new file takes the place of the old one."""
        fresh = self.root / f"{name}.tmp"
        fresh.write_text(text)
        fresh.rename(self.root / name)

    def left(self):
        return [process for process in psutil.process_iter() if self.mark == mark_of(process)]

    def everything_ends(self, within):
        self.until(lambda: self.process.poll() is not None and not self.left(), within)

    def kill(self):
        for process in self.left():
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        self.process.wait(SECONDS)
        os.close(self.terminal)


def free_port():
    """A port that no client of another process is given meanwhile."""
    while True:
        port = random.randrange(20_000, 30_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def mark_of(process):
    try:
        return process.environ().get("DEV_MARK")
    except psutil.Error:
        return None


@pytest.fixture
def root(tmp_path):
    for name, text in FILES.items():
        lines = [line.removeprefix("        ") for line in text.strip("\n").splitlines()]
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n")
    return tmp_path


@pytest.fixture
def start(root):
    """Starts a command in that service; whatever is left of it is killed."""
    started = []

    def start(*command, **env):
        port = free_port()
        command = command or ("-m", "upstreams.management.dev", "{port}")
        line = [sys.executable, *(part.format(port=port) for part in command)]
        started.append(Dev(root, line, port, **env))
        return started[-1]

    yield start
    for dev in started:
        dev.kill()


@pytest.fixture
def dev(start):
    """`make dev` of that service, once it responds."""
    dev = start()
    dev.serves("first")
    return dev
