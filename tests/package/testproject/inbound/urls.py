"""Views with one effect for each id, in which a request can have the process killed, or hold it up.

The header X-Die names where: `begun`, `worked`, `committed` or `responding`. X-Hold is a port of the test, to which the
view connects and from which it waits for a byte.
"""

import asyncio
import os
import signal
import socket

from asgiref.sync import markcoroutinefunction, sync_to_async
from django.db import transaction
from django.http import JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from upstreams.contrib.idempotency.decorators import idempotent
from upstreams.contrib.webhooks.decorators import webhook

from testproject.favourites.models import Favourite
from testproject.workers.tasks import note


def die(request, point):
    if request.headers.get("X-Die") == point:
        os.kill(os.getpid(), signal.SIGKILL)


def die_after_commit(request):
    transaction.on_commit(lambda: die(request, "committed"))


class DieAfterTheView:
    async_capable, sync_capable = True, False

    def __init__(self, get_response):
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request):
        response = await self.get_response(request)
        die(request, "responding")
        return response


die_after_the_view = DieAfterTheView


def hold(request):
    if "X-Hold" in request.headers:
        with socket.create_connection(("127.0.0.1", int(request.headers["X-Hold"]))) as connection:
            connection.recv(1)


async def ahold(request):
    if "X-Hold" in request.headers:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(request.headers["X-Hold"]))
        await reader.read(1)
        writer.close()


async def awork(request, effect):
    die(request, "begun")
    await ahold(request)
    await sync_to_async(die_after_commit)(request)
    await effect
    die(request, "worked")


def work(request, effect, value):
    die(request, "begun")
    hold(request)
    die_after_commit(request)
    effect(value)
    die(request, "worked")


@webhook("billing")
async def received(request):
    await awork(request, note.aenqueue(request.headers["webhook-id"]))


@webhook("billing")
def received_sync(request):
    work(request, note.enqueue, request.headers["webhook-id"])


@csrf_exempt
@idempotent(required=True)
async def repeated(request):
    key = request.headers["Idempotency-Key"]
    await awork(request, Favourite.objects.acreate(text=key, author="ada"))
    return JsonResponse({"key": key}, status=201)


@csrf_exempt
@idempotent(required=True)
def repeated_sync(request):
    key = request.headers["Idempotency-Key"]
    work(request, lambda text: Favourite.objects.create(text=text, author="ada"), key)
    return JsonResponse({"key": key}, status=201)


urlpatterns = [
    path("webhook/async", received),
    path("webhook/sync", received_sync),
    path("repeated/async", repeated),
    path("repeated/sync", repeated_sync),
]
