"""What the README of the package promises, in a plain project of each supported Django."""

import shutil
import subprocess

import pytest
from docs.blocks import blocks, write
from docs.commands import SECONDS, run, serving
from testproject.paths import PACKAGE

pytestmark = pytest.mark.processes

THREAD = """
from threading import Thread


def quote_thread(request):
    thread = Thread(target=async_to_sync(quotes.random))
    thread.start()
    thread.join()
    return JsonResponse({})
"""
NOTED = """
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def noted():
    Path("notes").write_text("opened")
    yield
    Path("notes").write_text("opened, closed")


"""
SHELL = "from asgiref.sync import async_to_sync as s; from mysite.quotes import quotes; s(quotes.random)(); print(s(quotes.random)())"
SERVERS = {
    "serve": "python manage.py serve",
    "uvicorn": "uvicorn --lifespan on mysite.asgi:application",
}


def test_the_version_is_the_one_that_is_meant(version, project, env):
    assert run("python -m django --version", project, env).startswith(f"{version}.")


def test_the_checks_find_nothing(project, env):
    assert "no issues (0 silenced)" in run("python manage.py check", project, env)


def test_the_test_of_the_readme_passes(project, env):
    assert "Ran 1 test" in run("python manage.py test", project, env)


def test_the_fixtures_of_pytest_come_from_the_entry_point(migrated, env):
    for block in blocks(PACKAGE / "docs" / "testing.md"):
        if block.path in ("pytest.ini", "tests/test_quotes.py"):
            write(migrated, block)
    assert "3 passed" in run("python -m pytest -q tests", migrated, env)


def test_async_and_sync_views_and_threads_share_one_connection(migrated, env, upstream):
    add(migrated / "mysite" / "views.py", THREAD)
    add(migrated / "mysite" / "urls.py", 'urlpatterns += [path("quote-thread", views.quote_thread)]\n')
    with serving("python manage.py serve", migrated, env) as server:
        for path in ("quote", "quote-sync", "quote-thread"):
            assert server.get(path).status == 200
    assert (len(upstream.requests), upstream.accepted) == (3, 1)


def test_a_command_opens_one_connection(migrated, env, upstream):
    for block in blocks(PACKAGE / "docs" / "calling.md"):
        if block.path == "mysite/management/commands/quote.py":
            write(migrated, block)
    add(migrated / "mysite" / "settings.py", 'INSTALLED_APPS += ["mysite"]\n')
    assert "Simple is better." in run("python manage.py quote", migrated, env)
    assert (len(upstream.requests), upstream.accepted) == (2, 1)


def test_the_shell_opens_one_connection(at_the_upstream, env, upstream):
    assert "Tim" in run(f'python manage.py shell -c "{SHELL}"', at_the_upstream, env)
    assert (len(upstream.requests), upstream.accepted) == (2, 1)


@pytest.mark.parametrize("server", SERVERS)
def test_the_lifespan_opens_and_closes(server, migrated, env):
    asgi = migrated / "mysite" / "asgi.py"
    written = asgi.read_text().replace("[open_clients]", "[open_clients, noted]")
    asgi.write_text(written.replace("application = ", f"{NOTED}application = "))
    with serving(SERVERS[server], migrated, env) as running:
        assert running.get("readyz").status == 200
        assert (migrated / "notes").read_text() == "opened"
    assert (migrated / "notes").read_text() == "opened, closed"


def test_the_fast_path_says_which_django_it_needs(version, at_the_upstream, env):
    add(at_the_upstream / "mysite" / "settings.py", "UPSTREAMS_FAST_PATH = True\n")
    said = attempt("import mysite.asgi", at_the_upstream, env)
    refused = [line for line in said if "UPSTREAMS_FAST_PATH: needs Django 6.1 or newer" in line]
    assert (refused, said[-1:]) == (([], []) if version == "6.1" else (said[-1:], said[-1:]))


def test_tasks_say_which_django_they_need(version, at_the_upstream, env):
    said = attempt("import upstreams.tasks", at_the_upstream, env)
    assert said[-1:] == (
        [
            "django.core.exceptions.ImproperlyConfigured: upstreams.tasks needs Django 6.0 or newer, which has django.tasks"
        ]
        if version == "5.2"
        else []
    )


def attempt(code, project, env):
    python = shutil.which("python", path=env["PATH"])
    done = subprocess.run(
        [python, "-c", code],
        cwd=project,
        env=env,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return done.stderr.splitlines()


def add(file, text):
    file.write_text(f"{file.read_text()}\n{text}")
