"""A view for those who have a token, which says who they are."""

from django.http import JsonResponse
from django.urls import path
from upstreams.contrib.tokens.auth import token_required


@token_required
async def whoami(request, greeting):
    named = await request.auser()
    return JsonResponse([greeting, request.user.username, named.username], safe=False)


urlpatterns = [path("whoami/<str:greeting>", whoami)]
