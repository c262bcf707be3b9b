"""A view that calls an upstream."""

from django.http import JsonResponse
from django.urls import path
from upstreams import Upstream

rates, basic, oauth, down = (Upstream(alias) for alias in ("rates", "basic", "oauth", "down"))


async def eur(request):
    return JsonResponse(await rates.get("eur", into=dict))


urlpatterns = [path("eur", eur)]
