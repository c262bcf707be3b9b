"""A first page at `/`, for developers: what the project is, where its parts are, and the state of its upstreams."""

from django.conf import settings
from django.urls import URLPattern, path

from upstreams.contrib.welcome.page import welcome


def welcome_urlpatterns() -> list[URLPattern]:
    """Return the URL of the page under DEBUG, and nothing otherwise, as `staticfiles_urlpatterns` does.

    Put it last in the root URLconf: a `/` of your own before it replaces the page.
    """
    return [path("", welcome)] if settings.DEBUG else []
