"""The upstreams and the views of a plain project."""

from asgiref.sync import async_to_sync
from django.http import JsonResponse
from django.urls import path
from upstreams import Upstream, UpstreamError


class Quotes(Upstream):
    async def random(self):
        return await self.get("random", into=dict[str, str])


quotes = Quotes("quotes")
rates = Upstream("rates")


async def async_view(request):
    return JsonResponse(await quotes.random())


def sync_view(request):
    return JsonResponse(async_to_sync(quotes.random)())


async def careful_view(request):
    try:
        return JsonResponse(await quotes.random())
    except Exception:  # too much, which the kit has to notice
        return JsonResponse({"text": "a default"})


async def failing_view(request):
    try:
        return JsonResponse(await quotes.random())
    except UpstreamError as error:
        return JsonResponse({"error": type(error).__name__}, status=error.status)


urlpatterns = [
    path("async", async_view),
    path("sync", sync_view),
    path("careful", careful_view),
    path("failing", failing_view),
]
