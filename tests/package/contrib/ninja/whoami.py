"""An operation for those who have a token, which says who they are."""

from django.http import HttpRequest
from django.urls import path
from upstreams.contrib.ninja.api import Api
from upstreams.contrib.ninja.auth import Bearer

api = Api(title="whoami", version="1", urls_namespace="whoami")


@api.get("whoami/{greeting}", auth=Bearer())
async def whoami(request: HttpRequest, greeting: str) -> list[str]:
    named = await request.auser()
    return [greeting, request.user.username, named.username]


urlpatterns = [path("", api.urls)]
