"""Views that fail, each in its own way."""

from django.db import OperationalError
from django.http import JsonResponse
from django.urls import include, path
from testproject import urls
from testproject.quotes import Quote, quotes
from upstreams import gather


async def fails(request):
    return JsonResponse(await quotes.get("rates/{currency}", currency="EURO", into=dict))


async def misfits(request):
    return JsonResponse(await quotes.get("random", into=Quote))


async def repeats(request):
    headers = {"X-Api-Key": "an.other", "Cookie": "session=of-a-cookie"}
    await quotes.get("random", headers=headers, params={"token": "a token", "currency": "EURO"})


async def fails_in_a_group(request):
    return JsonResponse(await gather(quotes.get("rates/{currency}", currency="EURO"), quotes.random()))


async def pastes(request, name):
    await quotes.get(f"items/{name}")


async def has_a_bug(request):
    raise LookupError("a bug")


async def has_no_database(request):
    raise OperationalError("no such table: rates")


async def says_it_itself(request):
    return JsonResponse({"mine": True}, status=500)


views = [
    path("fails", fails),
    path("misfits", misfits),
    path("repeats", repeats),
    path("fails-in-a-group", fails_in_a_group),
    path("pasted/<path:name>", pastes),
    path("bug", has_a_bug),
    path("database", has_no_database),
    path("itself", says_it_itself),
]
urlpatterns = [*urls.urlpatterns, *views, path("pages/", include((views, "pages")))]
