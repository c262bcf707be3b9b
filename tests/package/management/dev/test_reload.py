"""`--reload` of one command, without a Procfile."""

import signal

import pytest
from testproject.processes import SECONDS
from upstreams.core.httpx import httpx

pytestmark = pytest.mark.processes
SERVE = ("serve", "--reload", "--port", "{port}")


@pytest.mark.parametrize("started_by", [["manage.py"], ["-m", "django"]], ids=" ".join)
def test_serve_survives_broken_code_and_refuses_clients_meanwhile(start, root, started_by):
    env = {"PYTHONPATH": str(root), "DJANGO_SETTINGS_MODULE": "config.settings"}
    dev = start(*started_by, *SERVE, **env)
    dev.serves("first")
    text = (root / "shop/views.py").read_text()
    dev.write("shop/views.py", text + "nme\n")
    dev.says(
        "dev: serve failed: NameError: name 'nme' is not defined; it starts again when a file is saved\n"
    )
    assert dev.get() is None
    dev.write("shop/views.py", text.replace("first", "second"))
    dev.serves("second")
    dev.process.send_signal(signal.SIGTERM)
    dev.everything_ends(20)
    assert dev.process.returncode == 0


def test_serve_says_where_it_listens_under_djangos_default_logging(start, root):
    with (root / "config/settings.py").open("a") as file:
        file.write("del LOGGING\n")
    dev = start("manage.py", "serve", "--port", "{port}")
    dev.says(f"Uvicorn running on http://127.0.0.1:{dev.port} (Press CTRL+C to quit)\n")


@pytest.mark.parametrize("command", [("manage.py", *SERVE), ()], ids=["serve --reload", "make dev"])
def test_an_open_stream_does_not_hold_up_a_reload(start, root, command):
    env = {"PYTHONPATH": str(root), "DJANGO_SETTINGS_MODULE": "config.settings"} if command else {}
    dev = start(*command, **env)
    dev.serves("first")
    url = f"http://127.0.0.1:{dev.port}/events"
    with httpx.stream("GET", url, timeout=SECONDS, trust_env=False) as response:
        assert response.status_code == 200
        dev.write("shop/views.py", (root / "shop/views.py").read_text().replace("first", "second"))
        assert response.read() == b""  # raises an error if the stream is cut
    dev.serves("second")
    assert "Traceback" not in dev.text
