"""Views that receive webhooks, and what they do by the body: `work`, `raise`, `refuse`, `created`."""

from django.http import HttpResponse, JsonResponse
from django.urls import path
from testproject.favourites.models import Favourite
from testproject.workers.tasks import note
from upstreams.contrib.webhooks.decorators import webhook

RESPONSES = {b"refuse": 503, b"created": 201}


@webhook("billing")
async def receive(request, author):
    await Favourite.objects.acreate(text=request.headers["webhook-id"], author=author)
    await note.aenqueue(request.headers["webhook-id"])
    return outcome(request)


@webhook("billing")
def receive_sync(request, author):
    Favourite.objects.create(text=request.headers["webhook-id"], author=author)
    note.enqueue(request.headers["webhook-id"])
    return outcome(request)


def outcome(request):
    if request.body == b"raise":
        raise LookupError("no")
    status = RESPONSES.get(request.body)
    return HttpResponse("the view's", status=status) if status else None


@webhook("biling")
def receive_typo(request):
    return JsonResponse({})


urlpatterns = [
    path("async/<str:author>", receive),
    path("sync/<str:author>", receive_sync),
    path("typo", receive_typo),
]
