"""The content security policy: which answers carry one."""

import pytest
from django.http import HttpResponse, JsonResponse
from django.template.context_processors import csp
from django.urls import path
from testproject.driver import Client

HOST = (b"host", b"testserver")


@pytest.fixture(autouse=True)
def urls(settings):
    settings.ROOT_URLCONF = __name__


async def nonce(request):
    return HttpResponse(str(csp(request)["csp_nonce"]))


async def typed(request, kind):
    return HttpResponse(content_type=kind)


async def data(request, kind):
    return JsonResponse({}, content_type=kind)


async def untyped(request):
    response = HttpResponse()
    del response["Content-Type"]
    return response


urlpatterns = [
    path("nonce", nonce),
    path("typed/<path:kind>", typed),
    path("data/<path:kind>", data),
    path("untyped", untyped),
]


async def test_what_may_run_has_a_policy_with_the_nonce_of_its_template(app):
    client = Client()
    assert await client.ask(app, path="/nonce", headers=[HOST]) == 200
    policy = client.headers[b"Content-Security-Policy"]
    assert b"script-src 'self' 'nonce-" + client.body + b"'; style-src" in policy


@pytest.mark.parametrize(
    ("path", "has_policy"),
    [
        ("/typed/text/html", True),
        ("/typed/Text/HTML", True),
        ("/data/text/html", True),
        ("/typed/image/svg+xml", True),
        ("/typed/text/plain", False),
        ("/typed/application/json", False),
        ("/data/application/json", False),
        ("/untyped", False),
    ],
)
async def test_only_what_may_run_has_a_policy(app, path, has_policy):
    client = Client()
    assert await client.ask(app, path=path, headers=[HOST]) == 200
    assert (b"Content-Security-Policy" in client.headers) == has_policy
