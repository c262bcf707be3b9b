import threading

from django.http import HttpResponse
from django.urls import path

lock = threading.Lock()


def deadlocks(request):
    with lock, lock:
        return HttpResponse()


async def fine(request):
    return HttpResponse()


urlpatterns = [path("deadlocks", deadlocks), path("fine", fine)]
