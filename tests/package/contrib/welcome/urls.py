"""URLs with the first page, the page of requests, and a view."""

from django.http import HttpResponse
from django.urls import path
from upstreams.contrib.waterfall import waterfall_urlpatterns
from upstreams.contrib.welcome import welcome_urlpatterns

urlpatterns = [
    path("v1/a", lambda request: HttpResponse("a")),
    *waterfall_urlpatterns(),
    *welcome_urlpatterns(),
]
