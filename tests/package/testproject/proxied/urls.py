"""A view that says where a request has come from."""

from django.http import JsonResponse
from django.urls import path


async def whoami(request):
    return JsonResponse({"client": request.META["REMOTE_ADDR"], "secure": request.is_secure()})


urlpatterns = [path("whoami", whoami)]
