from adrf import serializers, viewsets
from adrf.views import APIView
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.http import HttpResponse
from django.shortcuts import render
from django_filters.views import FilterView
from rest_framework import permissions
from rest_framework.response import Response

from services.quotes import quotes

from .filters import BoxFilter
from .models import Box


class BoxSerializer(serializers.ModelSerializer):
    class Meta:
        model = Box
        fields = ["id", "label", "weight"]


class BoxViewSet(viewsets.ModelViewSet):
    queryset = Box.objects.all()
    serializer_class = BoxSerializer
    permission_classes = [permissions.IsAuthenticatedOrReadOnly]


class Weight(APIView):
    permission_classes = [permissions.AllowAny]

    async def get(self, request):
        return Response({"weight": sum([box.weight async for box in Box.objects.all()])})


class Quote(APIView):
    permission_classes = [permissions.AllowAny]

    async def get(self, request):
        return Response({"text": (await quotes.random()).text})


class BoxList(FilterView):
    filterset_class = BoxFilter
    template_name = "depot/boxes.html"


def panel(request):
    template = "depot/panel.html" if request.htmx else "depot/boxes.html"
    return render(request, template, status=422)


def announce(request):
    async_to_sync(get_channel_layer().group_send)("news", {"type": "news"})
    return HttpResponse("sent")
