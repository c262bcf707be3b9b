"""A page that reports each event to its service once it shows it."""

import logging

from django.http import HttpResponse
from django.urls import path
from upstreams import EventStreamResponse

from testproject.quotes import quotes

logger = logging.getLogger(__name__)
PAGE = """<!doctype html><title>Tokens</title><p></p><script src="page.js"></script>"""
SCRIPT = """
const p = document.querySelector("p");
new EventSource("/tokens").onmessage = event => {
  p.append(event.data);
  fetch("/shown/" + p.textContent);
};
"""


async def page(request):
    return HttpResponse(PAGE)


async def script(request):
    return HttpResponse(SCRIPT, content_type="text/javascript")


async def tokens(request):
    return EventStreamResponse(event.data async for event in quotes.events("GET", "chat"))


async def shown(request, text):
    logger.warning("the page shows %s.", text)
    return HttpResponse(status=204)


urlpatterns = [
    path("", page),
    path("page.js", script),
    path("tokens", tokens),
    path("shown/<str:text>", shown),
]
