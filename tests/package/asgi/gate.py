"""Views that are held until a test lets them go on."""

import asyncio
import threading

from django.http import HttpResponse


class Gate:
    """Holds views of both kinds until it is opened."""

    def __init__(self):
        self.on_loop, self.in_thread = asyncio.Event(), threading.Event()

    def open(self):
        self.on_loop.set()
        self.in_thread.set()

    async def view(self, request):
        await self.on_loop.wait()
        return HttpResponse()

    def sync_view(self, request):
        self.in_thread.wait(30)
        return HttpResponse()
