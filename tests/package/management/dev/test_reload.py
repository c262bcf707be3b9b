"""`--reload` of one command, without a Procfile."""

import signal

import pytest

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
