"""Requests of each kind, with the status of their response, and the views that serve them."""

import asyncio

from asgiref.sync import async_to_sync
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from ninja import Schema
from testproject.quotes import quotes
from upstreams import gather
from upstreams.contrib.ninja.api import Api

HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
FORM = HEAD + b"a" * 3_000_000 + b"\r\n--x--\r\n"


async def plain(request):
    return HttpResponse()


def sync(request):
    return HttpResponse()


async def raises(request, kind):
    raise ERRORS[kind]


def sync_raises(request, kind):
    raise ERRORS[kind]


async def waits(request):
    request.scope["entered"].set()
    await asyncio.Event().wait()


@csrf_exempt
async def body(request):
    return HttpResponse(request.body)


@csrf_exempt
async def upload(request):
    return JsonResponse({"size": request.FILES["file"].size})


async def stream(request):
    async def parts():
        yield b"a"
        yield b"b"

    return StreamingHttpResponse(parts())


async def one(request):
    return JsonResponse({"text": (await quotes.random()).text})


def sync_one(request):
    return JsonResponse({"text": async_to_sync(quotes.random)().text})


async def three(request):
    return JsonResponse({"texts": [one.text for one in await gather(*[quotes.random() for _ in range(3)])]})


api = Api(title="cycles", version="1", urls_namespace="cycles")


class Order(Schema, extra="forbid"):
    amount: int


@api.post("orders")
async def orders(request, order: Order):
    return {"amount": order.amount}


ERRORS = {
    "500": LookupError,
    "404": Http404,
    "403": PermissionDenied,
    "400": SuspiciousOperation,
    "503": OperationalError,
}
VIEWS = (plain, sync, waits, body, upload, stream, one, sync_one, three)
urlpatterns = [
    *(path(view.__name__, view) for view in VIEWS),
    path("raises/<kind>", raises),
    path("sync-raises/<kind>", sync_raises),
    path("api/", api.urls),
]


def get(path, *more, host=b"testserver"):
    return {"path": path, "headers": [(b"host", host)]}, [{"type": "http.request"}, *more]


def post(path, content, kind=b"application/json"):
    headers = [(b"host", b"testserver"), (b"content-type", kind), (b"content-length", b"%d" % len(content))]
    scope = {"path": path, "method": "POST", "headers": headers}
    return scope, [{"type": "http.request", "body": content, "more_body": True}, {"type": "http.request"}]


REQUESTS = {
    "async": (200, *get("/plain")),
    "sync": (200, *get("/sync")),
    "no URL": (404, *get("/nowhere")),
    "another host": (400, *get("/plain", host=b"other")),
    "no CSRF token": (403, *post("/plain", b"a=1", b"application/x-www-form-urlencoded")),
    "too long": (414, *get("/" + "a" * 9000)),
    "body": (200, *post("/body", b"{}")),
    "too large": (413, *post("/body", b"a" * 11_000_000)),
    "upload": (200, *post("/upload", FORM, b"multipart/form-data; boundary=x")),
    "form without files": (500, *post("/upload", b"--x--\r\n", b"multipart/form-data; boundary=x")),
    "malformed form": (400, *post("/upload", FORM, b"multipart/form-data")),
    "stream": (200, *get("/stream")),
    "the client leaves": (None, *get("/waits", {"type": "http.disconnect"})),
    "ninja": (200, *post("/api/orders", b'{"amount": 1}')),
    "ninja, not JSON": (400, *post("/api/orders", b"{")),
    "ninja, wrong fields": (400, *post("/api/orders", b'{"a": 1, "b": 2}')),
    "a call": (200, *get("/one")),
    "a call, sync": (200, *get("/sync_one")),
    "calls": (200, *get("/three")),
    "probe": (200, *get("/livez")),
    **{f"raises {status}": (int(status), *get(f"/raises/{status}")) for status in ERRORS},
    **{f"raises {status}, sync": (int(status), *get(f"/sync-raises/{status}")) for status in ERRORS},
}
