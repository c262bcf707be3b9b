"""The service's own URLs, and views that call the upstream of this suite."""

from dataclasses import asdict

from asgiref.sync import async_to_sync
from django.contrib import admin
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.http import JsonResponse, StreamingHttpResponse
from django.urls import path
from upstreams import gather

from testproject.favourites.views import add
from testproject.quotes import quotes


async def random_quote(request):
    return JsonResponse(asdict(await quotes.random()))


async def three_quotes(request):
    found = await gather(quotes.random(), quotes.random(), quotes.random())
    return JsonResponse({"quotes": [asdict(quote) for quote in found]})


def quotes_by(request, author):
    found = async_to_sync(quotes.by)(author)
    return JsonResponse({"quotes": [asdict(quote) for quote in found]})


async def export(request):
    return StreamingHttpResponse(quotes.export())


urlpatterns = [
    path("admin/", admin.site.urls),
    *staticfiles_urlpatterns(),
    path("quotes/random", random_quote),
    path("quotes/three", three_quotes),
    path("quotes/by/<str:author>", quotes_by),
    path("quotes/export", export),
    path("v1/favourites", add),
]
