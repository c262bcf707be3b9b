"""None: no request comes to workers."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
