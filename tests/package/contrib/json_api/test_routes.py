"""The index of an API: whatever is in the URLconf, and nothing else."""

from types import ModuleType

import pytest
from django.conf.urls.i18n import i18n_patterns
from django.http import HttpResponse
from django.urls import include, path, re_path
from upstreams.contrib.json_api import index


def view(request):
    return HttpResponse()


API = [
    path("", index),
    path("quotes/by/<str:author>", view),
    path("<int:pk>/<slug>", view),
    re_path(r"^old/(?P<year>[0-9]{4})/(?:pages/)?$", view),
    path("more/", include([path("", view), path("deep", view), path("deep", view)])),
]


@pytest.fixture
def serve(settings):
    def serve(*urlpatterns):
        settings.ROOT_URLCONF = ModuleType("urls")
        settings.ROOT_URLCONF.urlpatterns = urlpatterns

    return serve


async def test_the_routes_beside_it_are_listed(aclient, serve):
    serve(path("v1/", include(API)), path("v2/other", view), path("v1", view))
    response = await aclient.get("/v1/")
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {
        "routes": [
            "/v1/quotes/by/{author}",
            "/v1/{pk}/{slug}",
            "/v1/old/{year}/",
            "/v1/more/",
            "/v1/more/deep",
        ]
    }


@pytest.mark.parametrize("prefix", [r"^v1/", "v1/"])
async def test_its_own_prefix_may_be_a_regular_expression(aclient, serve, prefix):
    serve(re_path(prefix, include([re_path("^$", index), re_path("^a$", view)])))
    assert (await aclient.get("/v1/")).json() == {"routes": ["/v1/a"]}


async def test_its_own_prefix_may_have_a_parameter(aclient, serve):
    serve(path("<tenant>/", include(API[:2])))
    assert (await aclient.get("/acme/")).json() == {"routes": ["/{tenant}/quotes/by/{author}"]}


async def test_an_api_that_is_empty_has_no_routes(aclient, serve):
    serve(path("v1/", include(API[:1])))
    assert (await aclient.get("/v1/")).json() == {"routes": []}


async def test_a_language_is_part_of_a_path(aclient, serve):
    serve(*i18n_patterns(path("v1/", include(API[:2]))))
    assert (await aclient.get("/en-us/v1/")).json() == {"routes": ["/en-us/v1/quotes/by/{author}"]}


async def test_it_can_only_be_read(aclient, serve):
    serve(path("v1/", include(API)))
    response = await aclient.delete(
        "/v1/", headers={"X-CSRFToken": "a" * 32, "Cookie": "csrftoken=" + "a" * 32}
    )
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
