from django.http import HttpRequest, JsonResponse
from django.urls import path


async def quote(request: HttpRequest, which: str) -> JsonResponse:
    response = await request.state["client"].get(which)
    response.raise_for_status()
    return JsonResponse(response.json())


urlpatterns = [path("v1/quotes/<str:which>", quote)]
