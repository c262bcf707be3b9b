"""Views that are traced, and views that fail."""

import contextvars
import logging
import threading

from asgiref.sync import async_to_sync
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from testproject import urls
from testproject.quotes import quotes

logger = logging.getLogger(__name__)


def sync_view(request):
    return HttpResponse(async_to_sync(quotes.random)().text)


def thread_view(request):
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=[async_to_sync(quotes.random)])
    thread.start()
    thread.join()
    return HttpResponse()


@csrf_exempt
async def broken_view(request, part):
    body = request.body.decode()
    logger.info("a line before, with %s", body)
    logger.error("it goes wrong for %s", body, extra={"body": body})
    int(body)  # its error holds the text


async def cut_view(request):
    async def chunks():
        yield b"a"
        raise OSError("secret")

    return StreamingHttpResponse(chunks())


urlpatterns = [
    *urls.urlpatterns,
    path("sync", sync_view),
    path("thread", thread_view),
    path("broken/<part>", broken_view),
    path("cut", cut_view),
]
