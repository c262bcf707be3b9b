"""Static files: what was collected is answered before Django, and nothing else of the disk is."""

import pytest
from django.urls import clear_script_prefix, set_script_prefix
from testproject.driver import Client, answer
from upstreams.asgi.application import _with_static_files
from upstreams.asgi.static import CACHE_BRIEFLY, CACHE_FOREVER, Static

HASHED = "site.0123456789ab.css"


async def django(scope, receive, send):
    await answer(send, b"Django")


@pytest.fixture
def static(tmp_path):
    root = tmp_path / "staticfiles"
    root.mkdir()
    (tmp_path / "secret.css").write_text("secret")
    for name in (HASHED, "site.css"):
        (root / name).write_text("a {}")
    return Static(django, root, "/static/")


@pytest.mark.parametrize(("name", "kept"), [(HASHED, CACHE_FOREVER), ("site.css", CACHE_BRIEFLY)])
async def test_a_collected_file_is_answered_with_how_long_it_may_be_kept(static, name, kept):
    client = Client()
    await client.ask(static, path=f"/static/{name}")
    assert (client.status, client.body) == (200, b"a {}")
    assert client.headers[b"cache-control"] == kept.encode()
    assert client.headers[b"content-type"] == b"text/css; charset=utf-8"
    assert client.headers[b"x-content-type-options"] == b"nosniff"


async def test_a_copy_that_is_still_good_is_not_sent_again(static):
    first, second = Client(), Client()
    await first.ask(static, path=f"/static/{HASHED}")
    headers = [(b"if-none-match", first.headers[b"etag"])]
    assert await second.ask(static, path=f"/static/{HASHED}", headers=headers) == 304


@pytest.mark.parametrize(
    "path",
    [
        "/static/none.css",
        "/static/",
        "/static/../secret.css",
        "/static//etc/passwd",
        "/static/\0",
        "/site.css",
    ],
)
async def test_what_was_not_collected_is_left_to_django(static, path):
    client = Client()
    await client.ask(static, path=path)
    assert client.body == b"Django"


async def test_a_file_is_not_written_to(static):
    client = Client()
    await client.ask(static, path="/static/site.css", method="POST")
    assert client.body == b"Django"


async def test_the_service_runs_before_anything_was_collected(tmp_path):
    client = Client()
    await client.ask(Static(django, tmp_path / "none", "/static/"), path="/static/site.css")
    assert client.body == b"Django"


@pytest.mark.parametrize("setting", ["static/", "/static/"])
async def test_a_proxy_takes_the_script_name_from_the_path(settings, tmp_path, setting):
    (tmp_path / "site.css").write_text("a {}")
    settings.FORCE_SCRIPT_NAME, settings.STATIC_ROOT, settings.STATIC_URL = "/api", tmp_path, setting
    set_script_prefix("/api")  # as django.setup() does
    try:
        client = Client()
        await client.ask(_with_static_files(django), path="/static/site.css")
    finally:
        clear_script_prefix()
    assert client.body == b"a {}"
