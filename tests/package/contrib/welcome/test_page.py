"""The first page under DEBUG: what it shows, that it hides secrets, and that nothing can break it."""

import base64
import hashlib
import re
from html import unescape
from types import ModuleType
from unittest.mock import patch

import pytest
from django.contrib import admin
from django.db import connections
from django.http import HttpResponse
from django.test import AsyncClient
from django.urls import include, path
from testproject.quotes import quotes
from upstreams.contrib.json_api import index
from upstreams.contrib.ninja.api import Api
from upstreams.contrib.welcome import welcome_urlpatterns

MAKEFILE = """
help: ## show this list
test: unit ## run the tests
dev: ## run the service
user: ## make a user
check: ## check all
"""
PYPROJECT = '[project]\nname = "<b>name</b>"\nversion = "1.2"\ndescription = "<script>alert(1)</script>"\n'


def view(request, **_):
    return HttpResponse("mine")


@pytest.fixture
def serve(settings, tmp_path):
    settings.DEBUG, settings.BASE_DIR = True, tmp_path

    def serve(*urlpatterns):
        settings.ROOT_URLCONF = ModuleType("urls")
        settings.ROOT_URLCONF.urlpatterns = [*urlpatterns, *welcome_urlpatterns()]

    serve()
    return serve


def section(response, name):
    """The text of a part of the page, with a space in place of its markup."""
    (html,) = re.findall(rf'aria-labelledby="{name}">(.*?)</section>', response.text, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def links(response):
    return re.findall(r'<a href="([^"]*)"', response.text)


async def test_it_says_what_the_project_is_with_its_markup_escaped(aclient, serve, tmp_path):
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    text = (await aclient.get("/")).text
    assert "<title>&lt;b&gt;name&lt;/b&gt; 1.2</title>" in text
    assert "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>" in text


async def test_its_title_is_the_heading_of_the_readme(aclient, serve, tmp_path):
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "README.md").write_text("Badges\n#  Q \\<i\\> \\& \\\\ C#\\#\n# Another\n")
    text = (await aclient.get("/")).text
    assert "<h1>Q &lt;i&gt; &amp; \\ C##</h1>" in text
    assert '<p class="note">&lt;b&gt;name&lt;/b&gt; 1.2</p>' in text


@pytest.mark.parametrize("text", ["[project", "name = 1", "project = 1", "# ", "\ud800", None])
async def test_a_project_that_says_nothing_is_named_as_its_folder(aclient, serve, tmp_path, text):
    if text is not None:
        for name in ("pyproject.toml", "README.md", "Makefile"):
            (tmp_path / name).write_text(text, "utf-8", "surrogatepass")
    assert f"<h1>{tmp_path.name}</h1>" in (await aclient.get("/")).text


async def test_it_links_to_all_parts(aclient, serve):
    api = Api(title="an api", version="1", urls_namespace="welcome")
    serve(
        path("admin/", admin.site.urls),
        path("v1/", include([path("", index, name="api-root"), path("a", view), path("by/<int:pk>", view)])),
        path("v2/", api.urls),
    )
    response = await aclient.get("/")
    parts = ["/v1/", "/v2/", "/v2/docs", "/v2/openapi.json", "/admin/upstreams_page/upstream/", "/admin/"]
    assert links(response) == [*parts, "/livez", "/readyz", "/metrics", "/v1/a"]
    assert section(response, "routes") == "Routes 2 of this project /v1/a /v1/by/{pk}"


async def test_every_link_leads_somewhere(aclient, serve, async_db):
    serve(path("admin/", admin.site.urls), path("v1/", index, name="api-root"))
    found = {link: (await aclient.get(link)).status_code for link in links(await aclient.get("/"))}
    del found["/metrics"]  # which this application, built without DEBUG, keeps to those with the token
    admin_pages = {"/admin/": 302, "/admin/upstreams_page/upstream/": 302}
    assert found == {"/v1/": 200, "/livez": 200, "/readyz": 200, **admin_pages}


async def test_another_asgi_application_has_no_probes(serve):
    response = await AsyncClient().get("/")
    assert (response.status_code, links(response)) == (200, [])
    assert "python manage.py runserver" in section(response, "commands")


async def test_the_commands_are_those_of_the_makefile(aclient, serve, tmp_path):
    serve(path("admin/", admin.site.urls))
    (tmp_path / "Makefile").write_text(MAKEFILE)
    response = await aclient.get("/")
    commands = "make dev run the service make test run the tests make check check all"
    assert section(response, "commands") == f"Commands of the day {commands}"
    assert "make user makes an account" in section(response, "places")


async def test_without_a_makefile_the_commands_are_djangos(aclient, serve):
    serve(path("admin/", admin.site.urls))
    response = await aclient.get("/")
    assert section(response, "commands").count("python manage.py") == 3
    assert "python manage.py serve" in section(response, "commands")
    assert "python manage.py createsuperuser makes an account" in section(response, "places")


async def test_upstreams_have_their_address_and_state(aclient, serve, upstream_mock):
    upstream_mock("quotes").get("random").json({"text": "a", "author": "b"})
    assert "quotes http://quotes.test/v1 unknown" in section(await aclient.get("/"), "upstreams")
    await quotes.random()
    assert "quotes http://quotes.test/v1 reachable" in section(await aclient.get("/"), "upstreams")


async def test_without_upstreams_it_says_how_to_add_one(aclient, serve, settings):
    settings.UPSTREAMS = {}
    assert "startupstream github https://api.github.com" in section(await aclient.get("/"), "upstreams")


async def test_a_wrong_upstream_hides_its_url_and_breaks_nothing(serve, settings):
    settings.UPSTREAMS = {"<i>": {}, "odd": {"BASE_URL": "https://ada:a-secret@api.test/?key=a-secret"}}
    response = await AsyncClient().get("/")
    assert "<i>" not in response.text
    assert "a-secret" not in response.text
    assert "odd run manage.py check misconfigured" in section(response, "upstreams")


async def test_a_broken_database_breaks_nothing(aclient, serve):
    with patch.object(connections["default"], "connect", side_effect=AssertionError("the page asks for it")):
        assert (await aclient.get("/", headers={"Cookie": "sessionid=a"})).status_code == 200


async def test_its_policy_allows_its_own_style_alone(aclient, serve, settings):
    settings.SECURE_CSP = {"default-src": ["'self'"]}
    response = await aclient.get("/")
    (style,) = re.findall(r"<style>(.*?)</style>", response.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = response.headers["content-security-policy"]
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; ")
    assert re.findall(r'style=|<script| on\w+="|(?:src|href)="(?!/|data:,")', response.text) == []


async def test_a_page_of_the_teams_own_wins(aclient, serve):
    serve(path("", view))
    assert (await aclient.get("/")).text == "mine"


async def test_in_production_there_is_none(aclient, serve, settings):
    settings.DEBUG = False
    serve(path("v1/", index))
    assert (await aclient.get("/")).status_code == 404


async def test_it_leads_to_the_page_of_the_mocks(aclient, serve, monkeypatch):
    assert "Mocks" not in (await aclient.get("/")).text
    monkeypatch.setenv("UPSTREAMS_MOCKS", "http://127.0.0.1:8100,quotes=http://127.0.0.1:8101")
    response = await aclient.get("/")
    assert "http://127.0.0.1:8101 unknown Mocks respond for quotes." in section(response, "upstreams")
    assert "http://127.0.0.1:8100/" in links(response)


async def test_a_wrong_list_of_mocks_does_not_break_it(aclient, serve, monkeypatch):
    monkeypatch.setenv("UPSTREAMS_MOCKS", "nonsense")
    assert "Mocks" not in (await aclient.get("/")).text
