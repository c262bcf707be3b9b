"""The packages of a team's first week, from the package index, as their READMEs say to use them."""

import json
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from editing import add_app, add_middleware, add_settings, add_urls, insert
from generation import generate
from processes import Running, environment, free_port, run, wait_until

SUITE = 1200  # seconds, on a machine that has much else to do
APPS = Path(__file__).parent / "first_week"
API = ("djangorestframework", "django-cors-headers", "django-debug-toolbar")
OTHERS = (
    "adrf",
    "channels",
    "django-allauth",
    "django-extensions",
    "django-filter",
    "django-htmx",
    "django-simple-history",
    "djangorestframework",
    "whitenoise",
)


class Response(NamedTuple):
    """What the service has sent."""

    status: int
    headers: dict[str, str]
    text: str


Ask = Callable[..., Response]


def project_with(folder: Path, packages: tuple[str, ...], app: str) -> Path:
    project = generate(folder / "out")
    run(["scripts/uv", "add", "--quiet", *packages], project, environment())
    shutil.copytree(APPS / app, project / app)
    return project


@pytest.fixture(scope="module")
def with_api(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with an API of REST framework, CORS, the debug toolbar and a second language."""
    project = project_with(tmp_path_factory.mktemp("api"), API, "catalog")
    settings = project / "config" / "settings.py"
    add_app(project, "rest_framework", "corsheaders", "debug_toolbar", "catalog")
    add_middleware(project, "corsheaders.middleware.CorsMiddleware", before=True)
    common = '    "upstreams.fastpath.middleware.CommonMiddleware",\n'
    insert(settings, common, '"upstreams.fastpath.middleware.LocaleMiddleware",', before=True)
    add_middleware(project, "debug_toolbar.middleware.DebugToolbarMiddleware")
    add_urls(project, 'path("catalog/", include("catalog.urls"))')
    add_urls(project, 'path("__debug__/", include("debug_toolbar.urls"))')
    settings.write_text(settings.read_text().replace('LANGUAGE_CODE = "en-us"', 'LANGUAGE_CODE = "de"'))
    add_settings(
        project, 'CORS_ALLOWED_ORIGINS = ["https://app.example.com"]\nINTERNAL_IPS = ["127.0.0.1"]\n'
    )
    return project


@pytest.fixture(scope="module")
def with_others(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with all the others at once."""
    project = project_with(tmp_path_factory.mktemp("others"), OTHERS, "depot")
    apps = ("rest_framework", "adrf", "django_filters", "django_htmx", "simple_history", "django_extensions")
    add_app(project, *apps, "allauth", "allauth.account", "channels", "depot")
    add_middleware(
        project,
        "django_htmx.middleware.HtmxMiddleware",
        "simple_history.middleware.HistoryRequestMiddleware",
        "allauth.account.middleware.AccountMiddleware",
        "django.middleware.gzip.GZipMiddleware",
        "upstreams.fastpath.middleware.ConditionalGetMiddleware",
    )
    security = '    "upstreams.fastpath.middleware.SecurityMiddleware",\n'
    insert(project / "config" / "settings.py", security, '"whitenoise.middleware.WhiteNoiseMiddleware",')
    add_urls(project, 'path("depot/", include("depot.urls"))', 'path("accounts/", include("allauth.urls"))')
    add_settings(project, (APPS / "depot_settings.txt").read_text())
    return project


@pytest.fixture
def ask(with_api: Path, tmp_path: Path, start: Callable[..., Running]) -> Iterator[Ask]:
    """Asks the service, which runs with `manage.py serve` under DEBUG."""
    port = free_port()
    env = environment(SECRET_KEY="k" * 50, DEBUG="true", DATABASE_URL=f"sqlite:///{tmp_path}/db.sqlite3")
    run([".venv/bin/python", "manage.py", "migrate", "-v0"], with_api, env)
    serving = start([".venv/bin/python", "manage.py", "serve", "--port", str(port)], with_api, env)
    running = wait_until(lambda: "Uvicorn running" in serving.log.read_text(), 60)
    assert running, serving.log.read_text()

    def ask(path: str, body: object = None, **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, named)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return Response(response.status, dict(response.headers), response.read().decode())
        except urllib.error.HTTPError as error:
            return Response(error.code, dict(error.headers), error.read().decode())

    yield ask
    serving.terminate()
    assert serving.everything_ends_within(30), serving.left()


def test_rest_framework_cors_the_toolbar_and_languages_are_served(ask: Ask) -> None:
    json_only = {"Accept": "application/json", "Content_Type": "application/json"}
    created = ask("/catalog/items/", {"name": "Spade", "price": 5}, **json_only)
    refused = ask("/catalog/items/", {"name": "Spade", "price": -1}, **json_only)
    assert (created.status, json.loads(created.text)["name"]) == (201, "Spade")
    assert (refused.status, json.loads(refused.text)) == (400, {"price": ["too low"]})
    assert "Item List" in ask("/catalog/items/", Accept="text/html").text

    shared = ask("/catalog/ping/", Origin="https://app.example.com", **json_only)
    assert shared.headers["access-control-allow-origin"] == "https://app.example.com"

    page = ask("/catalog/greeting/", Accept_Language="fr")
    english = ask("/catalog/greeting/", Accept_Language="en")
    assert ("Oui, 1" in page.text, "Yes, 1" in english.text) == (True, True)
    (toolbar,) = re.findall(r'data-request-id="(\w+)"', page.text)
    queries = ask(f"/__debug__/render_panel/?request_id={toolbar}&panel_id=SQLPanel")
    assert "catalog_item" in json.loads(queries.text)["content"]


@pytest.mark.parametrize(
    "project",
    [pytest.param("with_api", marks=pytest.mark.long), pytest.param("with_others", marks=pytest.mark.long)],
)
def test_a_project_with_packages_passes_every_check(project: str, request: pytest.FixtureRequest) -> None:
    said = run(["make", "check"], request.getfixturevalue(project), environment(), SUITE)
    assert "passed" in said


def test_what_costs_the_fast_path_is_named(with_api: Path) -> None:
    env = environment(DJANGO_SETTINGS_MODULE="tests.settings")
    add_middleware(with_api, "django.middleware.gzip.GZipMiddleware")
    said = run([".venv/bin/python", "manage.py", "check"], with_api, env)
    assert "MIDDLEWARE: django.middleware.gzip.GZipMiddleware takes every request through a thread" in said
