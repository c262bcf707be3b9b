"""A page with the upstream calls of the last requests, for developers: `/__upstreams__/requests/`."""

from django.conf import settings
from django.urls import URLPattern, path

from upstreams.asgi.request_traces import ENTRY, PAGE
from upstreams.contrib.waterfall.views import request_page, requests_page

PREFIX = "__upstreams__/requests/"


def waterfall_urlpatterns() -> list[URLPattern]:
    """Return the URLs of the pages under DEBUG, and nothing otherwise, as `staticfiles_urlpatterns` does."""
    if not settings.DEBUG:
        return []
    return [
        path(PREFIX, requests_page, name=PAGE),
        path(f"{PREFIX}<slug:entry>/", request_page, name=ENTRY),
    ]
