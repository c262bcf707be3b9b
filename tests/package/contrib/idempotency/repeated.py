"""Views that a client may repeat, and what they do by the field `does` of the body."""

import json

from django.contrib.auth.models import User
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.urls import path
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from testproject.favourites.models import Favourite
from upstreams.contrib.idempotency.decorators import idempotent
from upstreams.contrib.tokens.auth import token_required


def respond(request, favourite):
    does = json.loads(request.body or "{}").get("does")
    if does == "raise":
        raise LookupError("no")
    if does == "stream":
        return StreamingHttpResponse(iter([b"a"]))
    if does == "nothing":
        return None
    if does == "large":
        return HttpResponse("a" * 2000)
    if does == "template":
        return TemplateResponse(request, engines["django"].from_string("a {{ request.path }}"))
    if isinstance(does, int):
        return JsonResponse({"id": favourite.pk}, status=does)
    response = JsonResponse(
        {"id": favourite.pk}, status=201, headers={"Location": f"/{favourite.pk}", "X-A": "ä"}
    )
    response.set_cookie("a", "b")
    return response


async def plain(request, author):
    return respond(request, await Favourite.objects.acreate(text="a", author=author))


def plain_sync(request, author):
    return respond(request, Favourite.objects.create(text="a", author=author))


add = csrf_exempt(idempotent(plain))
add_sync = csrf_exempt(idempotent(plain_sync))


@csrf_exempt
@idempotent(required=True)
async def strict(request):
    return await plain(request, "ada")


@csrf_exempt
@idempotent(identity=lambda request: request.headers["X-Tenant"])
async def of_tenant(request):
    return await plain(request, "ada")


@csrf_exempt
@token_required
@idempotent
async def own(request):
    return await plain(request, (await request.auser()).username)


@csrf_exempt
@idempotent
@token_required
async def misplaced(request):
    return await plain(request, "ada")


@csrf_exempt
@idempotent
def misplaced_sync(request):
    request.user = User(pk=1)
    return plain_sync(request, "ada")


class Added(View):
    async def post(self, request):
        return await plain(request, "ada")


@idempotent
def form(request):
    return HttpResponse(request.POST["a"])


urlpatterns = [
    path("async/<str:author>", add),
    path("sync/<str:author>", add_sync),
    path("strict", strict),
    path("tenant", of_tenant),
    path("own", own),
    path("misplaced", misplaced),
    path("misplaced-sync", misplaced_sync),
    path("class", csrf_exempt(idempotent(Added.as_view()))),
    path("form", form),
]
