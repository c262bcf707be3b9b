"""The system check that names each middleware which takes requests through a thread."""

import pytest
from django.core.checks import WARNING
from django.utils.decorators import async_only_middleware, sync_and_async_middleware
from django.utils.deprecation import MiddlewareMixin
from upstreams.asgi import checks
from upstreams.fastpath import middleware

EVERY = "takes every request through a thread, for its"
INLINE = "if its process_exception never waits, set is_sync_safe = True"


def sync_function(get_response):
    return get_response


@async_only_middleware
def async_function(get_response):
    return get_response


@sync_and_async_middleware
def function_for_both(get_response):
    return get_response


class Sync:
    sync_capable = True


class SyncMixin(MiddlewareMixin):
    async_capable = False


class Checking(middleware.SecurityMiddleware):
    def process_view(self, request, view, arguments, named):
        return None


class CheckingAsync(middleware.SecurityMiddleware):
    async def process_view(self, request, view, arguments, named):
        return None


class CheckingForgeries(middleware.CsrfViewMiddleware):
    def process_view(self, request, view, arguments, named):
        return super().process_view(request, view, arguments, named)


class Mapping(middleware.SecurityMiddleware):
    def process_exception(self, request, error):
        return None


class MappingInline(Mapping):
    is_sync_safe = True


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("django.middleware.security.SecurityMiddleware", f"{EVERY} process_request, process_response"),
        ("django.contrib.auth.middleware.LoginRequiredMiddleware", f"{EVERY} process_view"),
        (f"{__name__}.sync_function", "is sync: it takes every request through a thread"),
        (f"{__name__}.Sync", "is sync: it takes every request through a thread"),
        (f"{__name__}.SyncMixin", "is sync: it takes every request through a thread"),
        (f"{__name__}.Checking", f"{EVERY} process_view"),
        (f"{__name__}.Mapping", f"takes what a view raises through a thread; {INLINE}"),
    ],
)
def test_a_middleware_that_uses_a_thread_is_named(settings, name, what):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, name]
    assert [info.msg for info in checks.requests_stay_off_threads()] == [f"MIDDLEWARE: {name} {what}"]


def test_a_setting_that_uses_a_thread_is_named(settings):
    settings.CSRF_USE_SESSIONS = True
    (info,) = checks.requests_stay_off_threads()
    assert info.msg == "CSRF_USE_SESSIONS takes every request through a thread, to load its session"


def test_naming_it_fails_no_deployment_check(settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.Sync"]
    assert [info.level < WARNING for info in checks.requests_stay_off_threads()] == [True]


@pytest.mark.parametrize(
    "name", ["async_function", "function_for_both", "CheckingAsync", "CheckingForgeries", "MappingInline"]
)
def test_a_middleware_that_uses_none_is_not(settings, name):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.{name}"]
    assert checks.requests_stay_off_threads() == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (f"{__name__}.sync_function", "is sync: it takes every request through a thread"),
        ("asgiref.sync.markcoroutinefunction", "markcoroutinefunction may take a thread of its own"),
    ],
)
def test_threads_are_not_counted_where_others_take_them(settings, request, monkeypatch, name, reason):
    monkeypatch.setattr("asgiref.sync.markcoroutinefunction.async_capable", True, raising=False)
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, name]
    with pytest.raises(pytest.skip.Exception, match=reason):
        request.getfixturevalue("thread_switches")
