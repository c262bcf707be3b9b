"""What a client has sent wrong: a response with its reason, and never an error in the log."""

import logging

import pytest
from django.core.checks import run_checks
from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from testproject import urls
from upstreams.core.httpx import httpx

from asgi.both_handlers import app

__all__ = ["app"]

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nf\r\n'


@csrf_exempt
async def reads(request):
    return HttpResponse(f"{len(request.body)} {len(request.POST)}")


async def is_protected(request):
    return HttpResponse()


@csrf_exempt
async def suspects(request):
    raise SuspiciousOperation("the secret of the log")


urlpatterns = [
    *urls.urlpatterns,
    path("reads", reads),
    path("protected", is_protected),
    path("suspects", suspects),
]

REFUSED = [
    ("reads", "application/json", b"x" * 2000, 413, "DATA_UPLOAD_MAX_MEMORY_SIZE"),
    ("reads", FORM, b"a=1&" * 20, 400, "DATA_UPLOAD_MAX_NUMBER_FIELDS"),
    ("protected", FORM, b"a=1&" * 20, 400, "DATA_UPLOAD_MAX_NUMBER_FIELDS"),
    ("protected", "multipart/form-data", b"a", 400, "boundary"),
    ("protected", MULTIPART, PART * 3 + b"--x--\r\n", 400, "DATA_UPLOAD_MAX_NUMBER_FILES"),
]


@pytest.fixture(autouse=True)
def small_limits(settings):
    settings.ROOT_URLCONF = __name__
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2


@pytest.mark.parametrize(("view", "kind", "body", "status", "reason"), REFUSED)
async def test_a_body_that_is_refused_is_a_problem_with_its_reason(
    aclient, caplog, view, kind, body, status, reason
):
    headers = {"Content-Type": kind, "Cookie": "csrftoken=" + "a" * 32}
    response = await aclient.post(f"/{view}", content=body, headers=headers)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert reason in response.json()["detail"]
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(("kind", "body"), [case[1:3] for case in REFUSED[2:]])
@pytest.mark.parametrize(("host", "status"), [("testserver", 404), ("elsewhere.test", 400)])
async def test_the_form_of_a_request_without_a_view_is_not_read(app, caplog, kind, body, host, status):
    headers = {"Content-Type": kind, "Cookie": "csrftoken=" + "a" * 32, "Host": host}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as client:
        response = await client.post("/unknown", content=body, headers=headers)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


@pytest.mark.parametrize(("path", "host"), [("/suspects", "testserver"), ("/reads", "elsewhere.test")])
async def test_what_django_suspects_is_a_warning_without_a_stack(aclient, caplog, path, host):
    response = await aclient.get(path, headers={"Host": host})
    assert (response.status_code, "secret" in response.text) == (400, False)
    said = [one for one in caplog.records if one.name.startswith("django.security")]
    assert [(one.levelname, one.exc_info) for one in said] == [("WARNING", None)] * (path == "/suspects")


@pytest.mark.parametrize(
    ("limit", "named"), [(1000, []), (1001, ["upstreams.W012"]), (None, ["upstreams.W012"])], ids=str
)
def test_two_limits_of_a_body_are_named(settings, limit, named):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = limit
    settings.UPSTREAMS_LIMITS = {"MAX_BODY_SIZE": 1000}
    assert [one.id for one in run_checks(tags=["upstreams"]) if one.id == "upstreams.W012"] == named


@pytest.mark.parametrize(("total", "named"), [(1000, []), (999, ["upstreams.E013"])])
def test_a_limit_of_all_bodies_that_holds_not_one_is_an_error(settings, total, named):
    settings.UPSTREAMS_LIMITS = {"MAX_BODY_SIZE": 1000, "MAX_TOTAL_BODY_SIZE": total}
    assert [one.id for one in run_checks(tags=["upstreams"]) if one.id == "upstreams.E013"] == named
