"""Errors: `application/problem+json` for programs, Django's pages for people."""

from functools import partial

import pytest
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpResponse, JsonResponse
from django.test import Client
from django.urls import Resolver404, include, path
from django.views.decorators.http import require_GET
from testproject import urls

ERRORS = {
    "bad": partial(BadRequest, "write a number"),
    "denied": partial(PermissionDenied, "ask ada"),
    "missing": partial(Http404, "no such quote"),
    "unresolved": partial(Resolver404, {"tried": ["the secret of the URLs"]}),
    "suspicious": partial(SuspiciousOperation, "the secret of the log"),
    "broken": partial(LookupError, "the secret of the log"),
    "database": partial(OperationalError, "the secret of the log"),
}


async def raises(request, name):
    raise ERRORS[name]()


def raises_sync(request, name):
    raise ERRORS[name]()


async def answers(request, status):
    return HttpResponse(status=status, headers={"X-Kept": "yes", "Content-Encoding": "gzip"})


async def in_words(request):
    return JsonResponse({"error": "mine"}, status=409)


async def in_plain_words(request):
    return HttpResponse("mine", status=418, content_type="text/plain")


async def in_html(request):
    return HttpResponse("<ul><li>Enter a number.</li></ul>", status=422)


@require_GET
async def reads(request):
    return HttpResponse()


views = [
    path("raises/<str:name>", raises),
    path("raises-sync/<str:name>", raises_sync),
    path("answers/<int:status>", answers),
    path("in-words", in_words),
    path("in-plain-words", in_plain_words),
    path("in-html", in_html),
    path("reads", reads),
]
urlpatterns = [*urls.urlpatterns, *views, path("pages/", include((views, "pages")))]


@pytest.fixture(autouse=True)
def own_urls(settings):
    settings.ROOT_URLCONF = __name__
    settings.UPSTREAMS_HTML_ERROR_APPS = ["admin", "pages"]


def summary(response):
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["type"] == "about:blank"
    assert problem["request_id"] == response.headers["x-request-id"]
    assert problem["status"] == response.status_code
    return (problem["status"], problem["title"], problem.get("detail"))


@pytest.mark.parametrize("view", ["raises", "raises-sync"])
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bad", (400, "Bad Request", "write a number")),
        ("denied", (403, "Forbidden", "ask ada")),
        ("missing", (404, "Not Found", "no such quote")),
        ("unresolved", (404, "Not Found", None)),
        ("suspicious", (400, "Bad Request", None)),
        ("broken", (500, "Internal Server Error", None)),
        ("database", (503, "Service Unavailable", None)),
    ],
)
async def test_what_a_view_raises_is_a_problem(aclient, view, name, expected):
    assert summary(await aclient.get(f"/{view}/{name}")) == expected


async def test_a_url_that_nothing_matches_is_a_problem(aclient):
    assert summary(await aclient.get("/v1/nothing")) == (404, "Not Found", None)


async def test_a_method_that_is_not_offered_is_a_problem_which_names_the_others(aclient):
    response = await aclient.delete(
        "/reads", headers={"Cookie": "csrftoken=" + "a" * 32, "X-CSRFToken": "a" * 32}
    )
    assert (summary(response), response.headers["allow"]) == (
        (405, "Method Not Allowed", None),
        "GET, OPTIONS",
    )


async def test_options_names_the_methods(aclient):
    response = await aclient.options("/reads")
    assert (response.status_code, response.headers["allow"]) == (200, "GET, OPTIONS")
    assert (response.content, response.headers["content-length"]) == (b"", "0")
    assert "content-type" not in response.headers


async def test_a_request_that_csrf_refuses_is_a_problem(aclient):
    assert summary(await aclient.post("/reads")) == (403, "Forbidden", None)


async def test_a_host_that_is_not_ours_is_a_problem(aclient):
    assert summary(await aclient.get("/reads", headers={"Host": "elsewhere.test"})) == (
        400,
        "Bad Request",
        None,
    )


@pytest.mark.parametrize(("status", "title"), [(401, "Unauthorized"), (599, "Error")])
async def test_an_error_without_words_becomes_a_problem_and_keeps_its_headers(aclient, status, title):
    response = await aclient.get(f"/answers/{status}")
    assert summary(response) == (status, title, None)
    assert response.headers["x-kept"] == "yes"
    assert "content-encoding" not in response.headers  # that of the body which it had
    assert response.headers["content-length"] == str(len(response.content))


async def test_an_error_in_the_words_of_the_view_stays_as_it_is(aclient):
    response = await aclient.get("/in-words")
    assert (response.status_code, response.json()) == (409, {"error": "mine"})
    assert (await aclient.get("/in-plain-words")).content == b"mine"
    assert (await aclient.get("/in-html")).content == b"<ul><li>Enter a number.</li></ul>"


@pytest.mark.parametrize(("path", "page"), [("v1/nothing", "404.html"), ("raises/broken", "500.html")])
async def test_a_page_of_the_project_is_for_browsers(aclient, settings, path, page):
    loader = ("django.template.loaders.locmem.Loader", {page: "<h1>Ours</h1>"})
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "APP_DIRS": False, "OPTIONS": {"loaders": [loader]}}]
    response = await aclient.get(f"/{path}", headers={"Accept": "text/html,*/*;q=0.8"})
    assert response.text == "<h1>Ours</h1>"
    assert summary(await aclient.get(f"/{path}"))[0] == response.status_code


@pytest.mark.upstreams(quotes={"MAX_ATTEMPTS": 2, "ATTEMPT_TIMEOUT": 0.05, "BACKOFF": 0.001})
async def test_the_log_line_of_a_failed_call_has_its_attempts(aclient, upstream_mock, caplog):
    upstream_mock("quotes").get("random").fail("hang")
    assert (await aclient.get("/quotes/random")).status_code == 504
    (line,) = [record for record in caplog.records if record.name == "upstreams.asgi.problem_details"]
    assert (line.upstream, line.attempts, line.limit) == ("quotes", 2, "ATTEMPT_TIMEOUT")
    assert "no response within ATTEMPT_TIMEOUT, 0.05 s (2 attempts)" in line.getMessage()


@pytest.mark.parametrize(
    "path", ["raises/denied", "raises/missing", "raises/broken", "raises/database", "raises-sync/missing"]
)
async def test_pages_for_people_keep_djangos_html(aclient, path):
    response = await aclient.get(f"/pages/{path}")
    assert response.headers["content-type"].startswith("text/html")
    assert "<h1>" in response.text


async def test_a_form_of_the_admin_that_is_refused_is_html(aclient, async_db):
    response = await aclient.post("/admin/login/")
    assert (response.status_code, response.headers["content-type"]) == (403, "text/html; charset=utf-8")


@pytest.mark.parametrize("path", ["raises/broken", "v1/nothing"])
async def test_a_developer_has_djangos_pages(aclient, settings, path):
    settings.DEBUG = True
    assert (await aclient.get(f"/{path}")).headers["content-type"].startswith("text/html")


async def test_a_developer_has_problems_where_django_says_nothing(aclient, settings):
    settings.DEBUG = True
    assert summary(await aclient.get("/answers/401")) == (401, "Unauthorized", None)


def test_a_sync_chain_has_the_same_problems():
    response = Client().get("/raises-sync/missing")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
