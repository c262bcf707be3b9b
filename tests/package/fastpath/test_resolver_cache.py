"""Views that are found at once: always those that Django's resolver finds."""

import pytest
from django.conf.urls.i18n import i18n_patterns
from django.http import HttpResponse
from django.urls import (
    Resolver404,
    URLResolver,
    converters,
    include,
    path,
    re_path,
)
from django.urls.resolvers import RegexPattern, RoutePattern
from django.utils.decorators import async_only_middleware
from django.utils.functional import lazystr
from django.utils.translation import override
from testproject.driver import Client
from upstreams.fastpath.handler import Handler
from upstreams.fastpath.resolver_cache import ResolverCache


def view(request, **_):
    return HttpResponse()


class Fickle(converters.StringConverter):
    """A project's own, which looks the value up somewhere."""

    known = True

    def to_python(self, value):
        if not self.known:
            raise ValueError
        return value


def fickle():
    pattern = path("<str:name>", view)
    pattern.pattern.converters = {"name": Fickle()}
    return pattern


inner = [
    path("", view),
    path("one/", view, name="one"),
    path("<int:pk>", view),
    re_path(r"^(\d+)/two$", view),
]
PLAIN = [
    path("a/", include((inner, "app"), namespace="space")),
    path("b/<slug:slug>/", include(inner)),
    path("c", view, {"more": 1}),
    re_path("^d.*", view),
]


def resolver_of(*patterns):
    return URLResolver(RegexPattern("^/"), patterns)


@pytest.fixture
def looks(monkeypatch):
    """For which paths Django's resolver was asked."""
    seen = []
    resolve = URLResolver.resolve

    def noting(self, path):
        seen.append(path)
        return resolve(self, path)

    monkeypatch.setattr(URLResolver, "resolve", noting)
    return seen


@pytest.mark.parametrize("where", ["a/", "a/one/", "a/7", "a/7/two", "b/x/one/", "b/x/7", "c", "d", "dd"])
def test_a_match_is_that_of_django_each_time(where):
    resolver = resolver_of(*PLAIN)
    found = ResolverCache(resolver)
    stock = vars(resolver.resolve(f"/{where}"))
    assert vars(found.resolve(f"/{where}")) == vars(found.resolve(f"/{where}")) == stock


def test_a_path_without_parameters_is_looked_for_once(looks):
    found = ResolverCache(resolver_of(*PLAIN))
    found.resolve("/a/one/").kwargs["pk"] = "added by a middleware"
    looks.clear()
    assert (found.resolve("/a/one/").kwargs, looks) == ({}, [])


@pytest.mark.parametrize("where", ["a/7", "a/7/two", "b/x/one/", "c"])
def test_one_with_parameters_is_looked_for_each_time(looks, where):
    found = ResolverCache(resolver_of(*PLAIN))
    found.resolve(f"/{where}")
    looks.clear()
    found.resolve(f"/{where}")
    assert looks[0] == f"/{where}"


def test_no_more_are_remembered_than_there_is_room_for(looks, monkeypatch):
    monkeypatch.setattr("upstreams.fastpath.resolver_cache.MAX_PATHS", 1)
    found = ResolverCache(resolver_of(*PLAIN))
    found.resolve("/d1")
    found.resolve("/d2")
    looks.clear()
    found.resolve("/d1")
    found.resolve("/d2")
    assert looks[0] == "/d2"


def test_what_is_not_found_is_not_found_the_second_time():
    found = ResolverCache(resolver_of(*PLAIN))
    with pytest.raises(Resolver404):
        found.resolve("/nowhere")
    with pytest.raises(Resolver404):
        found.resolve("/nowhere")


def test_where_a_converter_of_a_project_has_its_say_nothing_is_remembered(monkeypatch):
    found = ResolverCache(resolver_of(fickle(), path("known", view, name="fixed")))
    monkeypatch.setattr(Fickle, "known", False)
    assert found.resolve("/known").url_name == "fixed"
    monkeypatch.setattr(Fickle, "known", True)
    assert found.resolve("/known").url_name is None


@pytest.mark.parametrize(
    "translated",
    [i18n_patterns(path("", view)), [path(lazystr("de/"), view)], [re_path(lazystr("^de/"), view)]],
    ids=["a prefix", "a route", "a regex"],
)
def test_where_paths_are_translated_nothing_is_remembered(looks, translated):
    found = ResolverCache(resolver_of(*translated))
    with override("de"):
        found.resolve("/de/")
        looks.clear()
        found.resolve("/de/")
    assert "/de/" in looks


def test_nor_where_a_pattern_is_of_a_project_s_own_kind(looks):
    class Own(RoutePattern):
        pass

    pattern = path("e", view)
    pattern.pattern = Own("e", is_endpoint=True)
    found = ResolverCache(resolver_of(pattern))
    found.resolve("/e")
    found.resolve("/e")
    assert looks == ["/e", "/e"]


def test_patterns_may_include_themselves():
    patterns = [path("here", view)]
    patterns.append(path("again/", include(patterns)))
    assert ResolverCache(resolver_of(*patterns)).resolve("/again/again/here").func is view


async def here(request):
    return HttpResponse(__name__)


urlpatterns = [path("plain", here)]


@async_only_middleware
def theirs(get_response):
    async def through(request):
        request.urlconf = __name__
        return await get_response(request)

    return through


async def test_a_change_of_the_url_configuration_is_seen(settings, body_of):
    assert await body_of(Handler()) == b"plain"
    settings.ROOT_URLCONF = __name__
    assert await body_of(Handler()) == __name__.encode()


async def test_so_is_one_for_a_single_request(settings, body_of):
    assert await body_of(Handler()) == b"plain"
    settings.MIDDLEWARE = [f"{__name__}.theirs"]
    assert await body_of(Handler()) == __name__.encode()


@pytest.fixture
def body_of():
    async def asked(handler):
        client = Client()
        await client.ask(handler, path="/plain", headers=[(b"host", b"testserver")])
        return client.body

    return asked
