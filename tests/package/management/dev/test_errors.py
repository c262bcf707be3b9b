"""Broken code is shown once, ends nobody else, and the next save brings the service back."""

import re

import pytest

pytestmark = pytest.mark.processes

BROKEN = {
    "a syntax error": ("shop/views.py", "def index(request:\n", "SyntaxError: '(' was never closed"),
    "an unknown name": ("shop/views.py", "nme\n", "NameError: name 'nme' is not defined"),
    "in the URLs": ("config/urls.py", "import nothing\n", "ModuleNotFoundError: No module named 'nothing'"),
    "in asgi.py": ("config/asgi.py", "1 / 0\n", "ZeroDivisionError: division by zero"),
    "in the settings": ("config/settings.py", "DEBUG = nme\n", "NameError: name 'nme' is not defined"),
    "a wrong setting": (
        "config/settings.py",
        "UPSTREAMS_TIMEOUTS = {'REQUEST': 'x'}\n",
        "UPSTREAMS_TIMEOUTS",
    ),
    "a wrong variable": (".env", "DEBUG=maybe\n", "DEBUG: "),
    "a missing variable": (".env", "DEBUG=true\n", "SECRET_KEY: write at least 50 random characters"),
    "a model": (
        "shop/models.py",
        "from django.db import models\nclass A(models.Model):\n    a = models.CharField(max_length='x')\n",
        "shop.A.a: (fields.E121) 'max_length' must be a positive integer.",
    ),
    "manage.py": ("manage.py", "import nothing\n", "ModuleNotFoundError: No module named 'nothing'"),
}
AT_FIRST = ["a syntax error", "a missing variable", "manage.py"]


def each(names):
    return pytest.mark.parametrize(("name", "text", "error"), [BROKEN[name] for name in names], ids=names)


def broken(root, name, text):
    before = (root / name).read_text()
    return {".env": text, "manage.py": text + before}.get(name, before + text)


@each(BROKEN)
def test_an_error_is_shown_and_the_next_save_brings_the_service_back(dev, name, text, error):
    before = (dev.root / name).read_text()
    dev.says("the other one runs")
    dev.write(name, broken(dev.root, name, text))
    at = dev.says("dev: web failed: ")
    assert error in dev.text[at:].splitlines()[0]
    assert dev.get() is None
    assert "dev: other" not in dev.text
    dev.write(name, before)
    dev.serves("first")
    assert dev.process.poll() is None


@each(AT_FIRST)
def test_what_is_broken_at_the_first_start_is_shown_and_waited_for(start, root, name, text, error):
    before = (root / name).read_text()
    (root / name).write_text(broken(root, name, text))
    dev = start()
    dev.says(error)
    dev.until(lambda: re.search("dev: .*a file .* saved", dev.text))
    assert dev.get() is None
    dev.write(name, before)
    dev.serves("first")


@pytest.mark.parametrize("seconds", [0, 0.6], ids=["at once", "a moment later"])
def test_an_error_that_two_processes_share_is_shown_once(start, root, seconds):
    (root / "Procfile").write_text("one: python broken.py\ntwo: python broken.py\n")
    # As long as an interpreter with much to clear up takes to end.
    (root / "broken.py").write_text(f"import atexit, time\natexit.register(time.sleep, {seconds})\nnme\n")
    dev = start()
    dev.says("dev: one failed: NameError: name 'nme' is not defined; it starts again when a file is saved\n")
    dev.says("dev: two failed: NameError: name 'nme' is not defined; it starts again when a file is saved\n")
    assert dev.text.count("Traceback") == 1


def test_a_process_that_has_ended_ends_no_other(start, root):
    procfile = (root / "Procfile").read_text()
    (root / "Procfile").write_text(f"{procfile}killed: python killed.py\nshort: true\n")
    (root / "killed.py").write_text("import os\nos.kill(os.getpid(), 9)\n")
    dev = start()
    dev.serves("first")
    dev.says("dev: killed failed: ended by SIGKILL; it starts again when a file is saved\n")
    dev.says("dev: short has ended; it starts again when a file is saved\n")


@pytest.mark.parametrize("port", ["", "abc", "99999", "-1"])
def test_a_port_that_is_none_is_one_line(start, port):
    dev = start("-m", "upstreams.management.dev", port)
    dev.everything_ends(30)
    dev.says(f"error: port {port} cannot be used; `make dev PORT=8010` takes another\n")


def test_a_real_upstream_without_a_mock_is_one_line(start):
    dev = start("-m", "upstreams.management.dev", "8000", "quotes")
    dev.everything_ends(30)
    dev.says("error: REAL: quotes has no mock; known are all\n")


def test_a_variable_of_the_process_that_no_save_can_change_is_one_line(start):
    dev = start(DEBUG="maybe")
    dev.everything_ends(30)
    dev.says("error: DEBUG: ")
    assert "saved" not in dev.text


def test_a_procfile_that_is_missing_is_named_at_the_start_and_kept_later(dev, start):
    (dev.root / "Procfile").unlink()
    at = dev.says("dev: Procfile changed, restarting\n")
    dev.says("the other one runs\n", at)
    dev.serves("first")
    other = start()
    other.everything_ends(30)
    other.says("error: there is no Procfile here; run `make dev` in the folder of the service\n")
