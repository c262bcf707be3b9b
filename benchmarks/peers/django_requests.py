"""Stock Django under threads, one shared session of requests; and its ORM."""

import os

import requests
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, JsonResponse
from django.urls import path

UPSTREAM = os.environ["UPSTREAM"]
session = requests.Session()
session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=256))


def quote(request: HttpRequest, which: str) -> JsonResponse:
    response = session.get(f"{UPSTREAM}/{which}", timeout=5)
    response.raise_for_status()
    return JsonResponse(response.json())


def row(request: HttpRequest, database: str) -> JsonResponse:
    found = ContentType.objects.using(database).get(pk=1)
    return JsonResponse({"app": found.app_label, "model": found.model})


urlpatterns = [
    path("v1/quotes/<str:which>", quote),
    path("v1/rows/<str:database>", row),
]
