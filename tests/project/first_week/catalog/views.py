from asgiref.sync import async_to_sync
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework import permissions, viewsets
from rest_framework.decorators import api_view
from rest_framework.response import Response

from services.quotes import quotes

from .models import Item
from .serializers import ItemSerializer


class ItemViewSet(viewsets.ModelViewSet):
    queryset = Item.objects.all()
    serializer_class = ItemSerializer
    permission_classes = [permissions.AllowAny]


@api_view(["GET"])
def ping(request):
    return Response({"ping": "pong"})


async def greeting(request):
    return HttpResponse(f"<body>{_('Yes')}, {await Item.objects.acount()}</body>")


@api_view(["GET"])
def quote(request):
    return Response({"text": async_to_sync(quotes.random)().text})
