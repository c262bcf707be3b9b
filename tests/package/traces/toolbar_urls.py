"""The URLs of this suite with those of django-debug-toolbar, which exist under DEBUG alone."""

from debug_toolbar.toolbar import debug_toolbar_urls
from django.http import HttpResponse
from django.urls import path
from testproject.quotes import quotes
from upstreams import gather

from traces.urls import urlpatterns as of_suite


async def page(request):
    await gather(quotes.random(), quotes.random())
    return HttpResponse("<html><body>a page</body></html>")


urlpatterns = [*of_suite, *debug_toolbar_urls(), path("page", page)]
