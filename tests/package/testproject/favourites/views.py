"""A view that writes to the database and enqueues a task in the same transaction."""

from asgiref.sync import sync_to_async
from django.db import transaction
from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt
from upstreams.contrib.json_api import parse_body
from upstreams.contrib.tokens.auth import token_required

from testproject.favourites.models import Favourite
from testproject.favourites.tasks import announce
from testproject.quotes import Quote


@csrf_exempt
@token_required
async def add(request):
    favourite = await sync_to_async(keep)(parse_body(request, Quote))
    return JsonResponse({"id": favourite.pk}, status=201)


def keep(quote):
    with transaction.atomic():
        favourite = Favourite.objects.create(text=quote.text, author=quote.author)
        announce.enqueue(favourite.pk)
    return favourite
