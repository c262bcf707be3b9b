"""The generated project's view that calls its upstream once, as a controller of django-modern-rest."""

from django.urls import path
from dmr import Controller
from dmr.plugins.msgspec import MsgspecSerializer
from services.quotes import Quote, quotes


class QuoteController(Controller[MsgspecSerializer]):
    validate_responses = False  # as its documentation advises for production

    async def get(self) -> Quote:
        return await quotes.random()


urlpatterns = [path("v1/quotes/random", QuoteController.as_view())]
