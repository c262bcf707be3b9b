"""The root of an API of django-ninja says where it is documented."""

from types import ModuleType

import pytest
from django.urls import path
from upstreams.contrib.ninja.api import Api

ABOUT = {"title": "an api", "version": "3", "description": "What it does."}


@pytest.fixture
def serve(settings):
    def serve(api):
        settings.ROOT_URLCONF = ModuleType("urls")
        settings.ROOT_URLCONF.urlpatterns = [path("api/", api.urls)]

    return serve


async def test_the_root_links_to_the_documentation(aclient, serve):
    serve(Api(urls_namespace="index", **ABOUT))
    response = await aclient.get("/api/")
    assert response.json() == {**ABOUT, "docs": "/api/docs", "openapi": "/api/openapi.json"}


async def test_what_is_hidden_is_not_linked(aclient, serve):
    serve(Api(urls_namespace="hidden", docs_url=None, openapi_url=None, title="an api", version="3"))
    assert (await aclient.get("/api/")).json() == {"title": "an api", "version": "3"}


async def test_an_operation_of_the_team_wins(aclient, serve):
    api = Api(urls_namespace="own", **ABOUT)
    api.get("")(lambda request: "mine")
    serve(api)
    assert (await aclient.get("/api/")).json() == "mine"


def test_the_schema_has_no_root():
    assert Api(urls_namespace="schema", **ABOUT).get_openapi_schema(path_prefix="/")["paths"] == {}
