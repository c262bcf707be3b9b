from dataclasses import asdict

from asgiref.sync import async_to_sync
from django.http import JsonResponse
from django.urls import path

from testproject.quotes import quotes


async def random_quote(request):
    return JsonResponse(asdict(await quotes.random()))


def quotes_by(request, author):
    found = async_to_sync(quotes.by)(author)
    return JsonResponse({"quotes": [asdict(quote) for quote in found]})


urlpatterns = [path("quotes/random", random_quote), path("quotes/by/<str:author>", quotes_by)]
