"""A view for each kind of caller that a web process has."""

import asyncio
import threading

from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.http import JsonResponse
from django.urls import path

from testproject import urls
from testproject.quotes import quotes


async def async_view(request):
    return JsonResponse({"text": (await quotes.random()).text})


def sync_view(request):
    with transaction.atomic():
        user = User.objects.create(username="mine")
        before = (threading.get_ident(), connection.connection)
        text = async_to_sync(quotes.random)().text
        after = (threading.get_ident(), connection.connection)
        sees_its_row = User.objects.filter(pk=user.pk).exists()
        transaction.set_rollback(True)
    return JsonResponse(
        {"text": text, "same thread and connection": before == after, "sees its row": sees_its_row}
    )


def thread_view(request):
    texts = []
    thread = threading.Thread(target=lambda: texts.append(async_to_sync(quotes.random)().text))
    thread.start()
    thread.join()
    return JsonResponse({"text": texts[0]})


async def foreign_loop_view(request):
    quote = await asyncio.to_thread(lambda: asyncio.run(quotes.random()))
    return JsonResponse({"text": quote.text})


class Author(User):
    class Meta:
        app_label = "users"
        proxy = True

    def quotes(self):
        return async_to_sync(quotes.by)(self.username)


async def model_view(request):
    found = await sync_to_async(Author(username="me").quotes)()
    return JsonResponse({"text": found[0].text})


urlpatterns = [
    *urls.urlpatterns,
    path("async", async_view),
    path("sync", sync_view),
    path("thread", thread_view),
    path("foreign-loop", foreign_loop_view),
    path("model", model_view),
]
