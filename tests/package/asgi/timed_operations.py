"""Views with a time of their own, in each form that a project may have; one has annotations that are text."""

from __future__ import annotations

import functools

from asgiref.sync import async_to_sync
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.http import require_safe
from ninja import NinjaAPI, Router, Schema
from ninja.decorators import decorate_view
from upstreams import gather, request_timeout
from upstreams.core import context


def limit(*_: object) -> str:
    return context.deadline.get().key


async def limit_of_calls() -> str:
    async def one() -> str:
        return limit()

    return "/".join(await gather(one(), one()))


@request_timeout(9)
async def async_view(request):
    return HttpResponse(await limit_of_calls())


@request_timeout(9)
def sync_view(request):
    return HttpResponse(async_to_sync(limit_of_calls)())


def bare(view):
    @functools.wraps(view)
    def wrapper(*args):
        return view(*args)

    return wrapper


@require_safe
@request_timeout(9)
@bare
def between(request):
    return HttpResponse(limit())


class Handlers(View):
    @request_timeout(9)
    async def get(self, request):
        return HttpResponse(limit())

    async def post(self, request):
        return HttpResponse(limit())


class Method(View):
    @method_decorator(request_timeout(9))
    def get(self, request):
        return HttpResponse(limit())


@method_decorator(request_timeout(5), name="dispatch")
class Dispatch(View):
    async def get(self, request):
        return HttpResponse(limit())

    @request_timeout(9)
    async def post(self, request):
        return HttpResponse(limit())


class Item(Schema):
    limit: str


api = NinjaAPI(urls_namespace="timed")
router = Router()


@api.get("async")
@request_timeout(9)
async def async_operation(request: HttpRequest, page: int = 1) -> Item:
    return Item(limit=limit())


@router.post("sync", url_name="sync")
@request_timeout(9)
def sync_operation(request: HttpRequest, body: Item) -> Item:
    return Item(limit=limit())


@api.get("decorated")
@decorate_view(request_timeout(9))
async def decorated_operation(request: HttpRequest) -> Item:
    return Item(limit=limit())


async def plain(request, **_):
    return HttpResponse(limit())


def plain_sync(request, **_):
    return HttpResponse(limit())


class Plain(View):
    async def get(self, request):
        return HttpResponse(limit())


api.add_router("", router)
inner = [path("<int:number>/plain", plain, name="plain"), path("sync", plain_sync, name="sync")]
urlpatterns = [
    path("async", async_view),
    path("sync", sync_view),
    path("between", between),
    path("handlers", Handlers.as_view()),
    path("method", Method.as_view()),
    path("dispatch", Dispatch.as_view(), name="dispatch"),
    path("as-view", request_timeout(9)(Plain.as_view())),
    path("reports/", include((inner, "reports"))),
    path("unnamed", plain),
    path("unnamed-class", Plain.as_view()),
    path("admin/", admin.site.urls),
    path("api/", api.urls),
]
