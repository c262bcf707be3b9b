from dataclasses import asdict

from asgiref.sync import async_to_sync
from django.http import JsonResponse

from mysite.quotes import quotes


async def quote(request):
    return JsonResponse(asdict(await quotes.random()))


def quote_sync(request):
    return JsonResponse(asdict(async_to_sync(quotes.random)()))
