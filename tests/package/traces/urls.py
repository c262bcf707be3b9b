"""URLs with the page, and views that call the upstream of this suite."""

from asgiref.sync import async_to_sync
from django.http import HttpResponse
from django.urls import path
from testproject.quotes import quotes
from testproject.urls import urlpatterns as of_project
from upstreams import spawn
from upstreams.contrib.waterfall import waterfall_urlpatterns
from upstreams.contrib.welcome import welcome_urlpatterns


async def spawning(request):
    spawn(quotes.random())
    return HttpResponse(status=202)


def sync(request, text):
    return HttpResponse(async_to_sync(quotes.random)().text)


async def nothing(request):
    return HttpResponse("nothing")


async def fails(request):
    raise ZeroDivisionError


urlpatterns = [
    *of_project,
    *waterfall_urlpatterns(),
    path("spawning", spawning),
    path("sync/<str:text>", sync),
    path("nothing", nothing),
    path("fails", fails),
    *welcome_urlpatterns(),
]
